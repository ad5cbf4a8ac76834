#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include <mixwright/embedding.h>

namespace mixwright::embeddings {

/// How positions meet features.
enum class Combine { kConcat, kAdd };
MIXWRIGHT_CHOICES(Combine, choice("concat", Combine::kConcat), choice("add", Combine::kAdd))

/// Options of every embedding that tells tokens where they are.
struct PositionsOptions {
  std::optional<int64_t> project;
  Combine combine = Combine::kConcat;
};

/// Their fields, to stand beside those of the component.
constexpr auto positions_fields() {
  using options::field;
  using O = PositionsOptions;
  return std::make_tuple(
      field("project", &O::project)
          .at_least(1)
          .doc("width of a learned linear layer that the positions pass; without it there is none"),
      field("combine", &O::combine)
          .doc("\"concat\": more channels behind the features; \"add\" wants positions as wide as "
               "these"));
}

/// Positions of the grid beside the features: y = [x; proj(p)], or y = x + proj(p).
class Positions : public Embedding {
 protected:
  /// `width`: numbers that p has for each place.
  Positions(const PositionsOptions& options, int64_t width, const BuildContext& context);
  /// `positions` [*grid, width].
  torch::Tensor combined(const torch::Tensor& x, const torch::Tensor& positions);

 private:
  Combine combine_;
  torch::nn::Linear proj_{nullptr};  // empty without project
};

}  // namespace mixwright::embeddings
