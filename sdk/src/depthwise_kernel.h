// The gradient of a depthwise convolution's kernel for one instruction set: included by one file
// for each, whose flags and namespace differ. No include guard, nothing but raw pointers: what is
// compiled for one processor must never be linked in the place of another's.

#include <cstdint>
#include <cstring>

namespace mixwright::MIXWRIGHT_INSTRUCTION_SET {
namespace {

// Sixteen channels: one register of AVX-512, two of AVX2, four of SSE.
using Lanes = float __attribute__((vector_size(64)));

// Not returned: how a register of 64 bytes is returned depends on the instruction set.
inline void load(const float* from, Lanes& value) {
  std::memcpy(&value, from, sizeof(value));
}

/// Adds to sums[j] the products of a row of gradients with the row of inputs j places further.
template <int kWidth>
void add_row(const float* gradient, const float* input, int64_t places, float* sums) {
  Lanes sum[kWidth];
  for (int j = 0; j < kWidth; ++j) load(sums + j * kLaneChannels, sum[j]);
  for (int64_t x = 0; x < places; ++x) {
    Lanes g;
    load(gradient + x * kLaneChannels, g);
    for (int j = 0; j < kWidth; ++j) {
      Lanes in;
      load(input + (x + j) * kLaneChannels, in);
      sum[j] += g * in;
    }
  }
  for (int j = 0; j < kWidth; ++j) std::memcpy(sums + j * kLaneChannels, &sum[j], sizeof(Lanes));
}

using AddRow = void (*)(const float*, const float*, int64_t, float*);

AddRow row_of_width(int64_t width) {
  switch (width) {
    case 1:
      return &add_row<1>;
    case 3:
      return &add_row<3>;
    case 5:
      return &add_row<5>;
    case 7:
      return &add_row<7>;
    case 9:
      return &add_row<9>;
    case 11:
      return &add_row<11>;
    default:
      return nullptr;
  }
}

float as_float(float value) {
  return value;
}

float as_float(uint16_t bfloat16) {
  const uint32_t bits = static_cast<uint32_t>(bfloat16) << 16U;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// Copies `channels` channels of a picture [height, width, all] into [height + 2 pad_y,
/// width + 2 pad_x, 16]; what is not written stays zero.
template <class Value>
void pack(const Value* from, const DepthwiseSizes& s, int64_t channels, bool padded, float* to) {
  const int64_t pad_y = padded ? s.pad_height : 0;
  const int64_t pad_x = padded ? s.pad_width : 0;
  const int64_t row = (s.width + 2 * pad_x) * kLaneChannels;
  for (int64_t y = 0; y < s.height; ++y) {
    float* out = to + (y + pad_y) * row + pad_x * kLaneChannels;
    for (int64_t x = 0; x < s.width; ++x) {
      const Value* in = from + (y * s.width + x) * s.channels;
      if (channels == kLaneChannels) {
        for (int64_t c = 0; c < kLaneChannels; ++c) out[x * kLaneChannels + c] = as_float(in[c]);
      } else {
        for (int64_t c = 0; c < channels; ++c) out[x * kLaneChannels + c] = as_float(in[c]);
      }
    }
  }
}

template <class Value>
void channels_gradient(const Value* gradient,
                       const Value* input,
                       const DepthwiseSizes& s,
                       int64_t first,
                       float* scratch,
                       float* result) {
  const AddRow add = row_of_width(s.kernel_width);
  const int64_t channels = s.channels - first < kLaneChannels ? s.channels - first : kLaneChannels;
  const int64_t wide = (s.width + 2 * s.pad_width) * kLaneChannels;
  const int64_t narrow = s.width * kLaneChannels;
  float* in = scratch;
  float* out = in + (s.height + 2 * s.pad_height) * wide;
  float* sums = out + s.height * narrow;
  const int64_t picture = s.height * s.width * s.channels;
  for (int64_t b = 0; b < s.batch; ++b) {
    pack(input + b * picture + first, s, channels, true, in);
    pack(gradient + b * picture + first, s, channels, false, out);
    for (int64_t i = 0; i < s.kernel_height; ++i) {
      float* row_sums = sums + i * s.kernel_width * kLaneChannels;
      for (int64_t y = 0; y < s.height; ++y) {
        add(out + y * narrow, in + (y + i) * wide, s.width, row_sums);
      }
    }
  }
  const int64_t taps = s.kernel_height * s.kernel_width;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      result[(first + c) * taps + tap] = sums[tap * kLaneChannels + c];
    }
  }
}

}  // namespace

void depthwise_gradient(const float* gradient,
                        const float* input,
                        const DepthwiseSizes& sizes,
                        int64_t first,
                        float* scratch,
                        float* result) {
  channels_gradient(gradient, input, sizes, first, scratch, result);
}

void depthwise_gradient(const uint16_t* gradient,
                        const uint16_t* input,
                        const DepthwiseSizes& sizes,
                        int64_t first,
                        float* scratch,
                        float* result) {
  channels_gradient(gradient, input, sizes, first, scratch, result);
}

}  // namespace mixwright::MIXWRIGHT_INSTRUCTION_SET
