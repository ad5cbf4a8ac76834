#pragma once

namespace mixwright::train {

/// While it lives, SIGTERM and SIGINT only set a flag, which the training looks at after every
/// batch. A second signal of the same kind ends the process at once.
/// Owner: one at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();
};

/// The signal that asks to stop, or 0.
int stop_signal();

/// `SIGTERM`, `SIGINT`.
const char* signal_name(int signal);

/// Exit code of a training that a signal stopped, after its checkpoint is written: 128 + signal, as
/// shells and schedulers expect.
int stop_exit_code(int signal);

}  // namespace mixwright::train
