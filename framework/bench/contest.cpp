#include "framework/bench/contest.h"

#include <algorithm>
#include <limits>
#include <memory>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <torch/torch.h>

#include <mixwright/error.h>

#include "framework/bench/spread.h"
#include "framework/bench/turns.h"
#include "framework/io/safetensors.h"
#include "framework/model/weights.h"
#include "framework/train/signals.h"

namespace mixwright::bench {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr auto kPreparing = std::chrono::seconds(600);  // torch.compile takes minutes
constexpr auto kRunning = std::chrono::seconds(300);
constexpr double kTurnSeconds = 0.2;
constexpr int kMostCalls = 50;

/// A contestant at work.
struct Side {
  SideResult result;
  std::unique_ptr<AnsweringProcess> process;
  fs::path output;
};

const char* mode_name(Mode mode) {
  return mode == Mode::kTraining ? "training" : "inference";
}

std::unique_ptr<AnsweringProcess> start(const Contestant& contestant, const fs::path& folder) {
  return std::make_unique<AnsweringProcess>(
      contestant.program, contestant.arguments, folder / (contestant.name + ".log"));
}

/// Pictures as the peers have them, [B, C, *grid], and a class for each.
void write_input(const Contest& contest, const fs::path& file) {
  torch::Generator random = at::detail::createCPUGenerator(/*seed_val=*/1);
  std::vector<int64_t> sizes = {contest.batch, contest.shape.back()};
  sizes.insert(sizes.end(), contest.shape.begin(), contest.shape.end() - 1);
  const torch::Tensor x = torch::randn(sizes, random);
  const torch::Tensor labels =
      torch::randint(contest.classes, {contest.batch}, random, torch::kLong);
  io::write_safetensors(file, {{"x", x}, {"labels", labels}});
}

/// Starts one side and lets it answer; its failure is noted.
Side answering_side(const Contest& contest, const Contestant& contestant, const fs::path& folder) {
  Side side;
  side.result.name = contestant.name;
  side.output = folder / (contestant.name + ".safetensors");
  json request = {{"do", "prepare"},
                  {"network", contestant.network},
                  {"input", (folder / "input.safetensors").string()},
                  {"mode", mode_name(contest.mode)},
                  {"threads", contest.threads}};
  if (contest.weights) request["weights"] = (folder / "weights.safetensors").string();
  spdlog::info("{}: batch {}: preparing {}", contest.network, contest.batch, contestant.name);
  try {
    side.process = start(contestant, folder);
    side.result.form = side.process->ask(request, kPreparing).value("form", "");
    side.process->ask({{"do", "answer"}, {"output", side.output.string()}}, kPreparing);
  } catch (const Error& error) {
    side.result.failure = error.what();
    side.process.reset();
  }
  return side;
}

/// The largest difference of all that both wrote.
double difference_of(const fs::path& file, const fs::path& ours) {
  const model::NamedTensors answer = io::load_safetensors(file);
  double difference = 0;
  for (const auto& [name, own] : io::load_safetensors(ours)) {
    const auto value = answer.find(name);
    if (value == answer.end()) throw Error("its answer has no tensor \"" + name + "\"");
    difference = std::max(difference, relative_difference(value->second, own));
  }
  return difference;
}

/// Who does not answer as we do takes no turns.
void compare(const Contest& contest, const Side& ours, Side& side) {
  if (!side.result.is_measured()) return;
  const double limit = contest.mode == Mode::kTraining ? kTrainingAgreement : kAgreement;
  try {
    side.result.difference = difference_of(side.output, ours.output);
    if (*side.result.difference <= limit) return;
    side.result.wrong = true;
    side.result.failure =
        fmt::format("its answer differs from ours by {:.2g} of the largest value, more than {:.0e}",
                    *side.result.difference,
                    limit);
  } catch (const Error& error) {
    side.result.failure = error.what();
  }
  side.process.reset();
}

/// Seconds of so many calls.
std::vector<double> timed(Side& side, int calls) {
  const json answer = side.process->ask({{"do", "time"}, {"calls", calls}}, kRunning);
  std::vector<double> seconds;
  if (const auto given = answer.find("seconds"); given != answer.end() && given->is_array()) {
    for (const json& value : *given) {
      if (value.is_number() && value.get<double>() > 0) seconds.push_back(value.get<double>());
    }
  }
  if (seconds.size() != static_cast<size_t>(calls)) throw Error("does not say how long it took");
  const json memory = answer.value("memory_mb", json());
  if (memory.is_number()) side.result.memory_mb = memory.get<double>();
  return seconds;
}

/// So many calls of ours fill a turn; the others do as many.
int calls_of_a_turn(Side& ours) {
  const double once = timed(ours, 1).front();
  return std::clamp(static_cast<int>(kTurnSeconds / once), 1, kMostCalls);
}

/// The median of a turn's calls. Who fails in the middle is out.
double turn(Side& side, int calls) {
  if (!side.process) return 0;
  try {
    return spread_of(timed(side, calls)).median;
  } catch (const Error& error) {
    side.result.failure = error.what();
    side.process.reset();
    return 0;
  }
}

void run_turns(const Contest& contest, std::vector<Side>& sides) {
  const int calls = calls_of_a_turn(sides.front());
  std::vector<Side*> running;
  std::vector<Turn> turns;
  for (Side& side : sides) {
    if (!side.process) continue;
    running.push_back(&side);
    turns.emplace_back([&side, calls] { return turn(side, calls); });
  }
  const auto seconds = take_turns(turns, contest.rounds, [&](int round) {
    if (train::stop_signal() != 0) throw Error("stopped");
    spdlog::info("{}: batch {}: round {} of {}, {} calls each",
                 contest.network,
                 contest.batch,
                 round + 1,
                 contest.rounds,
                 calls);
  });
  for (size_t i = 0; i < running.size(); ++i) {
    if (running[i]->result.is_measured()) running[i]->result.seconds = seconds[i];
  }
}

void make_weights(const Contest& contest, const fs::path& folder) {
  if (!contest.weights) return;
  const std::unique_ptr<AnsweringProcess> maker = start(*contest.weights, folder);
  try {
    maker->ask({{"do", "weights"},
                {"network", contest.weights->network},
                {"weights", (folder / "weights.safetensors").string()}},
               kPreparing);
  } catch (const Error& error) {
    throw Error(contest.network + ": no weights for both sides: " + error.what());
  }
}

}  // namespace

double relative_difference(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (a.sizes() != b.sizes()) return kInfinity;
  const torch::Tensor x = a.to(torch::kDouble);
  const torch::Tensor y = b.to(torch::kDouble);
  if (!x.isfinite().all().item<bool>() || !y.isfinite().all().item<bool>()) return kInfinity;
  const double largest = b.numel() == 0 ? 0 : y.abs().max().item<double>();
  if (largest == 0) return kInfinity;
  return (x - y).abs().max().item<double>() / largest;
}

std::vector<SideResult> hold_contest(const Contest& contest, const fs::path& folder) {
  write_input(contest, folder / "input.safetensors");
  make_weights(contest, folder);
  std::vector<Side> sides;
  sides.push_back(answering_side(contest, contest.ours, folder));
  if (!sides.front().result.is_measured()) {
    throw Error(contest.network + ": " + sides.front().result.failure);
  }
  for (const Contestant& peer : contest.peers) {
    if (train::stop_signal() != 0) throw Error("stopped");
    sides.push_back(answering_side(contest, peer, folder));
    compare(contest, sides.front(), sides.back());
  }
  run_turns(contest, sides);
  if (!sides.front().result.is_measured()) {
    throw Error(contest.network + ": " + sides.front().result.failure);
  }
  std::vector<SideResult> results;
  for (const Side& side : sides) results.push_back(side.result);
  return results;
}

}  // namespace mixwright::bench
