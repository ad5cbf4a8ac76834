#pragma once

#include "framework/cli/training.h"
#include "framework/train/run_folder.h"

namespace mixwright::cli {

/// What will be trained, before it begins.
void announce(const LoadedTraining& training,
              const train::Trainer& trainer,
              const train::RunFolder& folder);

/// A training that a signal or --stop-after stopped.
void report_stop(const train::TrainingResult& result,
                 const train::Trainer& trainer,
                 const train::RunFolder& folder,
                 const Globals& globals);

/// The end of a training: measures the best checkpoint on the test split, draws the plots, and
/// shows tables, where everything lies and what to try next. A signal stops the measurement; the
/// exit code is then that of a stopped training, and a resumed one measures again.
void report_end(const train::TrainingResult& result,
                const LoadedTraining& training,
                const train::RunFolder& folder,
                Globals& globals);

}  // namespace mixwright::cli
