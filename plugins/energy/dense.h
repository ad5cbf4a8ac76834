#pragma once

#include <mixwright/in_place.h>
#include <mixwright/stores.h>

#include "bilinear.h"

namespace mixwright::energy {

struct DenseOptions {
  bool asymmetric = false;
  double init_std = 0.02;
};
MIXWRIGHT_OPTIONS(DenseOptions,
                  field("asymmetric", &DenseOptions::asymmetric)
                      .doc("learn a second weight on the way back, which no energy has"),
                  field("init_std", &DenseOptions::init_std)
                      .at_least(0)
                      .doc("standard deviation of the first weights"))

/// Every unit of one layer with every unit of another.
///
///   E = -g_1^T W g_2;  asymmetric: the force on layer 2 is (W^T + A) g_1 instead of W^T g_1
///
/// Shape: g_1 [B, *grid_1, C_1] and g_2 [B, *grid_2, C_2], flattened to d_1 and d_2 units.
/// Params: DenseOptions; `weight` W [d_1, d_2], `asymmetry` A [d_2, d_1].
/// Throws: Error where it is given other than two layers.
/// Source: Krotov 2021, arXiv:2107.06446 eq. 4; A: Ota, Taki 2024, arXiv:2406.12220 (AsymMixer).
/// Deviates: none.
class Dense final : public Bilinear, public Stores, public AddsForce {
 public:
  using Options = DenseOptions;
  Dense(const Options& options, const BuildContext& context);
  bool is_symmetric() const override { return !asymmetry_.defined(); }
  /// A sample for each unit of the first layer: activations of the second, the rows of W.
  int64_t room() const override { return weight_.size(0); }
  void store(const torch::Tensor& samples) override;
  /// The receptive fields of a layer that meets one of pictures.
  void report(Report& report) override;
  Action force_into(const torch::Tensor& x,
                    Blend blend,
                    const std::vector<torch::Tensor>& g,
                    size_t i,
                    int64_t times) const override;

 protected:
  torch::Tensor there(const torch::Tensor& second, at::IntArrayRef first_sizes) const override;
  torch::Tensor back(const torch::Tensor& first, at::IntArrayRef second_sizes) const override;

 private:
  torch::Tensor weight_;
  std::vector<Shape> layers_;
  torch::Tensor asymmetry_;  // undefined where the way back is the transpose
};

}  // namespace mixwright::energy
