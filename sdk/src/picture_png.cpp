#include <csetjmp>
#include <cstring>
#include <memory>

#include "picture_codec.h"
#include "png_failure.h"

namespace mixwright::picture {

namespace {

// Deflate codes at most 258 bytes in two bits: no stream grows more than 1032-fold (zlib's manual,
// "Maximum Compression Factor").
constexpr double kHighestCompression = 1032;

/// Everything that the steps use; owns nothing.
struct State {
  png_structp png;
  png_infop info;
  PngFailure failure;
  const uint8_t* bytes;
  size_t size;
  size_t position;
  uint8_t* rows;  // one row, or all of an interlaced picture
  size_t stride;  // 0: one row
  uint8_t* out;   // rows of the box, `channels` bytes a pixel
  PictureBox box;
  int64_t channels;
  int64_t stored_channels;
};

void give_bytes(png_structp png, png_bytep data, size_t size) {
  auto* state = static_cast<State*>(png_get_io_ptr(png));
  if (size > state->size - state->position) png_error(png, "the file ends too early");
  std::memcpy(data, state->bytes + state->position, size);
  state->position += size;
}

bool guarded(State& state, void (*step)(State&)) {
  if (setjmp(state.failure.jump) != 0) return false;
  step(state);
  return true;
}

void read_header(State& state) {
  state.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state.failure, leave_png, ignore_png);
  if (state.png == nullptr) {
    std::strncpy(state.failure.text, "out of memory", sizeof state.failure.text - 1);
    std::longjmp(state.failure.jump, 1);
  }
  state.info = png_create_info_struct(state.png);
  if (state.info == nullptr) png_error(state.png, "out of memory");
  png_set_read_fn(state.png, &state, give_bytes);
  png_set_crc_action(state.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Texts and profiles are not looked at, so they need not be unpacked into memory either.
  png_set_keep_unknown_chunks(state.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(state.png, state.info);
}

void set_output(State& state) {
  png_set_expand(state.png);    // palettes to colours, few bits to 8, a transparent colour to alpha
  png_set_scale_16(state.png);  // rounded, not cut
  png_set_interlace_handling(state.png);
  png_read_update_info(state.png, state.info);
  state.stored_channels = png_get_channels(state.png, state.info);
}

/// Stored gray, gray and alpha, colours or colours and alpha -> gray or colours, over white.
void write_row(const State& state, const uint8_t* in, uint8_t* out) {
  const int64_t stored = state.stored_channels;
  const bool has_colours = stored >= 3;
  const bool has_alpha = stored == 2 || stored == 4;
  in += state.box.left * stored;
  for (int64_t x = 0; x < state.box.width; ++x, in += stored) {
    unsigned rgb[3] = {in[0], in[has_colours ? 1 : 0], in[has_colours ? 2 : 0]};
    if (has_alpha) {
      const unsigned alpha = in[stored - 1];
      for (unsigned& value : rgb) value = (value * alpha + 255U * (255U - alpha) + 127U) / 255U;
    }
    if (state.channels == 3) {
      for (const unsigned value : rgb) *out++ = static_cast<uint8_t>(value);
    } else {
      *out++ = has_colours ? gray_of(rgb[0], rgb[1], rgb[2]) : static_cast<uint8_t>(rgb[0]);
    }
  }
}

void read_rows(State& state) {
  const int passes = png_get_interlace_type(state.png, state.info) == PNG_INTERLACE_NONE
                         ? 1
                         : PNG_INTERLACE_ADAM7_PASSES;
  const auto height = static_cast<int64_t>(png_get_image_height(state.png, state.info));
  uint8_t* out = state.out;
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t y = 0; y < height; ++y) {
      uint8_t* row = state.rows + static_cast<size_t>(y) * state.stride;
      png_read_row(state.png, row, nullptr);
      if (pass + 1 < passes || y < state.box.top || y >= state.box.top + state.box.height) continue;
      write_row(state, row, out);
      out += state.box.width * state.channels;
    }
  }
  png_read_end(state.png, nullptr);
}

class Decoder {
 public:
  Decoder(Bytes bytes, const std::string& name) : name_(name) {
    state_.bytes = bytes.data();
    state_.size = bytes.size();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { png_destroy_read_struct(&state_.png, &state_.info, nullptr); }

  PictureInfo header() {
    run(read_header);
    return {PictureFormat::kPng,
            png_get_image_height(state_.png, state_.info),
            png_get_image_width(state_.png, state_.info)};
  }

  /// As many as this file can hold, from its bits a pixel.
  double possible_pixels() const {
    const int bits =
        png_get_bit_depth(state_.png, state_.info) * png_get_channels(state_.png, state_.info);
    return static_cast<double>(state_.size) * kHighestCompression * 8 / bits;
  }

  torch::Tensor decode(const PictureInfo& info,
                       const PictureBox& box,
                       const PictureOptions& options) {
    const bool interlaced = png_get_interlace_type(state_.png, state_.info) != PNG_INTERLACE_NONE;
    run(set_output);
    const size_t row_bytes = png_get_rowbytes(state_.png, state_.info);
    state_.stride = interlaced ? row_bytes : 0;
    const auto rows = std::make_unique_for_overwrite<uint8_t[]>(
        interlaced ? row_bytes * static_cast<size_t>(info.height) : row_bytes);
    state_.rows = rows.get();
    state_.box = box;
    state_.channels = options.channels;
    torch::Tensor picture = torch::empty({box.height, box.width, options.channels}, torch::kUInt8);
    state_.out = picture.data_ptr<uint8_t>();
    run(read_rows);
    return picture;
  }

 private:
  void run(void (*step)(State&)) {
    if (guarded(state_, step)) return;
    fail(name_,
         std::string("is a damaged or cut-off PNG file (") + state_.failure.text +
             "); fetch it again");
  }

  const std::string& name_;
  State state_{};
};

}  // namespace

PictureInfo png_info(Bytes bytes, const std::string& name) {
  return Decoder(bytes, name).header();
}

torch::Tensor decode_png(Bytes bytes, const std::string& name, const PictureOptions& options) {
  Decoder decoder(bytes, name);
  const PictureInfo info = decoder.header();
  check_size(info, bytes, decoder.possible_pixels(), options.most_pixels, name);
  return decoder.decode(info, box_of(info, options, name), options);
}

}  // namespace mixwright::picture
