#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/bench/answering_process.h"
#include "framework/bench/peer_network.h"

namespace mixwright::bench {

enum class Mode { kInference, kTraining };

/// A program that takes part: ours or a peer.
struct Contestant {
  std::string name;
  std::string program;
  std::vector<std::string> arguments;
  nlohmann::json network;  ///< how it finds the network; part of its requests
};

/// One network at one batch size.
struct Contest {
  std::string config;          ///< as the user gave it
  std::string network;         ///< its name
  std::vector<int64_t> shape;  ///< of a sample, channels last
  int64_t classes = 0;
  int64_t macs = 0;  ///< of one sample, forward
  int64_t batch = 1;
  Mode mode = Mode::kInference;
  int threads = 1;
  int rounds = 1;
  std::string weight_map;  ///< from the peers' names to ours; empty: the same names
  Contestant ours;
  std::vector<Contestant> peers;
  std::optional<Contestant> weights;  ///< who makes them; nobody: ours are random
};

/// What one side came to. Without `failure` it was measured.
struct SideResult {
  std::string name;
  std::string form;                  ///< what was made of the network
  std::string failure;               ///< why it was not measured
  bool wrong = false;                ///< its answer is not ours
  std::optional<double> difference;  ///< max |y - ours| / max |ours|
  std::vector<double> seconds;       ///< one for each round, of one call
  double memory_mb = 0;              ///< the most that lay in memory while it ran

  bool is_measured() const { return failure.empty(); }
};

/// The largest relative difference of two answers that are taken for the same.
inline constexpr double kAgreement = 1e-4;
/// The same for outputs of training mode and the losses of the first steps: rounding goes through
/// gradients, and an optimiser that divides by their size.
inline constexpr double kTrainingAgreement = 1e-3;

/// Starts everybody, compares the answers, lets those that agree take turns. Ours is the first of
/// the results. A peer that fails has its reason in them; a signal that asks to stop is left to the
/// caller, see train::stop_signal().
/// Throws: mixwright::Error where our own side fails.
std::vector<SideResult> hold_contest(const Contest& contest, const std::filesystem::path& folder);

/// max |a - b| / max |b| over all elements; infinity where shapes differ, something is not finite,
/// or b is zero everywhere, which would agree with whatever forgot its weights.
double relative_difference(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace mixwright::bench
