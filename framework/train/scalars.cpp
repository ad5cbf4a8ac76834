#include "framework/train/scalars.h"

#include <limits>
#include <optional>
#include <string>

namespace mixwright::train {

namespace {

using nlohmann::ordered_json;

std::optional<double> scalar_value(const ordered_json& value) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

void add_scalars(const ordered_json& values,
                 const std::string& group,
                 std::vector<io::Scalar>& scalars) {
  for (const auto& [key, value] : values.items()) {
    // The step is the axis of every curve; the number of samples is the same in all lines.
    if (key == "step" || key == "samples") continue;
    const std::string tag = group + "/" + key;
    if (value.is_object()) add_scalars(value, tag, scalars);
    if (const auto number = scalar_value(value)) scalars.push_back({tag, *number});
  }
}

}  // namespace

std::vector<io::Scalar> scalars_of(const ordered_json& line) {
  std::vector<io::Scalar> scalars;
  const std::string kind = line.value("kind", "");
  if (kind != "train" && kind != "validation") return scalars;
  add_scalars(line, kind, scalars);
  return scalars;
}

}  // namespace mixwright::train
