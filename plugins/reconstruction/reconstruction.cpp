#include "reconstruction.h"

#include <mixwright/error.h>

#include "reconstruction_score.h"

void Reconstruction::prepare(mixwright::Batch& batch,
                             const mixwright::DatasetInfo&,
                             std::span<mixwright::SampleRandom> random) const {
  if (!batch.inputs.is_floating_point() || batch.inputs.dim() < 3) {
    throw mixwright::Error("samples are " + std::string(c10::toString(batch.inputs.scalar_type())) +
                           " " + mixwright::list_text(batch.inputs.sizes().vec()) +
                           "; values [batch, *grid, channels] expected, of which a part can be "
                           "damaged and restored");
  }
  batch.targets = batch.inputs.contiguous();
  batch.mixed.reset();  // what was mixed in is part of the picture that is to be restored
  batch.inputs = batch.targets.clone();
  for (int64_t i = 0; i < batch.inputs.size(0); ++i) {
    mixwright::SampleRandom& draws = random[static_cast<size_t>(i)];
    torch::Tensor sample = batch.inputs[i];
    if (options_.noise > 0) add_noise(sample, options_.noise, draws);
    if (options_.hide == Hidden::kNothing || !draws.chance(options_.hide_chance)) continue;
    hide(sample, options_.hide, options_.hide_share, draws);
  }
}

torch::Tensor Reconstruction::loss(const torch::Tensor& output,
                                   const mixwright::Batch& batch) const {
  check_restored(output, batch);
  return torch::mse_loss(output, batch.targets);
}

std::unique_ptr<mixwright::Score> Reconstruction::score(const mixwright::DatasetInfo& info) const {
  const bool hides = options_.hide != Hidden::kNothing;
  const Question question = hides                ? Question{"completion", "incomplete"}
                            : options_.noise > 0 ? Question{"denoising", "noisy"}
                                                 : Question{"reconstruction", ""};
  return std::make_unique<ReconstructionScore>(info, question, options_.range);
}
