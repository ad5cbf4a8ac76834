#include "framework/train/input_facts.h"

#include <mixwright/error.h>
#include <mixwright/options.h>

#include "framework/config/toml_reader.h"
#include "framework/config/toml_writer.h"
#include "framework/io/atomic_file.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kInputFormat = 1;
constexpr double kMostPlaces = 1e9;
constexpr const char* kIntroduction =
    "# What the samples of this run are, so that it answers without the data: mixwright predict.\n"
    "# A picture's shorter side becomes `resize` (0: as small as covers the grid) and the grid is\n"
    "# cut out of its centre, by `interpolation`; then (value / 255 - mean) / std.\n";

struct InputFacts {
  int64_t format = kInputFormat;
  std::vector<int64_t> grid;
  int64_t channels = 0;
  int64_t vocabulary = 0;
  int64_t classes = 0;
  std::vector<std::string> class_names;
  std::vector<double> mean;
  std::vector<double> std;
  int64_t resize = 0;
  PictureInterpolation interpolation = PictureInterpolation::kBilinear;  // older files lack it
};

MIXWRIGHT_OPTIONS(
    InputFacts,
    field("format", &InputFacts::format).required(),
    field("grid", &InputFacts::grid).required().at_least(1).at_most(kMostPlaces),
    field("channels", &InputFacts::channels).required().at_least(0).at_most(kMostPlaces),
    field("vocabulary", &InputFacts::vocabulary).required().at_least(0).at_most(kMostPlaces),
    field("classes", &InputFacts::classes).required().at_least(0).at_most(kMostPlaces),
    field("class_names", &InputFacts::class_names).required(),
    field("mean", &InputFacts::mean).required(),
    field("std", &InputFacts::std).required(),
    field("resize", &InputFacts::resize).required().at_least(0).at_most(kMostPlaces),
    field("interpolation", &InputFacts::interpolation))

fs::path file_of(const fs::path& run) {
  return run / "input.toml";
}

SourceLocation place_of(const ConfigValue& root, const char* key) {
  const ConfigValue* value = root.find(key);
  return value == nullptr ? root.location() : value->location();
}

/// An older or newer file may have other keys, so its format is looked at before all else.
void check_format(const ConfigValue& root, Diagnostics& diagnostics) {
  const ConfigValue* format = root.find("format");
  if (format == nullptr || (format->is_integer() && format->as_integer() == kInputFormat)) return;
  diagnostics.error(format->location(),
                    "format is " + format->described() + ", this program reads the integer " +
                        std::to_string(kInputFormat));
  diagnostics.throw_if_errors();
}

/// What is right by itself and wrong together.
void check_together(const ConfigValue& root, const InputFacts& facts, Diagnostics& diagnostics) {
  const auto count_of = [&](const char* key, size_t count, int64_t expected, const char* of) {
    if (count == 0 || static_cast<int64_t>(count) == expected) return;
    diagnostics.error(place_of(root, key),
                      std::string(key) + " has " + std::to_string(count) + " values for " +
                          std::to_string(expected) + " " + of);
  };
  count_of("class_names", facts.class_names.size(), facts.classes, "classes");
  if (facts.mean.size() != 1) count_of("mean", facts.mean.size(), facts.channels, "channels");
  if (facts.std.size() != 1) count_of("std", facts.std.size(), facts.channels, "channels");
  for (const double value : facts.std) {
    if (value > 0) continue;
    diagnostics.error(place_of(root, "std"), "std: values above 0 expected");
    break;
  }
  if (facts.grid.empty()) diagnostics.error(place_of(root, "grid"), "grid is empty");
}

}  // namespace

void write_input_facts(const fs::path& run, const data::SampleFacts& info) {
  InputFacts facts;
  facts.grid = info.input.grid;
  facts.channels = info.input.channels;
  facts.vocabulary = info.vocabulary;
  facts.classes = info.classes;
  facts.class_names = info.class_names;
  facts.mean = info.mean;
  facts.std = info.std;
  facts.resize = info.resize;
  facts.interpolation = info.interpolation;
  io::write_text_file_atomically(
      file_of(run), kIntroduction + config::to_toml(options::Codec<InputFacts>::write(facts)));
}

bool has_input_facts(const fs::path& run) {
  std::error_code ignored;
  return fs::exists(file_of(run), ignored);
}

data::SampleFacts read_input_facts(const fs::path& run) {
  if (!has_input_facts(run)) {
    throw UsageError(file_of(run).string() +
                     ": is missing, the run comes from an older version; `mixwright train " +
                     run.string() + " --resume` writes it, also where the training has ended");
  }
  const ConfigValue root = config::read_toml_file(file_of(run).string());
  Diagnostics diagnostics;
  check_format(root, diagnostics);
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  const auto facts = options::read_options<InputFacts>(reader, root);
  if (diagnostics.ok()) check_together(root, facts, diagnostics);
  diagnostics.throw_if_errors();
  data::SampleFacts info;
  info.input.grid = facts.grid;
  info.input.channels = facts.channels;
  info.vocabulary = facts.vocabulary;
  info.classes = facts.classes;
  info.class_names = facts.class_names;
  info.mean = facts.mean;
  info.std = facts.std;
  info.resize = facts.resize;
  info.interpolation = facts.interpolation;
  return info;
}

}  // namespace mixwright::train
