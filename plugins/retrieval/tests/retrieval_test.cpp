// Patterns, cues and what comes back.

#include "plugins/retrieval/retrieval.h"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "plugins/retrieval/patterns.h"
#include "tests/support/error_text.h"

namespace mixwright {
namespace {

using testing::HasSubstr;

/// Four pictures of 4 x 4, of which picture k has the values k + 0 to k + 15.
class Pictures final : public Dataset {
 public:
  Pictures() {
    info_.input = Shape{{4, 4}, 1, 0, {}};
    info_.mean = {0.5};
    info_.std = {0.25};
  }
  const DatasetInfo& info() const override { return info_; }
  int64_t size(Split) const override { return 4; }
  Batch read(Split, std::span<const int64_t> indices) const override {
    Batch batch;
    std::vector<torch::Tensor> pictures;
    for (const int64_t index : indices) {
      pictures.push_back(torch::arange(16).add(index).view({4, 4, 1}).to(torch::kUInt8));
    }
    batch.inputs = torch::stack(pictures);
    batch.targets = torch::zeros({batch.inputs.size(0)}, torch::kInt64);
    return batch;
  }

 private:
  DatasetInfo info_;
};

/// Gives those pictures, whatever is asked for.
class Factory final : public ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string&,
                             const ConfigValue&,
                             const BuildContext&) const override {
    const std::shared_ptr<Dataset> pictures = std::make_shared<Pictures>();
    return std::static_pointer_cast<void>(pictures);
  }
  void check(const std::string&, const ConfigValue&, Diagnostics&) const override {}
};

PatternsDataset make(const PatternsOptions& options) {
  static const Factory factory;
  BuildContext context;
  context.factory = &factory;
  return {options, context};
}

torch::Tensor all(const PatternsDataset& dataset, Split split) {
  std::vector<int64_t> indices(static_cast<size_t>(dataset.size(split)));
  std::iota(indices.begin(), indices.end(), 0);
  return dataset.read(split, indices).inputs;
}

PatternsOptions of_pictures(int64_t count, bool binary) {
  PatternsOptions options;
  options.of = Component<Dataset>("pictures");
  options.count = count;
  options.binary = binary;
  return options;
}

TEST(Patterns, AreSignsWithoutOrder) {
  PatternsOptions options;
  options.count = 1000;
  options.shape = {10, 10, 1};
  const PatternsDataset dataset = make(options);
  EXPECT_EQ(dataset.info().classes, 1000);
  EXPECT_EQ(dataset.info().input.grid, (std::vector<int64_t>{10, 10}));
  const torch::Tensor patterns = all(dataset, Split::kTrain).flatten(1);
  EXPECT_TRUE(patterns.abs().equal(torch::ones_like(patterns)));
  EXPECT_LT(std::abs(patterns.mean().item<double>()), 4 / std::sqrt(1e5));
  const torch::Tensor overlaps = torch::matmul(patterns, patterns.t()) / 100;
  const torch::Tensor off = overlaps - torch::eye(1000);
  EXPECT_NEAR(off.square().mean().item<double>(), 0.01, 5e-4) << "1 / N, as of independent ones";
}

TEST(Patterns, AreFunctionsOfSeedAndIndex) {
  PatternsOptions options;
  options.count = 5;
  const torch::Tensor few = all(make(options), Split::kTrain);
  options.count = 9;
  EXPECT_TRUE(all(make(options), Split::kTrain).narrow(0, 0, 5).equal(few));
  options.seed = 0;
  EXPECT_TRUE(all(make(options), Split::kTrain).narrow(0, 0, 5).equal(few));
  options.seed = 1;
  EXPECT_FALSE(all(make(options), Split::kTrain).narrow(0, 0, 5).equal(few));
}

TEST(Patterns, OfACueTheShareOfSignsIsChanged) {
  PatternsOptions options;
  options.count = 50;
  options.flip = 0.1;  // 6.4 of 64 signs
  const PatternsDataset dataset = make(options);
  const torch::Tensor patterns = all(dataset, Split::kTrain);
  const torch::Tensor cues = all(dataset, Split::kTest);
  const torch::Tensor differ = (cues != patterns).flatten(1);
  EXPECT_TRUE(differ.sum(1).eq(6).all().item<bool>());
  EXPECT_GT(differ.any(0).sum().item<int64_t>(), 60) << "at random places";
  const std::vector<int64_t> index = {7};
  const Batch batch = dataset.read(Split::kTest, index);
  EXPECT_TRUE(batch.targets[0].equal(patterns[7]));
  EXPECT_TRUE(batch.inputs[0].equal(cues[7]));
  options.flip = 0;
  EXPECT_TRUE(all(make(options), Split::kTest).equal(patterns));
  options.noise = 0.5;
  const torch::Tensor noise = all(make(options), Split::kTest) - patterns;
  EXPECT_NEAR(noise.std().item<double>(), 0.5, 0.03);
}

TEST(Patterns, ComeFromPictures) {
  const torch::Tensor values = all(make(of_pictures(4, false)), Split::kTrain);
  EXPECT_EQ(values.sizes(), torch::IntArrayRef({4, 4, 4, 1}));
  // The four pictures, in some order, as their dataset normalises them.
  const torch::Tensor first = ((values.flatten(1).select(1, 0) * 0.25 + 0.5) * 255).round();
  EXPECT_TRUE(std::get<0>(first.sort()).equal(torch::arange(4).to(torch::kFloat32)));
  const torch::Tensor flat = values[0].flatten();
  EXPECT_TRUE(((flat.narrow(0, 1, 15) - flat.narrow(0, 0, 15)) * (0.25 * 255))
                  .allclose(torch::ones({15}), 1e-4));
  const torch::Tensor signs = all(make(of_pictures(4, true)), Split::kTrain).flatten(1);
  EXPECT_TRUE(signs.narrow(1, 0, 8).equal(-torch::ones({4, 8})));
  EXPECT_TRUE(signs.narrow(1, 8, 8).equal(torch::ones({4, 8})));
  PatternsOptions pooled = of_pictures(4, true);
  pooled.pool = 2;
  EXPECT_TRUE(all(make(pooled), Split::kTrain)[0].flatten().equal(
      torch::tensor({-1.0F, -1.0F, 1.0F, 1.0F})));
}

TEST(Patterns, SayWhatDoesNotFit) {
  EXPECT_THAT(test::error_text([] { make(of_pictures(5, true)); }),
              HasSubstr("5 patterns wanted, the dataset has 4"));
  PatternsOptions pooled = of_pictures(2, true);
  pooled.pool = 5;
  EXPECT_THAT(test::error_text([&] { make(pooled); }), HasSubstr("pool = 5 of samples [4, 4, 1]"));
  PatternsOptions flat;
  flat.shape = {64};
  EXPECT_THAT(test::error_text([&] { make(flat); }), HasSubstr("grid and channels expected"));
  PatternsOptions huge;
  huge.shape = {1 << 30, 1 << 30};
  EXPECT_THAT(test::error_text([&] { make(huge); }), HasSubstr("make less of them"));
  const std::vector<int64_t> beyond = {16};
  EXPECT_THAT(test::error_text([&] { make({}).read(Split::kTrain, beyond); }),
              HasSubstr("pattern 16 does not exist; there are 16"));
}

TEST(RetrievalTask, AsksForTheInputsWhereThereAreNoPatterns) {
  Batch labels;
  labels.inputs = torch::randn({3, 5, 1});
  labels.targets = torch::arange(3);
  Batch cues = labels;
  cues.targets = torch::ones({3, 5, 1});
  Retrieval({}).prepare(labels, {}, {});
  Retrieval({}).prepare(cues, {}, {});
  EXPECT_TRUE(labels.targets.equal(labels.inputs));
  EXPECT_TRUE(cues.targets.equal(torch::ones({3, 5, 1})));
}

TEST(RetrievalTask, CountsWhatComesBack) {
  Batch batch;
  batch.targets = torch::ones({4, 20, 1});
  torch::Tensor output = batch.targets.clone();
  output[1][0] = -1;                  // one of twenty wrong: overlap 0.9
  output[2].narrow(0, 0, 10).neg_();  // overlap 0
  output[3] *= 1.25;                  // another length
  const auto score = Retrieval({0.85, 0.2}).score({});
  score->add(output.narrow(0, 0, 2), {torch::Tensor(), batch.targets.narrow(0, 0, 2), {}, {}});
  score->add(output.narrow(0, 2, 2), {torch::Tensor(), batch.targets.narrow(0, 2, 2), {}, {}});
  const std::vector<Metric> metrics = score->metrics();
  ASSERT_EQ(metrics.size(), 3U);
  EXPECT_EQ(metrics[0].name, "retrieved");
  EXPECT_DOUBLE_EQ(metrics[0].value, 0.75);
  EXPECT_TRUE(metrics[0].percent && metrics[0].higher_is_better);
  EXPECT_EQ(metrics[1].name, "exact");
  EXPECT_DOUBLE_EQ(metrics[1].value, 0.25);
  EXPECT_EQ(metrics[2].name, "overlap");
  EXPECT_NEAR(metrics[2].value, (1 + 0.9 + 0 + 1) / 4, 1e-12);
  EXPECT_NEAR(Retrieval({}).loss(output, batch).item<double>(), (4 + 40 + 20 * 0.0625) / 80, 1e-6);
  batch.targets = torch::ones({4, 20});
  EXPECT_THAT(test::error_text([&] { Retrieval({}).loss(output, batch); }),
              HasSubstr("the network answers [4, 20, 1], the patterns are [4, 20]"));
}

}  // namespace
}  // namespace mixwright
