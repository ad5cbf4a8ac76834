#pragma once

#include <memory>

#include <mixwright/dataset.h>

#include "framework/config/run_config.h"
#include "framework/model/factory.h"

namespace mixwright::model {

/// The dataset of a config. One that declares an option `seed` and is told none takes the run's:
/// what it makes up differs from seed to seed as the weights do.
std::shared_ptr<Dataset> make_dataset(const config::RunConfig& config, const PartFactory& factory);

}  // namespace mixwright::model
