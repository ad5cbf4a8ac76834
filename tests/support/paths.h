#pragma once

#include <filesystem>
#include <memory>

#include "framework/model/factory.h"

namespace mixwright::test {

/// The root of the source tree.
std::filesystem::path source_dir();
/// The build that this test belongs to: program, plugins.
std::filesystem::path build_dir();
/// Folder with reference data beside the source tree; may not exist.
std::filesystem::path shared_dir();
/// What MIXWRIGHT_TEST_DEVICE names, "cuda" for example; otherwise the processor.
torch::Device device();
/// Plugins of this build, nothing else.
std::shared_ptr<plugin::Registry> registry();
/// A factory over them with the parts of a config.
std::shared_ptr<model::PartFactory> factory(const ConfigValue& config);

}  // namespace mixwright::test
