#include "picture_tone.h"

#include <algorithm>

#include "lookup_table.h"

namespace picture {

namespace {

using Histogram = std::array<int64_t, 256>;

std::vector<Histogram> histograms(const torch::Tensor& picture) {
  const int64_t channels = picture.size(2);
  std::vector<Histogram> result(static_cast<size_t>(channels), Histogram{});
  const auto* in = picture.const_data_ptr<uint8_t>();
  for (int64_t i = 0; i < picture.numel(); ++i) ++result[static_cast<size_t>(i % channels)][in[i]];
  return result;
}

template <class Level>
LookupTable table_of(const Level& level) {
  LookupTable table{};
  for (size_t i = 0; i < table.size(); ++i) table[i] = level(static_cast<uint8_t>(i));
  return table;
}

LookupTable unchanged() {
  return table_of([](uint8_t value) { return value; });
}

LookupTable stretched(const Histogram& counts) {
  const auto some = [](int64_t count) { return count > 0; };
  const auto low =
      static_cast<float>(std::find_if(counts.begin(), counts.end(), some) - counts.begin());
  const auto high =
      static_cast<float>(counts.rend() - std::find_if(counts.rbegin(), counts.rend(), some) - 1);
  if (low == high) return unchanged();
  const float level = (high - low) * static_cast<float>(1.0 / 255.0);
  return table_of(
      [&](uint8_t value) { return to_byte((static_cast<float>(value) - low) / level); });
}

LookupTable equalized(const Histogram& counts) {
  int64_t places = 0;
  int64_t of_highest = 0;  // level in the picture
  for (const int64_t count : counts) {
    places += count;
    if (count > 0) of_highest = count;
  }
  const int64_t step = (places - of_highest) / 255;
  if (step == 0) return unchanged();
  int64_t below = step / 2;
  LookupTable table{};
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<uint8_t>(std::min<int64_t>(255, below / step));
    below += counts[i];
  }
  return table;
}

torch::Tensor by_channel(const torch::Tensor& picture, LookupTable (*table)(const Histogram&)) {
  std::vector<LookupTable> tables;
  for (const Histogram& counts : histograms(picture)) tables.push_back(table(counts));
  return looked_up(picture, tables);
}

}  // namespace

torch::Tensor posterize(const torch::Tensor& picture, double bits) {
  const int dropped = 8 - static_cast<int>(bits);
  return looked_up(
      picture,
      {table_of([&](uint8_t value) { return static_cast<uint8_t>(value >> dropped << dropped); })});
}

torch::Tensor solarize(const torch::Tensor& picture, double threshold) {
  const auto bound = static_cast<float>(255.0 * threshold);
  return looked_up(picture, {table_of([&](uint8_t value) {
                     return static_cast<float>(value) >= bound ? static_cast<uint8_t>(255 - value)
                                                               : value;
                   })});
}

torch::Tensor autocontrast(const torch::Tensor& picture) {
  return by_channel(picture, stretched);
}

torch::Tensor equalize(const torch::Tensor& picture) {
  return by_channel(picture, equalized);
}

}  // namespace picture
