// Every token mixer in every system of the zoo, put there by one `--set`: it fits and answers, or
// it is refused before memory is allocated. The outcome is the page docs/mixer_fit.md.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <ATen/record_function.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/config/toml_reader.h"
#include "framework/model/assemble.h"
#include "framework/model/meta_device.h"
#include "tests/support/error_text.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;

/// Bytes of tensors with memory that operations of this thread made while it lives.
class AllocatedBytes {
 public:
  AllocatedBytes() {
    counted_bytes = 0;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(nullptr,
                                   [](const at::RecordFunction& function, at::ObserverContext*) {
                                     for (const c10::IValue& output : function.outputs()) {
                                       if (output.isTensor() && output.toTensor().defined() &&
                                           !output.toTensor().is_meta()) {
                                         counted_bytes +=
                                             static_cast<int64_t>(output.toTensor().nbytes());
                                       }
                                     }
                                   })
            .needsOutputs(true));
  }
  AllocatedBytes(const AllocatedBytes&) = delete;
  AllocatedBytes& operator=(const AllocatedBytes&) = delete;
  ~AllocatedBytes() { at::removeCallback(handle_); }
  static int64_t count() { return counted_bytes; }

 private:
  at::CallbackHandle handle_;
  static thread_local int64_t counted_bytes;
};
thread_local int64_t AllocatedBytes::counted_bytes = 0;

struct ReadConfig {
  std::shared_ptr<model::PartFactory> factory;
  config::RunConfig config;
  model::InputSignal input;
};

ReadConfig read(const fs::path& file, const std::vector<std::string>& sets) {
  const config::LoadedConfig loaded = config::load(file.string(), sets);
  ReadConfig result;
  result.factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  result.config = config::read_config(loaded.root, *result.factory, diagnostics);
  diagnostics.throw_if_errors();
  result.input = model::input_signal(result.config, nullptr);
  return result;
}

int64_t depth_of(const fs::path& file) {
  int64_t depth = 0;
  for (const config::Stage& stage : read(file, {}).config.stages) depth += stage.options.depth;
  return depth;
}

/// Where a system's token mixers stand: blocks have an option for it, blocks that are lists of
/// steps have it in their first, and what stands in several lists is a part with a name.
constexpr const char* kPlaces[] = {"model.stage[*].token_mixer",
                                   "model.stage_defaults.step[0].layers[0].token_mixer",
                                   "model.stage[1].token_mixer",  // behind one without blocks
                                   "parts.rep3"};

struct System {
  std::string name;
  fs::path file;      ///< its network with the fewest blocks
  std::string place;  ///< what one --set writes to
  bool hierarchical = false;
};

System system_of(const fs::path& folder) {
  System system;
  system.name = folder.filename();
  std::vector<std::pair<int64_t, fs::path>> files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".toml" && file.path().filename() != "base.toml") {
      files.emplace_back(depth_of(file.path()), file.path());
    }
  }
  system.file = std::min_element(files.begin(), files.end())->second;
  system.hierarchical = read(system.file, {}).config.stages.size() > 1;
  for (const char* place : kPlaces) {
    const std::string set = std::string(place) + "={type=\"identity\"}";
    if (!test::error_text([&] { read(system.file, {set}); }).empty()) continue;
    system.place = place;
    break;
  }
  return system;
}

std::vector<System> swapped_systems() {
  std::vector<System> result;
  for (const auto& folder : fs::directory_iterator(test::source_dir() / "configs" / "zoo")) {
    if (folder.is_directory()) result.push_back(system_of(folder.path()));
  }
  std::sort(result.begin(), result.end(), [](const System& a, const System& b) {
    return std::tuple(!a.hierarchical, a.name) < std::tuple(!b.hierarchical, b.name);
  });
  return result;
}

/// A mixer as a value of --set: its name, with the options that it cannot do without.
std::string value_of(const std::string& name) {
  const plugin::Found found = test::registry()->find("token_mixer", name);
  ConfigValue table = ConfigValue::table();
  if (*found.entry->sample != '\0') table = config::parse_toml(found.entry->sample, "example");
  table.set("type", name);
  return table.toml();
}

/// "" where the mixer fits, else the reason.
std::string try_swap(const System& system, const std::string& mixer) {
  const std::string set = system.place + "=" + value_of(mixer);
  const ReadConfig read_config = read(system.file, {set});
  const auto& [factory, config, input] = read_config;
  std::string refusal;
  try {
    const model::MetaDevice meta;
    const auto network = model::assemble(config, input, *factory);
    network->eval();
    const torch::NoGradGuard no_grad;
    std::vector<int64_t> sizes = input.shape.grid;
    sizes.insert(sizes.begin(), 2);
    sizes.push_back(input.shape.channels);
    EXPECT_EQ(network->forward(torch::zeros(sizes)).sizes().vec(),
              (std::vector<int64_t>{2, input.classes}));
    return "";
  } catch (const BuildError& error) {
    refusal = error.what();
  }
  const AllocatedBytes allocated;
  EXPECT_EQ(test::error_text([&] { model::assemble(config, input, *factory); }), refusal);
  EXPECT_EQ(AllocatedBytes::count(), 0) << "refused after it allocated";
  EXPECT_THAT(refusal, testing::HasSubstr("token_mixer"));
  EXPECT_THAT(refusal, testing::HasSubstr("(" + mixer + ", lib"));
  EXPECT_THAT(refusal, testing::Not(testing::HasSubstr("\n")));
  return refusal;
}

/// The reason alone, without the place that it begins with.
std::string reason_of(const std::string& refusal) {
  const size_t colon = refusal.find("): ");
  return colon == std::string::npos ? refusal : refusal.substr(colon + 3);
}

using Fits = std::map<std::string, std::map<std::string, std::string>>;  // mixer, system, reason

std::string page_of(const std::vector<System>& all, const Fits& fits) {
  std::ostringstream page;
  page << "# Which token mixer fits which network\n\n"
          "One `--set` puts another token mixer into a whole network of `configs/zoo`:\n\n"
          "```\nmixwright model summary configs/zoo/swin/swin_tiny_patch4_window7_224.toml \\\n"
          "    --set 'model.stage[*].token_mixer=pooling'\n```\n\n"
          "`[*]` means every stage. Below is what comes of it, for every token mixer of ours and "
          "the "
          "smallest network of each\nsystem: `+` fits, `-` is refused before memory is allocated, "
          "for the reason that stands under the table. Made and\nchecked by "
          "`tests/zoo/mixer_swap_test.cpp`.\n";
  for (const bool hierarchical : {true, false}) {
    page << "\n## " << (hierarchical ? "Networks of several stages" : "Networks of one stage")
         << "\n\n| mixer |";
    for (const System& system : all) {
      if (system.hierarchical == hierarchical) page << " " << system.name << " |";
    }
    page << "\n| --- |";
    for (const System& system : all) {
      if (system.hierarchical == hierarchical) page << " --- |";
    }
    for (const auto& [mixer, row] : fits) {
      page << "\n| " << mixer << " |";
      for (const System& system : all) {
        if (system.hierarchical != hierarchical) continue;
        page << (row.at(system.name).empty() ? " + |" : " - |");
      }
    }
    page << "\n";
  }
  std::map<std::string, std::string> reasons;
  for (const auto& [mixer, row] : fits) {
    for (const auto& [system, reason] : row) {
      if (reason.empty()) continue;
      std::string& where = reasons[reason];
      where += (where.empty() ? "" : ", ") + mixer + " in " + system;
    }
  }
  page << "\n## Refused\n\n";
  if (reasons.empty()) page << "Nothing is.\n";
  for (const auto& [reason, where] : reasons) page << "- " << where << ": " << reason << "\n";
  page << "\n## Where the token mixers stand\n\n| system | network | written to |\n| --- | --- | "
          "--- "
          "|\n";
  for (const System& system : all) {
    page << "| " << system.name << " | " << system.file.stem().string() << " | `" << system.place
         << "` |\n";
  }
  return page.str();
}

TEST(MixerSwap, EveryTokenMixerFitsEverySystemOrIsRefusedEarly) {
  const std::vector<System> all = swapped_systems();
  Fits fits;
  for (const std::string& mixer : test::registry()->names("token_mixer")) {
    for (const System& system : all) {
      SCOPED_TRACE(mixer + " in " + system.name);
      ASSERT_NE(system.place, "") << "no --set reaches the token mixers of this system";
      fits[mixer][system.name] = reason_of(try_swap(system, mixer));
    }
  }
  const std::string page = page_of(all, fits);
  std::ifstream file(test::source_dir() / "docs" / "mixer_fit.md");
  std::ostringstream committed;
  committed << file.rdbuf();
  const fs::path made = test::build_dir() / "mixer_fit.md";
  std::ofstream(made) << page;
  EXPECT_EQ(committed.str(), page) << "if the new page is right: cp " << made.string() << " docs/";
}

TEST(MixerSwap, WhatFitsIsAllocated) {
  const ReadConfig read_config = read(
      test::source_dir() / "tests" / "golden" / "configs" / "caformer" / "small_activations.toml",
      {"model.stage[*].token_mixer=pooling"});
  const AllocatedBytes allocated;
  const auto network = model::assemble(read_config.config, read_config.input, *read_config.factory);
  EXPECT_GT(AllocatedBytes::count(), 4 * network->parameters().front().numel());
}

TEST(MixerSwap, ARefusalInTheLastStageComesBeforeTheFirstIsAllocated) {
  const ReadConfig read_config = read(
      test::source_dir() / "tests" / "golden" / "configs" / "caformer" / "small_activations.toml",
      {"model.stage[1].token_mixer={type=\"self_attention\", heads=5}"});
  const AllocatedBytes allocated;
  EXPECT_THAT(test::error_text([&] {
                model::assemble(read_config.config, read_config.input, *read_config.factory);
              }),
              testing::HasSubstr("stage[1].block[0].token_mixer (self_attention"));
  EXPECT_EQ(AllocatedBytes::count(), 0);
}

TEST(MixerSwap, AGridOfAnotherRankIsRefusedByWhatIsDeclared) {
  const fs::path file = test::source_dir() / "configs" / "zoo" / "mlp_mixer" / "mixer_s16_224.toml";
  const ReadConfig made = read(file, {"model.input.shape=[16, 16, 16, 16, 3]"});
  const std::string text =
      test::error_text([&] { model::assemble(made.config, made.input, *made.factory); });
  EXPECT_NE(
      text.find("stage[0].embedding (patch, libembeddings.so): works on grids of rank 1 to 3, "
                "the grid [16, 16, 16, 16] has rank 4"),
      std::string::npos)
      << text;
}

}  // namespace
}  // namespace mixwright
