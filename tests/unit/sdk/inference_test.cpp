// Forms for inference: packed products, what they take along, and lists of layers.

#include <gtest/gtest.h>

#include <mixwright/inference.h>
#include <mixwright/kinds.h>

namespace mixwright {
namespace {

double error_of(const torch::Tensor& ours, const torch::Tensor& expected) {
  EXPECT_EQ(ours.sizes(), expected.sizes());
  return ((ours - expected).abs().max() / expected.abs().max()).item<double>();
}

constexpr double kBound = 2e-6;

class Function final : public Activation {
 public:
  explicit Function(std::string name) : name_(std::move(name)) {}
  std::string function_name() const override { return name_; }
  torch::Tensor forward(const torch::Tensor& x) override {
    if (name_ == "gelu") return torch::gelu(x);
    if (name_ == "gelu_tanh") return torch::gelu(x, "tanh");
    if (name_ == "relu") return torch::relu(x);
    if (name_ == "silu") return torch::silu(x);
    if (name_ == "sigmoid") return torch::sigmoid(x);
    if (name_ == "tanh") return torch::tanh(x);
    if (name_ == "hard_swish") return torch::hardswish(x);
    if (name_ == "hard_sigmoid") return torch::hardsigmoid(x);
    return torch::relu(x).square();
  }

 private:
  std::string name_;
};

/// Scale and shift of channels, as a norm in evaluation.
class Map final : public Normalization {
 public:
  explicit Map(int64_t channels, bool shifted = true)
      : scale_(torch::rand({channels}) + 0.5),
        shift_(shifted ? torch::randn({channels}) : torch::zeros({channels})) {}
  torch::Tensor forward(const torch::Tensor& x) override { return x * scale_ + shift_; }

 private:
  torch::Tensor scale_;
  torch::Tensor shift_;
};

class Square final : public Normalization {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return x.square(); }
};

template <class Layer>
std::shared_ptr<Layer> with_shape(std::shared_ptr<Layer> layer, const Shape& shape) {
  layer->set_out_shape(shape);
  layer->eval();
  return layer;
}

Shape pictures(int64_t channels) {
  Shape shape;
  shape.grid = {5, 6};
  shape.channels = channels;
  return shape;
}

/// Kernel 3 x 3.
GridConvolution convolution(int64_t in, int64_t out, int64_t stride = 1, int64_t groups = 1) {
  ConvolutionSizes sizes;
  sizes.in = in;
  sizes.out = out;
  sizes.kernel = {3, 3};
  sizes.stride = {stride, stride};
  sizes.groups = groups;
  return GridConvolution(sizes);
}

class Inference : public testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(3); }
  const torch::NoGradGuard no_grad_;
};

TEST_F(Inference, EveryFunctionRunsWithinAProduct) {
  const torch::Tensor x = torch::randn({2, 5, 6, 12});
  const torch::Tensor w = torch::randn({20, 12});
  const torch::Tensor b = torch::randn({20});
  for (const std::string name : {"gelu",
                                 "gelu_tanh",
                                 "relu",
                                 "silu",
                                 "sigmoid",
                                 "tanh",
                                 "hard_swish",
                                 "hard_sigmoid",
                                 "unknown to products"}) {
    const auto function = std::make_shared<Function>(name);
    Surroundings around;
    around.activation = function;
    const PackedLinear product(w, b, around);
    EXPECT_LT(error_of(product(x), function->forward(torch::linear(x, w, b))), kBound) << name;
  }
}

TEST_F(Inference, OtherTypesAnswerByLibTorch) {
  const torch::Tensor x = torch::randn({3, 7}, torch::kFloat64);
  const torch::Tensor w = torch::randn({4, 7}, torch::kFloat64);
  const PackedLinear product(w, {});
  EXPECT_FALSE(product.is_packed());
  EXPECT_LT(error_of(product(x), torch::linear(x, w)), 1e-14);
}

TEST_F(Inference, WeightsAreThoseOfThen) {
  torch::Tensor w = torch::randn({4, 7});
  torch::Tensor b = torch::randn({4});
  const torch::Tensor x = torch::randn({3, 7});
  const torch::Tensor expected = torch::linear(x, w, b);
  const PackedLinear product(w, b);
  w.zero_();
  b.zero_();
  EXPECT_LT(error_of(product(x), expected), kBound);
}

TEST_F(Inference, KnowsAMapOfChannelsByItsAnswers) {
  const LayerPtr map = with_shape(std::make_shared<Map>(6), pictures(6));
  const auto found = channel_map(map, 6, 2, torch::TensorOptions());
  ASSERT_TRUE(found);
  const torch::Tensor x = torch::randn({2, 5, 6, 6});
  const torch::Tensor y = x.to(torch::kFloat64) * found->scale + found->shift;
  EXPECT_LT(error_of(run(map, x, {}).to(torch::kFloat64), y), kBound);
  EXPECT_FALSE(channel_map(std::make_shared<Square>(), 6, 2, torch::TensorOptions()));
}

TEST_F(Inference, TakesNormsBeforeAndBehindAndAnActivationAlong) {
  const torch::Tensor w1 = torch::randn({9, 6});
  const torch::Tensor b1 = torch::randn({9});
  const torch::Tensor w2 = torch::randn({5, 9});
  const std::vector<LayerPtr> layers = {with_shape(std::make_shared<Map>(6), pictures(6)),
                                        as_layer(w1, b1, pictures(9)),
                                        with_shape(std::make_shared<Map>(9), pictures(9)),
                                        with_shape(std::make_shared<Function>("gelu"), pictures(9)),
                                        nullptr,
                                        as_layer(w2, {}, pictures(5))};
  Surroundings around;
  const auto behind = std::make_shared<Map>(5);
  around.after = channel_map(behind, 5, 2, torch::TensorOptions());
  const LayerPtr form = fused(layers, around);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->out_shape().channels, 5);
  const torch::Tensor x = torch::randn({2, 5, 6, 6});
  torch::Tensor y = x;
  for (const LayerPtr& layer : layers) y = run(layer, y, {});
  EXPECT_LT(error_of(run(form, x, {}), behind->forward(y)), kBound);
  const torch::Tensor sum = torch::randn({2, 5, 6, 5});
  EXPECT_LT(error_of(added(sum, form, x, {}), behind->forward(y) + sum), kBound);
}

TEST_F(Inference, WhatCannotBeTakenAlongIsRefused) {
  const LayerPtr square = with_shape(std::make_shared<Square>(), pictures(6));
  Surroundings around;
  around.after = ChannelMap{torch::ones({6}, torch::kFloat64), torch::zeros({6}, torch::kFloat64)};
  EXPECT_FALSE(fused({square}, around));
  EXPECT_FALSE(fused({square}));  // nothing to gain
}

TEST_F(Inference, ARepeatedLayerRunsAsItIs) {
  const LayerPtr product = as_layer(torch::randn({6, 6}), {}, pictures(6));
  product->set_repeat(3);
  const LayerPtr map = with_shape(std::make_shared<Map>(6), pictures(6));
  const torch::Tensor x = torch::randn({2, 5, 6, 6});
  const LayerPtr other = as_layer(torch::randn({6, 6}), {}, pictures(6));
  const LayerPtr form = fused({product, map, other});
  ASSERT_TRUE(form);
  EXPECT_LT(error_of(run(form, x, {}), run(other, run(map, run(product, x, {}), {}), {})), kBound);
}

TEST_F(Inference, ConvolutionsTakeMapsAlong) {
  for (const auto& [in, out, groups] :
       std::vector<std::array<int64_t, 3>>{{6, 8, 1}, {6, 6, 6}, {6, 12, 6}, {6, 12, 2}}) {
    for (const int64_t stride : {1, 2}) {
      GridConvolution conv = convolution(in, out, stride, groups);
      Shape shape;
      shape.grid = conv->out_grid({5, 6});
      shape.channels = out;
      const LayerPtr scale = with_shape(std::make_shared<Map>(in, false), pictures(in));
      const LayerPtr map = with_shape(std::make_shared<Map>(out), shape);
      const LayerPtr gelu = with_shape(std::make_shared<Function>("gelu"), shape);
      const LayerPtr form = fused({scale, as_layer(conv, shape), map, gelu});
      const torch::Tensor x = torch::randn({2, 5, 6, in});
      const torch::Tensor y = run(gelu, run(map, conv(run(scale, x, {})), {}), {});
      EXPECT_LT(error_of(run(form, x, {}), y), kBound) << in << " " << out << " " << groups;
      EXPECT_TRUE(run(form, x, {}).is_contiguous());
    }
  }
}

/// An even kernel pads one more behind than before, and a packed one must, too.
TEST_F(Inference, EvenKernelsKeepTheirPadding) {
  for (const int64_t groups : {1, 6}) {
    for (const int64_t kernel : {2, 4}) {
      ConvolutionSizes sizes;
      sizes.in = 6;
      sizes.out = 6;
      sizes.kernel = {kernel, kernel};
      sizes.groups = groups;
      GridConvolution conv(sizes);
      const LayerPtr map = with_shape(std::make_shared<Map>(6), pictures(6));
      const LayerPtr form = fused({map, as_layer(conv, pictures(6)), map});
      ASSERT_TRUE(form);
      const torch::Tensor x = torch::randn({2, 5, 6, 6});
      EXPECT_LT(error_of(run(form, x, {}), run(map, conv(run(map, x, {})), {})), kBound)
          << kernel << " " << groups;
    }
  }
}

TEST_F(Inference, AShiftInFrontOfPaddingStaysOutside) {
  GridConvolution conv = convolution(6, 4);
  const LayerPtr map = with_shape(std::make_shared<Map>(6), pictures(6));
  const LayerPtr form = fused({map, as_layer(conv, pictures(4))});
  ASSERT_TRUE(form);
  const torch::Tensor x = torch::randn({2, 5, 6, 6});
  EXPECT_LT(error_of(run(form, x, {}), conv(run(map, x, {}))), kBound);
}

TEST_F(Inference, ProductsInPiecesAreThoseAtOnce) {
  const torch::Tensor w1 = torch::randn({64, 8});
  const torch::Tensor w2 = torch::randn({8, 64});
  Shape wide = pictures(64);
  const LayerPtr form = fused({as_layer(w1, {}, wide), as_layer(w2, {}, pictures(8))});
  const torch::Tensor x = torch::randn({70001, 8});  // 70001 x 64 floats are more than is kept
  const torch::Tensor expected = torch::linear(torch::linear(x, w1), w2);
  EXPECT_LT(error_of(run(form, x, {}), expected), kBound);
  EXPECT_LT(error_of(added(x, form, x, {}), expected + x), kBound);
}

TEST_F(Inference, TransposesInMemory) {
  for (const auto& [n, c] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {4, 4}, {49, 33}, {196, 40}, {3, 130}, {64, 64}}) {
    const torch::Tensor x = torch::randn({3, n, c});
    EXPECT_TRUE(transposed(x).equal(x.transpose(1, 2).contiguous())) << n << " " << c;
    const torch::Tensor sum = torch::randn({3, c, n});
    EXPECT_TRUE(plus_transposed(sum, x).equal(sum + x.transpose(1, 2))) << n << " " << c;
  }
}

TEST_F(Inference, MakingAFormDrawsNoRandomNumber) {
  GridConvolution conv = convolution(6, 4);
  const LayerPtr map = with_shape(std::make_shared<Map>(6), pictures(6));
  torch::manual_seed(5);
  const torch::Tensor expected = torch::rand({4});
  torch::manual_seed(5);
  ASSERT_TRUE(fused({map, as_layer(conv, pictures(4))}));
  EXPECT_TRUE(torch::rand({4}).equal(expected));
}

}  // namespace
}  // namespace mixwright
