#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/projection.h>

namespace mixwright::metamixer {

struct ParameterOptions {
  double ratio = 4.0;  // arXiv:1706.03762 table 3: d_ff = 4 d_model
  std::optional<int64_t> slots;
  std::optional<int64_t> kernel;
  std::optional<int64_t> dim;
  double std = 0.02;
};

MIXWRIGHT_OPTIONS(
    ParameterOptions,
    field("ratio", &ParameterOptions::ratio)
        .at_least(0)
        .doc("rows of the table, as a multiple of the channels that the mixer wishes for"),
    field("slots", &ParameterOptions::slots).at_least(1).doc("rows themselves, in place of ratio"),
    field("kernel", &ParameterOptions::kernel)
        .at_least(1)
        .odd()
        .doc("a kernel with this side in each dimension of the grid, in place of a table"),
    field("dim", &ParameterOptions::dim)
        .at_least(1)
        .doc("channels of each row; left out: those that the mixer wishes for, the query's"),
    field("std", &ParameterOptions::std)
        .at_least(0)
        .doc("deviation of the normal distribution that it starts from"))

/// A learned operand, the same for every input: a table of keys or values, or a kernel of them.
///
///   y = W
///
/// Shape: anything -> [1, slots, dim], or [1, *kernel, dim] with as many sides as the grid.
/// Params: ParameterOptions. `weight`.
/// Throws: Error where ratio leaves no row.
/// Source: Geva et al. 2021, arXiv:2012.14913, eq. 2 (keys and values of a feed-forward layer are
///   learned tables); Yun, Lee, Ro 2024, arXiv:2406.02021 (kernels are such).
/// Deviates: none.
class Parameter final : public Projection {
 public:
  using Options = ParameterOptions;
  Parameter(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  bool is_static() const override { return true; }
  void initialize() override;

 private:
  double std_;
  torch::Tensor weight_;
};

}  // namespace mixwright::metamixer
