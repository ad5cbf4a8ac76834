// Every component of every plugin of this build goes through one suite.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <gtest/gtest.h>

#include <mixwright/conformance.h>

#include "framework/config/toml_reader.h"
#include "tests/conformance/example_files.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

struct Named {
  std::string kind;
  std::string name;
  std::string library;
};

void PrintTo(const Named& named, std::ostream* out) {
  *out << named.kind << " " << named.name;
}

std::vector<Named> all_components() {
  std::vector<Named> all;
  for (const plugin::Offer& offer : test::registry()->components()) {
    all.push_back({offer.fact->kind, offer.fact->name, offer.library->note.name});
  }
  return all;
}

/// Runs in a folder that holds what the examples of datasets name, relative to it.
class Conformance : public testing::TestWithParam<Named> {
 protected:
  void SetUp() override {
    // The suite's tensors are tiny: on a busy machine threads would only wait for each other.
    at::set_num_threads(1);
    if (GetParam().kind != "dataset") return;
    std::string pattern = (std::filesystem::temp_directory_path() / "mixwright-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    test::write_example_files(folder_);
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
  }
  void TearDown() override {
    if (folder_.empty()) return;
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path before_;
};

TEST_P(Conformance, PassesTheSuite) {
  const auto factory = test::factory(ConfigValue());
  conformance::Subject subject;
  subject.name = GetParam().library + ":" + GetParam().name;
  subject.entry = test::registry()->find(GetParam().kind, subject.name).entry;
  subject.factory = factory.get();
  if (*subject.entry->sample != '\0') {
    subject.example = config::parse_toml(subject.entry->sample, "example of " + subject.name);
  }
  const conformance::Report report = conformance::check(subject);
  std::cout << conformance::text(report, /*every_check=*/true);
  EXPECT_GE(report.checks.size(), 6u);
  EXPECT_EQ(report.count(conformance::Outcome::kFailed), 0u);
}

INSTANTIATE_TEST_SUITE_P(Components,
                         Conformance,
                         testing::ValuesIn(all_components()),
                         [](const testing::TestParamInfo<Named>& info) {
                           return info.param.kind + "_" + info.param.name;
                         });

TEST(ConformanceCoverage, HasTheComponentsOfEveryKind) {
  const std::vector<Named> all = all_components();
  for (const char* kind : {"token_mixer",
                           "channel_mixer",
                           "normalization",
                           "activation",
                           "projection",
                           "interaction",
                           "block",
                           "embedding",
                           "head",
                           "dataset",
                           "task",
                           "transform",
                           "network",
                           "lagrangian",
                           "synapse"}) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Named& named) {
      return named.kind == kind;
    })) << kind;
  }
}

}  // namespace
}  // namespace mixwright
