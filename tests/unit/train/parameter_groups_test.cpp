#include "framework/train/parameter_groups.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

std::map<std::string, TrainedTensor> tensors_of(const model::Network& network,
                                                const OptimizerOptions& options = {}) {
  std::map<std::string, TrainedTensor> result;
  for (const TrainedTensor& entry : trained_tensors(network, options)) result[entry.name] = entry;
  return result;
}

ParameterGroup group_of(const std::string& match, double lr_factor) {
  ParameterGroup group;
  group.match = match;
  group.lr_factor = lr_factor;
  return group;
}

TEST(TrainedTensors, NormsBiasesVectorsAndPositionsDoNotDecay) {
  const auto network = test::tiny_network();
  auto tensors = tensors_of(*network);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.weight").weight_decay, 0.05);
  EXPECT_EQ(tensors.at("head.linear.weight").weight_decay, 0.05);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.bias").weight_decay, 0);
  EXPECT_EQ(tensors.at("stages.0.blocks.1.norm.weight").weight_decay, 0) << "three dimensions";
  EXPECT_EQ(tensors.at("stages.0.blocks.1.position").weight_decay, 0);
  EXPECT_EQ(tensors.at("head.linear.bias").weight_decay, 0);

  OptimizerOptions options;
  options.no_decay = {"head.linear.weight"};
  tensors = tensors_of(*network, options);
  EXPECT_EQ(tensors.at("head.linear.weight").weight_decay, 0);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.weight").weight_decay, 0.05);
}

TEST(TrainedTensors, RatesFallWithTheDistanceFromTheHead) {
  const auto network = test::tiny_network();
  OptimizerOptions options;
  options.layer_decay = 0.5;
  const auto tensors = tensors_of(*network, options);
  EXPECT_EQ(tensors.at("head.linear.weight").lr_factor, 1);
  EXPECT_EQ(tensors.at("stages.0.blocks.1.position").lr_factor, 0.5);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.weight").lr_factor, 0.25);
}

TEST(TrainedTensors, GroupsAddUpInTheirOrder) {
  const auto network = test::tiny_network();
  OptimizerOptions options;
  options.groups = {group_of("{rest:*}", 0.5), group_of("head.{rest:*}", 0.1)};
  options.groups[1].weight_decay = 0.3;
  const auto tensors = tensors_of(*network, options);
  EXPECT_DOUBLE_EQ(tensors.at("head.linear.weight").lr_factor, 0.05);
  EXPECT_EQ(tensors.at("head.linear.bias").weight_decay, 0.3);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.weight").lr_factor, 0.5);
  EXPECT_EQ(tensors.at("stages.0.blocks.0.linear.weight").weight_decay, 0.05);
}

TEST(TrainedTensors, FrozenOnesAreNoneOfThem) {
  const auto network = test::tiny_network();
  OptimizerOptions options;
  options.groups = {group_of("stages.{rest:*}", 1)};
  options.groups[0].frozen = true;
  freeze_groups(*network, options);
  for (const auto& [name, entry] : tensors_of(*network, options)) {
    EXPECT_THAT(name, testing::StartsWith("head."));
  }
}

TEST(TrainedTensors, APatternThatMatchesNothingIsAnError) {
  const auto network = test::tiny_network();
  OptimizerOptions options;
  options.groups = {group_of("heads.{rest:*}", 1)};
  EXPECT_THAT([&] { trained_tensors(*network, options); },
              testing::ThrowsMessage<UsageError>(testing::HasSubstr("\"heads.{rest:*}\" matches")));
}

}  // namespace
}  // namespace mixwright::train
