#include <algorithm>

#include <mixwright/dataset.h>
#include <mixwright/error.h>

#include "checker.h"
#include "threads.h"

namespace mixwright::conformance {

namespace {

constexpr int64_t kMost = 64;  // samples of a split that are looked at

const char* split_name(Split split) {
  return split == Split::kTrain ? "training" : "test";
}

/// Indices spread over a split, its first and last among them.
std::vector<int64_t> spread(const Dataset& dataset, Split split) {
  const int64_t size = dataset.size(split);
  const int64_t count = std::min(size, kMost);
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < count; ++i) {
    indices.push_back(count == 1 ? 0 : i * (size - 1) / (count - 1));
  }
  return indices;
}

std::vector<Split> splits_of(const Dataset& dataset) {
  std::vector<Split> splits = {Split::kTrain};
  if (dataset.size(Split::kTest) > 0) splits.push_back(Split::kTest);
  return splits;
}

bool same(const Batch& a, const Batch& b) {
  return a.inputs.equal(b.inputs) && a.targets.equal(b.targets) && a.indices.equal(b.indices);
}

std::string describes_itself(const DatasetInfo& info) {
  const auto per_channel = [&info](const std::vector<double>& values) {
    const auto count = static_cast<int64_t>(values.size());
    return count <= 1 || count == info.input.channels;
  };
  if (!per_channel(info.mean) || !per_channel(info.std)) {
    return "mean and std: one for every channel, or one for all, expected";
  }
  for (const double value : info.std) {
    if (!(value > 0)) return "std holds " + std::to_string(value);
  }
  const auto names = static_cast<int64_t>(info.class_names.size());
  if (names != 0 && names != info.classes) {
    return std::to_string(names) + " class names for " + std::to_string(info.classes) + " classes";
  }
  return "";
}

std::string has_a_length(const Dataset& dataset) {
  if (dataset.size(Split::kTrain) < 1) return "the training split is empty";
  if (dataset.size(Split::kTest) < 0) return "the test split has less than no samples";
  return dataset.size(Split::kTrain) == dataset.size(Split::kTrain)
             ? ""
             : "size gives another number when it is asked again";
}

std::string samples_are_as_promised(const Dataset& dataset) {
  const DatasetInfo& info = dataset.info();
  for (const Split split : splits_of(dataset)) {
    const std::vector<int64_t> indices = spread(dataset, split);
    const Batch batch = dataset.read(split, indices);
    std::vector<int64_t> expected = {static_cast<int64_t>(indices.size())};
    expected.insert(expected.end(), info.input.grid.begin(), info.input.grid.end());
    if (info.input.channels > 0) expected.push_back(info.input.channels);
    if (batch.inputs.sizes().vec() != expected) {
      return "info() promises " + list_text(expected) + ", read gives " +
             list_text(batch.inputs.sizes().vec());
    }
    if (!batch.inputs.is_contiguous()) return "inputs are not contiguous";
    if (batch.inputs.is_floating_point() && !batch.inputs.isfinite().all().item<bool>()) {
      return std::string("an input of the ") + split_name(split) + " split is not finite";
    }
  }
  return "";
}

std::string outside(const torch::Tensor& values, int64_t end, const std::string& what) {
  const auto lowest = values.min().item<int64_t>();
  const auto highest = values.max().item<int64_t>();
  if (lowest >= 0 && highest < end) return "";
  return what + " from " + std::to_string(lowest) + " to " + std::to_string(highest) + ", 0 to " +
         std::to_string(end - 1) + " expected";
}

/// Class indices and token ids; other targets are the task's affair.
std::string values_are_in_range(const Dataset& dataset) {
  const DatasetInfo& info = dataset.info();
  for (const Split split : splits_of(dataset)) {
    const Batch batch = dataset.read(split, spread(dataset, split));
    if (!batch.targets.defined() || batch.targets.size(0) != batch.inputs.size(0)) {
      return "there is not one target for each input";
    }
    std::string reason;
    if (info.classes > 0 && batch.targets.scalar_type() == torch::kInt64) {
      reason = outside(batch.targets, info.classes, "targets");
    }
    if (reason.empty() && info.vocabulary > 0 && batch.inputs.scalar_type() == torch::kInt64) {
      reason = outside(batch.inputs, info.vocabulary, "token ids");
    }
    if (!reason.empty()) return std::string(split_name(split)) + " split: " + reason;
  }
  return "";
}

/// Sample by sample, in the order that was asked for, whatever else is in the batch.
std::string keeps_the_order(const Dataset& dataset) {
  std::vector<int64_t> indices = spread(dataset, Split::kTrain);
  if (indices.size() > 4) indices.resize(4);
  std::reverse(indices.begin(), indices.end());
  const Batch batch = dataset.read(Split::kTrain, indices);
  if (!batch.indices.defined() || !batch.indices.equal(torch::tensor(indices))) {
    return "Batch::indices are not those that were asked for";
  }
  for (size_t i = 0; i < indices.size(); ++i) {
    const Batch one = dataset.read(Split::kTrain, std::span(indices).subspan(i, 1));
    const auto row = static_cast<int64_t>(i);
    if (!one.inputs[0].equal(batch.inputs[row]) || !one.targets[0].equal(batch.targets[row])) {
      return "sample " + std::to_string(indices[i]) + " read alone is another than in a batch";
    }
  }
  return "";
}

std::string reads_repeat(const Dataset& dataset, const Dataset& second) {
  for (const Split split : splits_of(dataset)) {
    const std::vector<int64_t> indices = spread(dataset, split);
    const Batch batch = dataset.read(split, indices);
    if (!same(dataset.read(split, indices), batch)) return "two reads of the same samples differ";
    if (second.size(split) != dataset.size(split) || !same(second.read(split, indices), batch)) {
      return "built a second time it has other samples";
    }
  }
  return "";
}

std::string training_reads_repeat(const Dataset& dataset) {
  const std::vector<int64_t> indices = {0, dataset.size(Split::kTrain) - 1};
  const auto drawn = [&] {
    std::vector<SampleRandom> random = {{1, 2, 3}, {1, 2, 4}};
    return dataset.read_for_training(indices, random);
  };
  const Batch training = drawn();
  if (training.inputs.sizes() != dataset.read(Split::kTrain, indices).inputs.sizes()) {
    return "read_for_training gives samples of another size than read";
  }
  return same(training, drawn()) ? "" : "the same randomness gives two different samples";
}

std::string threads_read_the_same(const Dataset& dataset) {
  constexpr int kRounds = 4;
  const std::vector<int64_t> indices = spread(dataset, Split::kTrain);
  const auto own = [&](int thread) {
    std::vector<int64_t> mine;
    for (size_t i = static_cast<size_t>(thread) % indices.size(); i < indices.size();
         i += kThreads) {
      mine.push_back(indices[i]);
    }
    return mine;
  };
  std::vector<Batch> expected;
  for (int i = 0; i < kThreads; ++i) expected.push_back(dataset.read(Split::kTrain, own(i)));
  return in_threads([&](int thread) -> std::string {
    const std::vector<int64_t> mine = own(thread);
    for (int round = 0; round < kRounds; ++round) {
      if (!same(dataset.read(Split::kTrain, mine), expected[static_cast<size_t>(thread)])) {
        return "read by several threads at once samples are others than read by one";
      }
    }
    return "";
  });
}

std::string refuses_what_is_not_there(const Dataset& dataset) {
  for (const Split split : {Split::kTrain, Split::kTest}) {
    for (const int64_t index : {dataset.size(split), int64_t{-1}}) {
      try {
        dataset.read(split, std::vector<int64_t>{index});
      } catch (const std::exception&) {
        continue;
      }
      return "sample " + std::to_string(index) + " of the " + split_name(split) +
             " split is read, though there are only " + std::to_string(dataset.size(split));
    }
  }
  return "";
}

}  // namespace

void check_dataset(const Subject& subject, Checker& checker) {
  std::shared_ptr<Dataset> dataset;
  checker.run("built from printed defaults", [&]() -> std::string {
    dataset = std::static_pointer_cast<Dataset>(build_alone(subject));
    return "";
  });
  if (!dataset) return;
  const Dataset& read = *dataset;
  checker.run("describes itself", [&] { return describes_itself(read.info()); });
  checker.run("length", [&] { return has_a_length(read); });
  if (read.size(Split::kTrain) < 1) return;
  checker.run("samples as promised", [&] { return samples_are_as_promised(read); });
  checker.run("targets in range", [&] { return values_are_in_range(read); });
  checker.run("samples in the order asked for", [&] { return keeps_the_order(read); });
  checker.run("reads repeat", [&] {
    return reads_repeat(read, *std::static_pointer_cast<Dataset>(build_alone(subject)));
  });
  checker.run("training reads repeat", [&] { return training_reads_repeat(read); });
  checker.run("several threads at once", [&] { return threads_read_the_same(read); });
  checker.run("a sample that is not there is an error",
              [&] { return refuses_what_is_not_there(read); });
}

}  // namespace mixwright::conformance
