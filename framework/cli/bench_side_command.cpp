// Our own side of a bench: a process that answers requests as benchmarks/peers/peer.py describes.

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>
#include <torch/torch.h>
#include <torch/version.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/io/safetensors.h"
#include "framework/model/weights.h"
#include "framework/train/device.h"
#include "framework/train/optimizer.h"
#include "framework/train/parameter_groups.h"

namespace mixwright::cli {

namespace {

using nlohmann::json;

constexpr double kLearningRate = 1e-4;
constexpr int kStepsOfAnAnswer = 3;

/// The most memory that lay in this process, in megabytes, since peaks were forgotten.
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

/// What making the network took is not what running it takes.
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

class BenchSide {
 public:
  explicit BenchSide(Globals& globals) : globals_(globals) {}

  json answer(const json& request) {
    const std::string what = request.value("do", "");
    if (what == "versions") {
      return {{"versions", {{"mixwright", MIXWRIGHT_VERSION}, {"libtorch", TORCH_VERSION}}}};
    }
    if (what == "weights") return weights(request);
    if (what == "prepare") return prepare(request);
    if (what == "answer") return write_answer(request);
    if (what == "time") return time(request);
    throw Error("request \"" + what + "\" is not known");
  }

 private:
  void build(const json& network) {
    const auto sets = network.value("set", std::vector<std::string>());
    network_ = load_model(network.at("config"), sets, globals_).network;
    const std::string map = network.value("weight_map", "");
    map_ = map.empty() ? model::WeightMap::identity() : model::WeightMap::load(map);
  }

  /// Random ones, where nobody else makes them.
  json weights(const json& request) {
    build(request.at("network"));
    io::write_safetensors(request.at("weights").get<std::string>(), network_->state());
    return json::object();
  }

  json prepare(const json& request) {
    at::set_num_threads(request.at("threads"));
    build(request.at("network"));
    if (const std::string file = request.value("weights", ""); !file.empty()) {
      const auto theirs = model::WeightMap::with_prefix(io::load_safetensors(file), map_.prefix());
      model::load_values(*network_, map_.apply(theirs, model::state_by_name(*network_)));
    }
    const model::NamedTensors input = io::load_safetensors(request.at("input").get<std::string>());
    // What lies channels first in memory is what others begin with; ours begins with its own
    // layout.
    x_ = map_channels(input.at("x"));
    labels_ = input.at("labels");
    training_ = request.value("mode", "") == "training";
    network_->train(training_);
    if (!training_) {
      const int64_t forms = network_->use_inference_forms();
      return {{"form", std::to_string(forms) + " layers in their form for inference"}};
    }
    OptimizerOptions options;
    options.lr = kLearningRate;
    optimizer_ = train::make_optimizer(train::trained_tensors(*network_, options), options);
    return {{"form", "training form"}};
  }

  /// [B, C, *grid] -> [B, *grid, C].
  static torch::Tensor map_channels(const torch::Tensor& x) {
    return x.movedim(1, -1).contiguous();
  }

  torch::Tensor run() {
    if (!training_) {
      const c10::InferenceMode inference;
      return network_->forward(x_);
    }
    const torch::Tensor y = network_->forward(x_);
    torch::Tensor loss = torch::nn::functional::cross_entropy(y, labels_);
    if (const torch::Tensor penalty = network_->penalty(); penalty.defined()) loss = loss + penalty;
    optimizer_->zero_grad();
    loss.backward();
    network_->gather_shared_gradients();
    optimizer_->step(kLearningRate);
    losses_.push_back(loss.detach());
    return y.detach();
  }

  json write_answer(const json& request) {
    std::vector<model::NamedTensor> result = {{"y", run()}};
    if (training_) {
      while (losses_.size() < kStepsOfAnAnswer) run();
      result.emplace_back("losses", torch::stack(losses_));
    }
    io::write_safetensors(request.at("output").get<std::string>(), result);
    forget_peak();
    return json::object();
  }

  json time(const json& request) {
    run();
    std::vector<double> seconds(request.at("calls").get<size_t>());
    for (double& each : seconds) {
      const auto begin = std::chrono::steady_clock::now();
      run();
      each = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    losses_.clear();
    return {{"seconds", seconds}, {"memory_mb", peak_megabytes()}};
  }

  Globals& globals_;
  std::shared_ptr<model::Network> network_;
  model::WeightMap map_ = model::WeightMap::identity();
  std::unique_ptr<train::Optimizer> optimizer_;
  torch::Tensor x_;
  torch::Tensor labels_;
  bool training_ = false;
  std::vector<torch::Tensor> losses_;
};

void answer_requests(Globals& globals) {
  train::keep_freed_memory();  // as predict and train do
  BenchSide side(globals);
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    try {
      answer = side.answer(json::parse(line));
    } catch (const c10::Error& error) {
      answer = {{"error", first_line(error.what_without_backtrace())}};
    } catch (const std::exception& error) {
      answer = {{"error", first_line(error.what())}};
    }
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
}

}  // namespace

void add_bench_side_command(Command program, Globals& globals) {
  Command command =
      program.subcommand("bench-side", "one side of a bench: answers requests, a line each");
  command.hidden();
  command.run([&globals] { answer_requests(globals); });
}

}  // namespace mixwright::cli
