#include "framework/train/schedule.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace mixwright::train {
namespace {

ScheduleOptions options_of(ScheduleType type, double warmup, double start, double end) {
  ScheduleOptions options;
  options.type = type;
  options.warmup = warmup;
  options.start = start;
  options.end = end;
  return options;
}

TEST(ScheduleTest, OneCycleEqualsLibTorchs) {
  // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10, pct_start=0.3, div_factor=25,
  // final_div_factor=1e4): its warm-up ends at pct_start x total - 1 = 2.
  const auto options = options_of(ScheduleType::kOneCycle, 0.3, 0.04, 0.04 / 1e4);
  const double expected[] = {0.04,
                             0.52,
                             1.0,
                             0.9504846320134737,
                             0.8117456539497631,
                             0.6112620219362893,
                             0.38874197806371075,
                             0.18825834605023697,
                             0.049519367986526286,
                             4e-06};
  for (int64_t step = 0; step < 10; ++step) {
    EXPECT_NEAR(schedule_factor(options, step, 10), expected[step], 1e-14) << "step " << step;
  }
}

TEST(ScheduleTest, CosineWarmsUpInALineAndFallsByHalfACosine) {
  const auto options = options_of(ScheduleType::kCosine, 20.0 / 101, 0.1, 0.01);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 0, 101), 0.1);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 10, 101), 0.55);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 20, 101), 1.0);
  EXPECT_NEAR(schedule_factor(options, 60, 101), (1.0 + 0.01) / 2, 1e-12);
  EXPECT_NEAR(schedule_factor(options, 40, 101),
              0.01 + 0.99 * (1 + std::cos(std::numbers::pi / 4)) / 2,
              1e-12);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 100, 101), 0.01);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 500, 101), 0.01) << "beyond the end it stays";
}

TEST(ScheduleTest, CooldownKeepsTheLastRate) {
  ScheduleOptions options;
  options.warmup = 0.1;
  options.end = 0.01;
  options.cooldown = 0.2;
  for (int64_t step = 79; step < 100; ++step) {
    EXPECT_DOUBLE_EQ(schedule_factor(options, step, 100), 0.01) << step;
  }
  EXPECT_GT(schedule_factor(options, 78, 100), 0.01);
  // The steps before are those of a training that ends there.
  ScheduleOptions shorter = options;
  shorter.cooldown = 0;
  shorter.warmup = 0.125;
  for (int64_t step = 0; step < 80; ++step) {
    EXPECT_NEAR(schedule_factor(options, step, 100), schedule_factor(shorter, step, 80), 1e-12);
  }
}

TEST(ScheduleTest, StepFallsAtEachMilestone) {
  auto options = options_of(ScheduleType::kStep, 0.0, 0.0, 0.0);
  options.milestones = {0.5, 0.8};
  options.gamma = 0.1;
  const double expected[] = {1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01};
  for (int64_t step = 0; step < 10; ++step) {
    EXPECT_NEAR(schedule_factor(options, step, 10), expected[step], 1e-15) << "step " << step;
  }
  options.warmup = 4.0 / 10;
  EXPECT_EQ(schedule_factor(options, 1, 10), 0.25);
  EXPECT_EQ(schedule_factor(options, 4, 10), 1.0);
}

TEST(ScheduleTest, ConstantStaysAtTheTop) {
  const auto options = options_of(ScheduleType::kConstant, 5.0 / 11, 0, 0);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 0, 11), 0);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 5, 11), 1);
  EXPECT_DOUBLE_EQ(schedule_factor(options, 10, 11), 1);
}

TEST(ScheduleTest, WithoutWarmUpItBeginsAtTheTop) {
  for (const auto type :
       {ScheduleType::kCosine, ScheduleType::kOneCycle, ScheduleType::kConstant}) {
    EXPECT_DOUBLE_EQ(schedule_factor(options_of(type, 0, 0.04, 0), 0, 100), 1);
  }
}

TEST(ScheduleTest, ShortAndWarmUpOnlyTrainingsAreDefined) {
  for (const auto type :
       {ScheduleType::kCosine, ScheduleType::kOneCycle, ScheduleType::kConstant}) {
    for (const double warmup : {0.0, 0.3, 1.0}) {
      for (const int64_t steps : {1, 2, 3}) {
        for (int64_t step = 0; step < steps; ++step) {
          const double factor = schedule_factor(options_of(type, warmup, 0.04, 0.001), step, steps);
          EXPECT_GE(factor, 0.001);
          EXPECT_LE(factor, 1.0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace mixwright::train
