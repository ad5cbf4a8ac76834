// Products into memory that is there.

#include <gtest/gtest.h>

#include <mixwright/in_place.h>

namespace mixwright {
namespace {

double blend_error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

struct Sizes {
  int64_t rows;
  int64_t in;
  int64_t out;
};

const std::vector<Sizes> kSizes = {{1, 7, 5},
                                   {2, 3, 1},
                                   {3, 16, 31},
                                   {11, 40, 32},
                                   {13, 33, 33},
                                   {25, 100, 70},
                                   {97, 64, 96},
                                   {200, 17, 129},
                                   {205, 1, 300},
                                   {24, 784, 900}};

TEST(ProductInto, BlendsOnAnySizes) {
  torch::manual_seed(51);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    for (const Sizes& s : kSizes) {
      for (const Blend blend : {Blend{0, 1}, Blend{1, -0.5}, Blend{0.9, 0.1}}) {
        for (const int64_t times : {1, 100}) {
          SCOPED_TRACE(std::to_string(s.rows) + " " + std::to_string(s.in) + " " +
                       std::to_string(s.out) + " keep " + std::to_string(blend.keep));
          const torch::Tensor x = torch::randn({s.rows, s.in}, type);
          const torch::Tensor w = torch::randn({s.in, s.out}, type);
          torch::Tensor y = torch::randn({s.rows + 1, s.out}, type);
          const torch::Tensor before = y.clone();
          if (blend.keep == 0) y.narrow(0, 0, s.rows).fill_(std::nan(""));  // is not looked at
          const torch::Tensor target = y.narrow(0, 0, s.rows);
          const torch::Tensor product = x.to(torch::kFloat64).matmul(w.to(torch::kFloat64));
          const torch::Tensor expected =
              before.narrow(0, 0, s.rows).to(torch::kFloat64) * blend.keep + product * blend.scale;
          // Either dimension of the weight may be the contiguous one.
          const torch::Tensor turned = w.t().contiguous().t();
          product_into(target, blend, x, times > 1 ? turned : w, times)();
          EXPECT_LT(blend_error(target, expected), type == torch::kFloat32 ? 2e-6 : 1e-14);
          EXPECT_TRUE(y[s.rows].equal(before[s.rows]));  // nothing beyond is written
        }
      }
    }
  }
}

TEST(ProductInto, RunsAgainOnWhatIsThereThen) {
  const torch::Tensor x = torch::ones({80, 3});
  const torch::Tensor w = torch::ones({3, 40});
  const torch::Tensor y = torch::zeros({80, 40});
  const Action action = product_into(y, {1, 2}, x, w, 2);
  action();
  x.fill_(10);
  action();
  EXPECT_TRUE(y.equal(torch::full({80, 40}, 66.0F)));
}

TEST(ProductIntoEach, BlendsOnAnySizes) {
  torch::manual_seed(52);
  for (const auto type : {torch::kFloat32, torch::kFloat64}) {
    for (const Sizes& s : kSizes) {
      for (const Blend blend : {Blend{0, 1}, Blend{0.9, 0.1}}) {
        for (const int64_t batch : {1, 5}) {
          SCOPED_TRACE(std::to_string(s.rows) + " " + std::to_string(s.in) + " " +
                       std::to_string(s.out));
          const torch::Tensor w = torch::randn({s.rows, s.in}, type);
          const torch::Tensor x = torch::randn({batch, s.in, s.out}, type);
          const torch::Tensor y = torch::randn({batch, s.rows, s.out}, type);
          const torch::Tensor product = w.to(torch::kFloat64).matmul(x.to(torch::kFloat64));
          const torch::Tensor expected = y.to(torch::kFloat64) * blend.keep + product * blend.scale;
          if (blend.keep == 0) torch::Tensor(y).fill_(std::nan(""));
          product_into_each(y, blend, w, x)();
          EXPECT_LT(blend_error(y, expected), type == torch::kFloat32 ? 2e-6 : 1e-14);
        }
      }
    }
  }
}

TEST(GeluInto, IsLibTorchs) {
  for (const int64_t size : {1, 15, 16, 50000}) {
    const torch::Tensor x = torch::linspace(-12, 12, size);
    const torch::Tensor y = torch::empty_like(x);
    gelu_into(y, x)();
    const torch::Tensor expected = torch::gelu(x.to(torch::kFloat64));
    EXPECT_LT(((y - expected).abs() / x.abs().clamp_min(1)).max().item<double>(), 1e-6);
  }
  const torch::Tensor odd = torch::tensor({NAN, INFINITY, -INFINITY, 1e30F, -1e30F});
  const torch::Tensor y = torch::empty_like(odd);
  gelu_into(y, odd)();
  EXPECT_TRUE(y[0].isnan().item<bool>());
  EXPECT_EQ(y[1].item<float>(), INFINITY);
  EXPECT_EQ(y[3].item<float>(), 1e30F);
  EXPECT_EQ(y[4].item<float>(), 0);
}

TEST(InPlaceKernels, OfEveryInstructionSetGiveThem) {
  const test::TestFolder folder("mixwright-in-place");
  for (const char* capability : {"default", "avx2"}) {
    ::setenv("ATEN_CPU_CAPABILITY", capability, 1);
    const auto messages = folder / capability;
    EXPECT_EQ(io::run_child("/proc/self/exe", {"--gtest_filter=ProductInto*:GeluInto*"}, messages),
              0)
        << capability << ": " << io::last_line(messages);
  }
  ::unsetenv("ATEN_CPU_CAPABILITY");
}

}  // namespace
}  // namespace mixwright
