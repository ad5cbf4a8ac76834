#pragma once

#include <vector>

#include <mixwright/inference.h>

namespace mixwright {

/// Products over the channels, one after the other, row by row of [rows, channels]: as many rows at
/// once as keep what lies between two products in the second cache.
class RowProducts final : public AddingLayer {
 public:
  RowProducts(std::vector<PackedLinear> products, const Shape& out_shape);
  torch::Tensor forward(const torch::Tensor& x) override;
  torch::Tensor added_to(const torch::Tensor& sum,
                         const torch::Tensor& x,
                         const Context& context) override;
  const std::vector<PackedLinear>& products() const { return products_; }

 private:
  torch::Tensor compute(const torch::Tensor& x, const torch::Tensor& sum) const;
  torch::Tensor product_of(const torch::Tensor& rows, const torch::Tensor& sum) const;

  std::vector<PackedLinear> products_;
};

LayerPtr row_products(std::vector<PackedLinear> products, const Shape& out_shape);

/// Neighbours among the layers that are RowProducts become one.
std::vector<LayerPtr> with_joined_products(const std::vector<LayerPtr>& layers);

}  // namespace mixwright
