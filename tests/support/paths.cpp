#include "tests/support/paths.h"

#include <cstdlib>

#include "framework/train/device.h"

namespace mixwright::test {

namespace {

std::filesystem::path from_environment(const char* name, const char* built_in) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : built_in;
}

}  // namespace

std::filesystem::path source_dir() {
  return from_environment("MIXWRIGHT_SOURCE_DIR", MIXWRIGHT_SOURCE_DIR);
}

std::filesystem::path build_dir() {
  return from_environment("MIXWRIGHT_BUILD_DIR", MIXWRIGHT_BUILD_DIR);
}

std::filesystem::path shared_dir() {
  return from_environment("MIXWRIGHT_SHARED_DIR", (source_dir().parent_path() / "shared").c_str());
}

torch::Device device() {
  static const torch::Device chosen =
      train::choose_device(from_environment("MIXWRIGHT_TEST_DEVICE", "cpu").string());
  return chosen;
}

std::shared_ptr<plugin::Registry> registry() {
  static const std::shared_ptr<plugin::Registry> shared = [] {
    plugin::SearchOptions search;
    search.explicit_paths = {(build_dir() / "lib" / "mixwright" / "plugins").string()};
    search.only_explicit = true;
    auto made = std::make_shared<plugin::Registry>();
    made->scan(search);
    return made;
  }();
  return shared;
}

std::shared_ptr<model::PartFactory> factory(const ConfigValue& config) {
  const ConfigValue* parts = config.find("parts");
  return std::make_shared<model::PartFactory>(registry(),
                                              parts == nullptr ? ConfigValue() : *parts);
}

}  // namespace mixwright::test
