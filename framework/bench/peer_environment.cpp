#include "framework/bench/peer_environment.h"

#include <chrono>
#include <csignal>
#include <optional>

#include <mixwright/error.h>

#include "framework/io/child_process.h"
#include "framework/train/signals.h"

namespace mixwright::bench {

namespace {

constexpr auto kLookForSignals = std::chrono::milliseconds(200);
constexpr auto kLongest = std::chrono::minutes(60);

}  // namespace

std::filesystem::path prepare_environment(const std::filesystem::path& folder,
                                          const std::filesystem::path& messages) {
  io::ChildOptions options;
  options.messages = messages;
  options.own_group = true;
  io::ChildProcess script((folder / "environment.sh").string(), {}, options);
  const auto end = std::chrono::steady_clock::now() + kLongest;
  std::optional<int> code;
  while (!(code = script.wait_for(kLookForSignals))) {
    if (train::stop_signal() == 0 && std::chrono::steady_clock::now() < end) continue;
    script.send_to_group(SIGTERM);
    script.wait();
    throw Error("making the environment of the peers was stopped");
  }
  const std::string words = io::last_line(messages);
  if (*code != 0) throw Error("the environment of the peers cannot be made: " + words);
  return words;
}

}  // namespace mixwright::bench
