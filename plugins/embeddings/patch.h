#pragma once

#include <optional>
#include <vector>

#include <mixwright/adaptable.h>
#include <mixwright/embedding.h>
#include <mixwright/inference.h>
#include <mixwright/layers.h>

namespace mixwright::embeddings {

struct PatchOptions {
  int64_t size = 4;
  std::vector<int64_t> sizes;
  std::optional<int64_t> dim;
  bool bias = true;
  Component<Normalization> norm;
  bool flatten = false;
  bool class_token = false;
  bool distillation_token = false;
  bool position = false;
};
MIXWRIGHT_OPTIONS(
    PatchOptions,
    field("size", &PatchOptions::size).at_least(1).doc("side of a patch, in each grid dimension"),
    field("sizes", &PatchOptions::sizes)
        .at_least(1)
        .doc("one side per grid dimension, instead of `size`: [1, 16] cuts a series [V, T]"),
    field("dim", &PatchOptions::dim).at_least(1).doc("channels out; the stage's where not given"),
    field("bias", &PatchOptions::bias).doc("add a bias to the projection"),
    field("norm", &PatchOptions::norm).doc("after the projection"),
    field("flatten", &PatchOptions::flatten)
        .doc("make the grid one dimension; with a class token it always is"),
    field("class_token", &PatchOptions::class_token).doc("put a learned token in front"),
    field("distillation_token", &PatchOptions::distillation_token)
        .doc("put another behind the class token, whose answer a teacher is compared with; a head "
             "with distilled = true reads it"),
    field("position", &PatchOptions::position)
        .doc("add a learned vector to each token, the class token included; it fixes the grid"))

/// Patch embedding: the grid is cut into patches, each of which is projected to one token.
///
///   y = norm(W * x + b), kernel = stride = size; then [class token; distillation token; y] +
///   position
///
/// Shape: [B, *grid, C] -> [B, *(grid / size), dim], or [B, 1 + N, dim] with a class token, [B, 2 +
/// N,
///   dim] with a distillation token besides.
/// Params: PatchOptions. `proj.weight` [dim, C, *size], `proj.bias`, `norm.*`, `cls_token`
///   [1, 1, dim], `dist_token` [1, 1, dim], `pos_embed` [1, N, dim] (1 + N or 2 + N with tokens).
/// Throws: Error where a patch does not divide the grid, or the grid is not the one that positions
///   were made for.
/// Source: Dosovitskiy et al. 2021, arXiv:2010.11929 eq. 1; the distillation token: Touvron et al.
///   2021, arXiv:2012.12877 section 4.
/// Deviates: the norm; tokens start at normal(0, 1e-6) and `pos_embed` at normal(0, 0.02), as
///   in timm.
class Patch final : public Embedding, public Adaptable {
 public:
  using Options = PatchOptions;
  Patch(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;
  void initialize() override;
  /// `pos_embed` of a square grid becomes that of this grid by bicubic interpolation with
  /// antialiasing, prefix tokens as they are: timm's resample_abs_pos_embed.
  Adapted adapt(const std::string& name, const torch::Tensor& value) const override;

 private:
  std::vector<torch::Tensor> tokens_in_front() const;
  torch::Tensor projected(const torch::Tensor& x, const Context& context);
  /// [B, *grid, C] -> [B, *(grid / size), prod(size) C]: what one patch holds, as one row.
  torch::Tensor rows_of_patches(const torch::Tensor& x) const;

  std::vector<int64_t> size_;
  bool flatten_;
  GridConvolution proj_{nullptr};
  std::optional<PackedLinear> packed_proj_;  // of rows_of_patches, in a form for inference
  LayerPtr norm_;
  torch::Tensor cls_token_;   // undefined without class token
  torch::Tensor dist_token_;  // undefined without distillation token
  torch::Tensor pos_embed_;   // undefined without position
};

}  // namespace mixwright::embeddings
