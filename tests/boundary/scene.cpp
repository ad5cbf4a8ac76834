#include "tests/boundary/scene.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mixwright::test {

namespace fs = std::filesystem;

namespace {

const fs::path kBuild = MIXWRIGHT_BUILD_DIR;
const fs::path kLibraries = kBuild / "tests" / "boundary" / "libraries";
const fs::path kProgram = kBuild / "bin" / "mixwright";

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

void Scene::SetUp() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  root_ = kBuild / "tests" / "boundary" / "run" / test->test_suite_name() / test->name();
  fs::remove_all(root_);
  folder_ = root_ / "plugins";
  fs::create_directories(folder_);
}

fs::path Scene::put(const std::string& library, const std::string& as) {
  fs::path target = folder_ / ("lib" + (as.empty() ? library : as) + ".so");
  fs::copy_file(kLibraries / ("lib" + library + ".so"), target);
  return target;
}

fs::path Scene::put_patched(const std::string& from, const std::string& to, const std::string& as) {
  std::string bytes = bytes_of(kLibraries / "libgood.so");
  const size_t at = bytes.find(from);
  if (at == std::string::npos || from.size() != to.size()) {
    throw std::runtime_error("cannot patch \"" + from + "\"");
  }
  bytes.replace(at, from.size(), to);
  return put_text("lib" + as + ".so", bytes);
}

fs::path Scene::put_text(const std::string& name, const std::string& text) {
  std::ofstream(folder_ / name, std::ios::binary) << text;
  return folder_ / name;
}

ProgramResult Scene::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {"--plugin-path", folder_.string(), "--only-plugin-path"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run_program(kProgram, all);
}

ProgramResult Scene::run_searching(const std::vector<std::string>& arguments,
                                   const std::string& path,
                                   const fs::path& folder) const {
  ProgramOptions options;
  options.environment = {{"MIXWRIGHT_PLUGIN_PATH", path},
                         {"XDG_DATA_HOME", (root_ / "home").string()}};
  options.folder = folder;
  return run_program(kProgram, arguments, options);
}

ProgramResult Scene::run_with_plugins(std::vector<std::string> arguments) const {
  const std::vector<std::string> places = {"--plugin-path",
                                           folder_.string(),
                                           "--plugin-path",
                                           (kBuild / "lib" / "mixwright" / "plugins").string(),
                                           "--only-plugin-path"};
  arguments.insert(arguments.begin(), places.begin(), places.end());
  return run_program(kProgram, arguments);
}

fs::path Scene::config_with(const std::string& mixer) const {
  const fs::path file = root_ / "model.toml";
  std::ofstream(file) << "[model]\n"
                         "input = { shape = [8, 8, 3], classes = 4 }\n"
                         "head = \"classifier\"\n\n"
                         "[[model.stage]]\n"
                         "embedding = { type = \"patch\", size = 4 }\n"
                         "dim = 8\n"
                         "depth = 1\n"
                         "block = \"serial\"\n"
                         "token_mixer = \""
                      << mixer << "\"\n";
  return file;
}

}  // namespace mixwright::test
