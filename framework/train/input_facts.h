#pragma once

#include <filesystem>

#include "framework/data/picture_sample.h"

namespace mixwright::train {

/// `input.toml` in a run's folder: what its dataset says of samples, classes and normalisation, so
/// that the run answers where the data are not at hand.
///
/// It is written when a training starts and again by --resume where it is missing.
/// Throws: mixwright::Error where it cannot be written.
void write_input_facts(const std::filesystem::path& run, const data::SampleFacts& info);
bool has_input_facts(const std::filesystem::path& run);

/// Throws: UsageError `file:line:column: …` for what is missing, unknown or contradicts itself, and
/// for a run that has no such file.
data::SampleFacts read_input_facts(const std::filesystem::path& run);

}  // namespace mixwright::train
