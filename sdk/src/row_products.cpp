#include "row_products.h"

#include <algorithm>
#include <utility>

#include <mixwright/parallel.h>

namespace mixwright {

namespace {

constexpr int64_t kOwnCache = int64_t{256} * 1024;  // floats: 1 MiB, one core's second cache
constexpr int64_t kSharedCache = int64_t{4} * 1024 * 1024;  // floats: 16 MiB of the third
constexpr int64_t kBlock = 64;                              // of rows, to which products are cut

/// How many rows to take at once. All, unless what lies between two products would go to memory and
/// back, and the weights are small enough to stay in the cache beside a piece of it. Measured for
/// [65536, 80] -> 240 -> 80 on two cores with AVX-512: 62 ms at once, 34 ms in pieces.
int64_t rows_at_once(const std::vector<PackedLinear>& products, int64_t count) {
  int64_t weights = 0;
  int64_t widest = 1;
  for (const PackedLinear& product : products) {
    weights += product.in() * product.out();
    if (!product.is_packed()) return count;
  }
  for (size_t i = 0; i + 1 < products.size(); ++i) widest = std::max(widest, products[i].out());
  if (products.size() == 1 || weights > kOwnCache / 2 || count * widest < kSharedCache)
    return count;
  return std::max(kBlock, kOwnCache * parallel_threads() / widest / kBlock * kBlock);
}

}  // namespace

RowProducts::RowProducts(std::vector<PackedLinear> products, const Shape& out_shape)
    : products_(std::move(products)) {
  set_out_shape(out_shape);
  eval();
}

torch::Tensor RowProducts::product_of(const torch::Tensor& rows, const torch::Tensor& sum) const {
  torch::Tensor y = rows;
  for (size_t i = 0; i + 1 < products_.size(); ++i) y = products_[i](y);
  return sum.defined() ? products_.back().added_to(sum, y) : products_.back()(y);
}

torch::Tensor RowProducts::compute(const torch::Tensor& x, const torch::Tensor& sum) const {
  const int64_t count = x.numel() / std::max<int64_t>(1, x.size(-1));
  const int64_t at_once = rows_at_once(products_, count);
  if (count <= at_once) return product_of(x, sum);
  const torch::Tensor rows = x.reshape({count, x.size(-1)});
  torch::Tensor result = torch::empty({count, products_.back().out()}, x.options());
  const torch::Tensor sums = sum.defined() ? sum.reshape({count, -1}) : sum;
  for (int64_t begin = 0; begin < count; begin += at_once) {
    const int64_t size = std::min(at_once, count - begin);
    torch::Tensor to = result.narrow(0, begin, size);
    to.copy_(product_of(rows.narrow(0, begin, size),
                        sums.defined() ? sums.narrow(0, begin, size) : sums));
  }
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = products_.back().out();
  return result.view(shape);
}

torch::Tensor RowProducts::forward(const torch::Tensor& x) {
  return compute(x, {});
}

torch::Tensor RowProducts::added_to(const torch::Tensor& sum,
                                    const torch::Tensor& x,
                                    const Context&) {
  return compute(x, sum);
}

LayerPtr row_products(std::vector<PackedLinear> products, const Shape& out_shape) {
  return std::make_shared<RowProducts>(std::move(products), out_shape);
}

std::vector<LayerPtr> with_joined_products(const std::vector<LayerPtr>& layers) {
  std::vector<LayerPtr> joined;
  for (const LayerPtr& layer : layers) {
    const auto* next = dynamic_cast<const RowProducts*>(layer.get());
    const auto* last = joined.empty() ? nullptr : dynamic_cast<RowProducts*>(joined.back().get());
    if (next == nullptr || last == nullptr) {
      joined.push_back(layer);
      continue;
    }
    std::vector<PackedLinear> products = last->products();
    products.insert(products.end(), next->products().begin(), next->products().end());
    const LayerPtr all = row_products(std::move(products), next->out_shape());
    all->set_identity(last->path(), last->component());
    joined.back() = all;
  }
  return joined;
}

}  // namespace mixwright
