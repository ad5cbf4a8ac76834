#include <gtest/gtest.h>

#include <mixwright/kinds.h>
#include <mixwright/layer_watch.h>

namespace mixwright {
namespace {

/// x + 1.
class AddsOne : public ChannelMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return x + 1; }
};

double one_through(Layer& layer) {
  return layer(torch::ones({1, 1}), Context{}).item<double>();
}

TEST(LayerWatch, SeesWhatGoesInAndOutAndMayAnswerInstead) {
  AddsOne watched;
  AddsOne other;
  {
    double in = 0;
    double out = 0;
    const LayerWatch watch(watched,
                           [&](const torch::Tensor& x, const Context&, const torch::Tensor& y) {
                             in = x.item<double>();
                             out = y.item<double>();
                             return y * 10;
                           });
    EXPECT_EQ(one_through(other), 2);
    EXPECT_EQ(in, 0);
    EXPECT_EQ(one_through(watched), 20);
    EXPECT_EQ(in, 1);
    EXPECT_EQ(out, 2);
  }
  EXPECT_EQ(one_through(watched), 2);
}

TEST(LayerWatch, TheInnermostCounts) {
  AddsOne layer;
  const auto times = [](double factor) {
    return [factor](const torch::Tensor&, const Context&, const torch::Tensor& y) {
      return y * factor;
    };
  };
  const LayerWatch outer(layer, times(10));
  {
    const LayerWatch inner(layer, times(3));
    EXPECT_EQ(one_through(layer), 6);
  }
  EXPECT_EQ(one_through(layer), 20);
}

TEST(LayerWatch, SeesARepeatedLayerOnce) {
  AddsOne layer;
  layer.set_repeat(3);
  int calls = 0;
  const LayerWatch watch(layer, [&](const torch::Tensor&, const Context&, const torch::Tensor& y) {
    ++calls;
    return y;
  });
  EXPECT_EQ(one_through(layer), 4);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace mixwright
