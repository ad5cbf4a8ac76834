#include "framework/train/signals.h"

#include <array>
#include <csignal>

namespace mixwright::train {

namespace {

constexpr std::array<int, 2> kSignals = {SIGTERM, SIGINT};

volatile std::sig_atomic_t received = 0;

struct sigaction old_actions[kSignals.size()];

void note(int signal) {
  received = signal;
}

}  // namespace

StopSignals::StopSignals() {
  received = 0;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    action.sa_handler = &note;
    sigemptyset(&action.sa_mask);
    // SA_RESETHAND: the second signal finds the default action.
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    sigaction(kSignals[i], &action, &old_actions[i]);
  }
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &old_actions[i], nullptr);
}

int stop_signal() {
  return received;
}

const char* signal_name(int signal) {
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

int stop_exit_code(int signal) {
  return 128 + signal;
}

}  // namespace mixwright::train
