#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/kinds.h>
#include <mixwright/options.h>
#include <mixwright/plugin.h>

namespace mixwright {

/// A whole network that is not stages: `[model] network = { type = "..." }`, in place of
/// [[model.stage]]; the model's head reads what comes out.
///
/// Shape: the input as the data have it, [B, *grid, C] or token ids [B, L]; out as `out_shape`
/// says.
class MIXWRIGHT_API Network : public Layer {
 public:
  static constexpr const char* kKind = "network";
  ~Network() override;
};

/// A memory's state at one moment.
struct MIXWRIGHT_API RecallMoment {
  double time = 0;
  torch::Tensor shown;   ///< what it shows of itself, shaped as the input: [B, *grid, C]
  torch::Tensor energy;  ///< of each sample: [B]
};

/// A network or block that recalls: it runs in time, from what is put in, down an energy. A class
/// that does derives from this beside its kind; `mixwright recall` asks for it.
class MIXWRIGHT_API Recalls {
 public:
  virtual ~Recalls();
  /// The way from `input`: `steps` + 1 moments, the first where nothing has moved. Without
  /// gradients.
  virtual std::vector<RecallMoment> recall(const torch::Tensor& input, int64_t steps) = 0;
};

}  // namespace mixwright
