#pragma once

#include <memory>

#include <mixwright/dataset.h>

#include "framework/config/run_config.h"
#include "framework/model/factory.h"
#include "framework/model/network.h"

namespace mixwright::model {

/// What enters the network and how many answers it has.
struct InputSignal {
  Shape shape;  ///< channels 0: token ids
  int64_t classes = 0;
  int64_t vocabulary = 0;
};

/// The input signal by `[model.input]`, by the dataset, or by both, which must agree. `data` may be
/// null. Throws UsageError.
InputSignal input_signal(const config::RunConfig& config, const DatasetInfo* data);

/// Builds the network of a config: embedding, depth x block for every stage, then the
/// head; ties what `[model.share]` ties and initialises by `model.init`. Draws from the default
/// generator: seed it first.
///
/// Everything is built once without memory before, so that what does not fit is refused before a
/// parameter is allocated: constructors of parts run twice.
/// Throws: BuildError that names the part where something does not fit.
std::shared_ptr<Network> assemble(const config::RunConfig& config,
                                  const InputSignal& input,
                                  const PartFactory& factory);

}  // namespace mixwright::model
