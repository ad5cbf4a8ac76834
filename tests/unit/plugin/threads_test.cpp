// One OpenMP runtime in the process, and parallel_for on all of its threads.

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <mixwright/parallel.h>

#include "framework/plugin/registry.h"
#include "framework/plugin/runtimes.h"
#include "tests/unit/plugin/plugin_files.h"

namespace mixwright::plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> mapped_openmp() {
  std::vector<std::string> result;
  for (const std::string& path : mapped_runtimes()) {
    const std::string name = std::filesystem::path(path).filename().string();
    if (name.starts_with("libgomp") || name.starts_with("libomp") || name.starts_with("libiomp5")) {
      result.push_back(path);
    }
  }
  return result;
}

TEST(Threads, ParallelForUsesAllThreads) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  EXPECT_EQ(parallel_threads(), 2);
  std::mutex lock;
  std::set<std::thread::id> seen;
  std::atomic<int> arrived = 0;
  std::atomic<int64_t> sum = 0;
  parallel_for(0, 1000, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sum += i;
    {
      const std::lock_guard guard(lock);
      seen.insert(std::this_thread::get_id());
    }
    ++arrived;
  });
  at::set_num_threads(before);
  EXPECT_EQ(sum, 499500);
  EXPECT_EQ(arrived, 2);
  EXPECT_THAT(seen, SizeIs(2));
}

TEST(Threads, OneOpenMpRuntimeIsMapped) {
  Registry registry;
  registry.scan(SearchOptions{{test::boundary_library("good").string()}, true, {}});
  registry.find("token_mixer", "boundary_scale");
  torch::rand({64, 64}).matmul(torch::rand({64, 64}));
  parallel_for(0, 100, 1, [](int64_t, int64_t) {});
  EXPECT_THAT(mapped_openmp(), SizeIs(1));
}

TEST(Runtimes, WhatIsLoadedAlreadyIsNoSecondCopy) {
  EXPECT_EQ(second_runtime_needed({"libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libm.so.6"}),
            "");
  // A part of LibTorch that this host has not loaded lies beside what it has.
  EXPECT_EQ(second_runtime_needed({"libtorch.so"}), "");
}

TEST(Runtimes, AnythingElseOfTheirKindIs) {
  EXPECT_THAT(second_runtime_needed({"libm.so.6", "libomp.so.5"}),
              HasSubstr("needs libomp.so.5, which would be a second OpenMP runtime"));
  EXPECT_THAT(second_runtime_needed({"/opt/other/libtorch_cpu.so"}),
              HasSubstr("a second LibTorch"));
  EXPECT_THAT(second_runtime_needed({"libgomp-a34b3233.so.1"}),
              HasSubstr("mixwright::parallel_for"));
}

}  // namespace
}  // namespace mixwright::plugin
