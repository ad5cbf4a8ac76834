// Components that break one promise each (mutants/): the suite says which one, and honest twins
// pass.

#include <memory>

#include <gmock/gmock.h>

#include <mixwright/conformance.h>

#include "framework/model/factory.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Mutants : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    plugin::SearchOptions search;
    search.explicit_paths = {
        (test::build_dir() / "tests/conformance/mutants/libmutants.so").string()};
    search.only_explicit = true;
    registry = std::make_shared<plugin::Registry>();
    registry->scan(search);
    at::set_num_threads(1);
  }
  static void TearDownTestSuite() { registry.reset(); }

  static conformance::Report report_of(const std::string& kind,
                                       const std::string& name,
                                       conformance::Tier tier = conformance::Tier::kQuick) {
    const model::PartFactory factory(registry, ConfigValue());
    conformance::Subject subject;
    subject.entry = registry->find(kind, name).entry;
    subject.name = name;
    subject.factory = &factory;
    subject.tier = tier;
    return conformance::check(subject);
  }

  static std::vector<std::string> names_of(const conformance::Report& report,
                                           conformance::Outcome outcome) {
    std::vector<std::string> names;
    for (const conformance::Check& check : report.checks) {
      if (check.outcome == outcome) names.push_back(check.name);
    }
    return names;
  }

  static std::vector<std::string> failed(const conformance::Report& report) {
    return names_of(report, conformance::Outcome::kFailed);
  }

  static std::shared_ptr<plugin::Registry> registry;
};

std::shared_ptr<plugin::Registry> Mutants::registry;

/// A mutant and the check that is meant for it.
struct Mutant {
  const char* kind;
  const char* name;
  const char* meant;
};

constexpr Mutant kMutants[] = {
    {"token_mixer", "undocumented", "documented"},
    {"token_mixer", "no_source", "documented"},
    {"token_mixer", "ranks_that_are_none", "declares what there is"},
    {"token_mixer", "refuses_its_defaults", "options agree with describe"},
    {"token_mixer", "out_shape_lies", "shape as promised"},
    {"token_mixer", "batch_of_one", "batches of one and five"},
    {"token_mixer", "odd_sizes_shrink", "odd size [7]"},
    {"token_mixer", "odd_sizes_throw", "odd size [5, 9]"},
    {"token_mixer", "tokens_undeclared", "another grid than it was built for"},
    {"token_mixer", "not_contiguous", "type and layout in Float"},
    {"token_mixer", "expands_mean", "type and layout in Double"},
    {"token_mixer", "float32_constant", "type and layout in BFloat16"},
    {"token_mixer", "wrong_in_bfloat16", "bfloat16 agrees with float64"},
    {"token_mixer", "breaks_under_autocast", "autocast to bfloat16 agrees with float32"},
    {"token_mixer", "wrong_gradient", "gradient equals finite differences"},
    {"token_mixer", "casts_to_float32", "gradient equals finite differences"},
    {"token_mixer", "unused_parameter", "parameters get gradients"},
    {"token_mixer", "nan_for_constant", "constant input stays finite"},
    {"token_mixer", "own_random_device", "same seed, same parameters"},
    {"token_mixer", "draws_by_itself", "same seed, same training"},
    {"token_mixer", "mode_stops", "train and eval reach every part"},
    {"token_mixer", "differs_in_training", "training differs for a reason"},
    {"token_mixer", "hidden_randomness", "evaluation repeats"},
    {"token_mixer", "always_drops", "evaluation repeats"},
    {"token_mixer", "batch_statistics", "samples are independent"},
    {"token_mixer", "rows_mix", "samples are independent"},
    {"token_mixer", "in_place", "input is left alone"},
    {"token_mixer", "returns_scratch", "answers are the caller's"},
    {"token_mixer", "state_not_saved", "saved and loaded"},
    {"token_mixer", "not_thread_safe", "several threads at once"},
    {"token_mixer", "device_forgotten", "follows its input's device"},
    {"token_mixer", "wrong_form", "inference form agrees"},
    {"token_mixer", "shared_form", "inference form agrees"},
    {"token_mixer", "wrong_memory", "memory of keys adds up"},
    {"dataset", "targets_out_of_range", "targets in range"},
    {"dataset", "other_shape", "samples as promised"},
    {"dataset", "draws", "reads repeat"},
    {"dataset", "forgets_order", "samples in the order asked for"},
    {"dataset", "any_index", "a sample that is not there is an error"},
    {"dataset", "shared_cursor", "several threads at once"},
    {"task", "asks_by_itself", "prepared alike"},
    {"transform", "own_random", "samples"},
    {"transform", "in_place", "samples"},
};

TEST_F(Mutants, FailTheCheckThatIsMeantForThem) {
  for (const Mutant& mutant : kMutants) {
    const conformance::Report report = report_of(mutant.kind, mutant.name);
    EXPECT_THAT(failed(report), Contains(mutant.meant))
        << mutant.name << "\n"
        << conformance::text(report, /*every_check=*/false);
  }
}

// A fault in one place shows in one place.
TEST_F(Mutants, FailNothingElseWhereTheFaultIsNarrow) {
  for (const char* name : {"tokens_undeclared",
                           "wrong_gradient",
                           "casts_to_float32",
                           "unused_parameter",
                           "nan_for_constant",
                           "mode_stops",
                           "differs_in_training",
                           "device_forgotten",
                           "wrong_form",
                           "shared_form",
                           "wrong_memory",
                           "no_source"}) {
    const conformance::Report report = report_of("token_mixer", name);
    EXPECT_EQ(failed(report).size(), 1u) << name << "\n" << conformance::text(report, false);
  }
}

TEST_F(Mutants, LeakInTheFullTier) {
  for (const char* name : {"keeps_tensors", "leaks_bytes"}) {
    EXPECT_THAT(failed(report_of("token_mixer", name, conformance::Tier::kFull)),
                Contains("memory over 1,000 calls"))
        << name;
  }
}

TEST_F(Mutants, HonestTwinsPassEverything) {
  const conformance::Report full = report_of("token_mixer", "honest", conformance::Tier::kFull);
  EXPECT_THAT(failed(full), IsEmpty()) << conformance::text(full, false);
  EXPECT_EQ(full.checks.size(), 33u);
  EXPECT_EQ(full.count(conformance::Outcome::kSkipped), 0u);

  const conformance::Report quick = report_of("token_mixer", "honest");
  EXPECT_THAT(failed(quick), IsEmpty()) << conformance::text(quick, false);
  EXPECT_EQ(quick.checks.size(), 29u);

  const conformance::Report form = report_of("token_mixer", "honest_form");
  EXPECT_THAT(failed(form), IsEmpty()) << conformance::text(form, false);
  EXPECT_EQ(form.checks.size(), 30u);

  const conformance::Report numbers = report_of("dataset", "numbers");
  EXPECT_THAT(failed(numbers), IsEmpty()) << conformance::text(numbers, false);
  EXPECT_EQ(numbers.checks.size(), 13u);
}

TEST_F(Mutants, RefusalWhenBuiltIsASkipWithItsReason) {
  const conformance::Report report = report_of("token_mixer", "honest_pairs");
  EXPECT_THAT(failed(report), IsEmpty()) << conformance::text(report, false);
  EXPECT_THAT(names_of(report, conformance::Outcome::kSkipped),
              ::testing::ElementsAre("odd size [7]", "odd size [5, 9]", "odd size [3, 5, 4]"));
  EXPECT_THAT(
      conformance::text(report, false),
      HasSubstr("refuses this size: honest_pairs (honest_pairs, libmutants.so): grid [7, 16]: "
                "an even first side expected"));
}

TEST_F(Mutants, ListenersHearOfEachCheck) {
  const model::PartFactory factory(registry, ConfigValue());
  std::vector<std::string> begun;
  std::vector<std::string> ended;
  conformance::Subject subject;
  subject.entry = registry->find("dataset", "numbers").entry;
  subject.name = "numbers";
  subject.factory = &factory;
  subject.on_start = [&](const std::string& check) { begun.push_back(check); };
  subject.on_end = [&](const conformance::Check& check) { ended.push_back(check.name); };
  conformance::check(subject);
  EXPECT_EQ(begun, ended);
  EXPECT_EQ(begun.size(), 13u);
}

}  // namespace
}  // namespace mixwright
