#include "datasets.h"
#include "mixers.h"
#include "tasks.h"

namespace mutants {

struct UndocumentedOptions {
  int64_t width = 1;
};
MIXWRIGHT_OPTIONS(UndocumentedOptions, field("width", &UndocumentedOptions::width).at_least(1))

class Undocumented final : public TokenMixer {
 public:
  using Options = UndocumentedOptions;
  Tensor forward(const Tensor& x) override { return 2 * x; }
};

struct RefusedOptions {
  int64_t width = 0;
};
MIXWRIGHT_OPTIONS(RefusedOptions,
                  field("width", &RefusedOptions::width).at_least(1).doc("at least one"))

class RefusesItsDefaults final : public TokenMixer {
 public:
  using Options = RefusedOptions;
  Tensor forward(const Tensor& x) override { return 2 * x; }
};

}  // namespace mutants

using namespace mutants;

#define MUTANT(Name, name) token_mixer<Name>(name, "a mixer for the tests", "no paper")
#define DATASET(fault, name) dataset<Numbers<Fault::fault>>(name, "a dataset for the tests", "here")

MIXWRIGHT_PLUGIN(
    "mutants",
    "1.0.0",
    "Apache-2.0",
    MUTANT(Honest, "honest"),
    MUTANT(HonestPairs, "honest_pairs"),
    MUTANT(HonestForm, "honest_form"),
    MUTANT(WrongForm, "wrong_form"),
    MUTANT(SharedForm, "shared_form"),
    MUTANT(WrongMemory, "wrong_memory"),
    MUTANT(InPlace, "in_place"),
    MUTANT(ReturnsScratch, "returns_scratch"),
    MUTANT(ExpandsMean, "expands_mean"),
    MUTANT(HiddenRandomness, "hidden_randomness"),
    MUTANT(AlwaysDrops, "always_drops"),
    MUTANT(BatchStatistics, "batch_statistics"),
    MUTANT(RowsMix, "rows_mix"),
    MUTANT(WrongGradient, "wrong_gradient"),
    MUTANT(CastsToFloat32, "casts_to_float32"),
    MUTANT(Float32Constant, "float32_constant"),
    MUTANT(DeviceForgotten, "device_forgotten"),
    MUTANT(StateNotSaved, "state_not_saved"),
    MUTANT(UnusedParameter, "unused_parameter"),
    MUTANT(NanForConstant, "nan_for_constant"),
    MUTANT(NotContiguous, "not_contiguous"),
    MUTANT(OddSizesShrink, "odd_sizes_shrink"),
    MUTANT(OddSizesThrow, "odd_sizes_throw"),
    MUTANT(NotThreadSafe, "not_thread_safe"),
    MUTANT(KeepsTensors, "keeps_tensors"),
    MUTANT(LeaksBytes, "leaks_bytes"),
    MUTANT(OwnRandomDevice, "own_random_device"),
    MUTANT(OutShapeLies, "out_shape_lies"),
    MUTANT(BatchOfOne, "batch_of_one"),
    MUTANT(ModeStops, "mode_stops"),
    MUTANT(DiffersInTraining, "differs_in_training"),
    MUTANT(TokensUndeclared, "tokens_undeclared"),
    MUTANT(BreaksUnderAutocast, "breaks_under_autocast"),
    MUTANT(WrongInBfloat16, "wrong_in_bfloat16"),
    MUTANT(DrawsByItself, "draws_by_itself"),
    MUTANT(RefusesItsDefaults, "refuses_its_defaults"),
    token_mixer<Linear>("ranks_that_are_none", "declares ranks 2 to 5", "no paper").grid_rank(2, 5),
    token_mixer<Undocumented>("undocumented", "has an option without words", "no paper"),
    token_mixer<Linear>("no_source", "names nobody"),
    DATASET(kNone, "numbers"),
    DATASET(kTargetsOutOfRange, "targets_out_of_range"),
    DATASET(kOtherShape, "other_shape"),
    DATASET(kDraws, "draws"),
    DATASET(kForgetsOrder, "forgets_order"),
    DATASET(kAnyIndex, "any_index"),
    DATASET(kSharedCursor, "shared_cursor"),
    task<AsksByItself>("asks_by_itself", "a task for the tests", "here"),
    transform<OwnRandomTransform>("own_random", "a transform for the tests", "here"),
    transform<InPlaceTransform>("in_place", "a transform for the tests", "here"))
