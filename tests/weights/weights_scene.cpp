#include "tests/weights/weights_scene.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <mixwright/error.h>

#include "framework/io/safetensors.h"
#include "tests/support/paths.h"

namespace mixwright::weights {

namespace fs = std::filesystem;

namespace {

fs::path keys_folder() {
  return test::source_dir() / "tests" / "weights" / "keys";
}

}  // namespace

std::vector<std::string> key_lists() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(keys_folder())) {
    names.push_back(file.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Tensors random_checkpoint(const std::string& key_list) {
  std::ifstream in(keys_folder() / (key_list + ".txt"));
  Tensors result;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string name;
    std::string type;
    words >> name >> type;
    std::vector<int64_t> shape;
    for (int64_t size = 0; words >> size; words.ignore(1)) shape.push_back(size);
    result[name] = type == "I64" ? torch::randint(1000, shape, torch::kInt64) : torch::randn(shape);
  }
  if (result.empty()) throw Error("no key list " + key_list);
  return result;
}

fs::path zoo_config(const std::string& name) {
  for (const auto& file : fs::recursive_directory_iterator(test::source_dir() / "configs/zoo")) {
    if (file.path().filename() == name + ".toml") return file.path();
  }
  throw Error("no network " + name + " in the zoo");
}

void WeightsScene::write(const std::string& name, const Tensors& tensors) const {
  io::write_safetensors(path(name), {tensors.begin(), tensors.end()});
}

Tensors WeightsScene::read(const std::string& name) const {
  return io::load_safetensors(path(name));
}

test::ProgramResult WeightsScene::run(const std::vector<std::string>& words) const {
  std::vector<std::string> arguments = {"weights"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  test::ProgramOptions options;
  options.folder = folder_.path();
  options.environment["OMP_NUM_THREADS"] =
      "1";  // threads would wait for each other on a busy machine
  return test::run_program(test::build_dir() / "bin" / "mixwright", arguments, options);
}

test::ProgramResult WeightsScene::import(const std::string& network,
                                         const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"import", "--config", zoo_config(network)};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"in.safetensors", "out.safetensors"});
  return run(words);
}

}  // namespace mixwright::weights
