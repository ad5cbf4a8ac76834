#include "lookup_table.h"

namespace picture {

torch::Tensor looked_up(const torch::Tensor& picture, const std::vector<LookupTable>& tables) {
  torch::Tensor result = torch::empty_like(picture);
  const auto* in = picture.const_data_ptr<uint8_t>();
  auto* out = result.data_ptr<uint8_t>();
  const auto channels = static_cast<size_t>(picture.size(2));
  const int64_t places = picture.size(0) * picture.size(1);
  for (int64_t i = 0; i < places; ++i) {
    for (size_t c = 0; c < channels; ++c) *out++ = tables[tables.size() == 1 ? 0 : c][*in++];
  }
  return result;
}

}  // namespace picture
