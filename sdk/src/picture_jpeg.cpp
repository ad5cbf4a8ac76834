// clang-format off: jpeglib.h needs size_t and FILE before it, jerror.h needs jpeglib.h
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "picture_codec.h"

namespace mixwright::picture {

namespace {

// A block of 8 x 8 pixels takes at least two bits in a sequential JPEG (its DC code and the end of
// block), one in a progressive one; the finest component has a block for each 8 x 8 pixels.
constexpr double kPixelsPerByte = 8 * 64;
// Each scan of a progressive JPEG walks over the whole picture; usual are 10. Without a limit a
// small file of thousands of scans keeps a processor busy for minutes.
constexpr int kMostScans = 100;

/// First member, so that libjpeg's pointer to it is one to this.
struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];
};

/// Everything that the steps use; owns nothing but what libjpeg frees in jpeg_destroy_decompress.
struct State {
  jpeg_decompress_struct info;
  Failure failure;
  jpeg_progress_mgr progress;
  const uint8_t* bytes;
  size_t size;
  uint8_t* out;    // rows of the box, `channels` bytes a pixel
  PictureBox box;  // in pixels of the scaled picture
  int64_t channels;
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  (*info->err->format_message)(info, failure->text);
  std::longjmp(failure->jump, 1);
}

/// Of libjpeg's warnings only these are about something else than damaged data.
bool is_harmless(int code) {
  return code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
}

void hear(j_common_ptr info, int level) {
  if (level < 0 && !is_harmless(info->err->msg_code)) leave(info);
}

void say_nothing(j_common_ptr) {}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  auto* failure = reinterpret_cast<Failure*>(info->err);
  std::snprintf(failure->text, sizeof failure->text, "more than %d scans", kMostScans);
  std::longjmp(failure->jump, 1);
}

bool guarded(State& state, void (*step)(State&)) {
  if (setjmp(state.failure.jump) != 0) return false;
  step(state);
  return true;
}

void read_header(State& state) {
  jpeg_create_decompress(&state.info);
  state.progress.progress_monitor = count_scans;
  state.info.progress = &state.progress;
  jpeg_mem_src(&state.info, state.bytes, state.size);
  jpeg_read_header(&state.info, TRUE);
}

void set_output(State& state) {
  jpeg_decompress_struct& info = state.info;
  const bool four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = four ? JCS_CMYK : state.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_calc_output_dimensions(&info);
}

void write_cmyk(const State& state, const uint8_t* in, uint8_t* out) {
  const bool inverted = state.info.saw_Adobe_marker != FALSE;
  for (int64_t x = 0; x < state.box.width; ++x, in += 4) {
    unsigned rgb[3];
    const unsigned light = inverted ? in[3] : 255U - in[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = ((inverted ? in[c] : 255U - in[c]) * light + 127U) / 255U;
    }
    if (state.channels == 1) {
      *out++ = gray_of(rgb[0], rgb[1], rgb[2]);
    } else {
      for (const unsigned value : rgb) *out++ = static_cast<uint8_t>(value);
    }
  }
}

void read_rows(State& state) {
  jpeg_decompress_struct& info = state.info;
  jpeg_start_decompress(&info);
  const auto components = static_cast<int64_t>(info.output_components);
  JSAMPARRAY row = (*info.mem->alloc_sarray)(reinterpret_cast<j_common_ptr>(&info),
                                             JPOOL_IMAGE,
                                             info.output_width * info.output_components,
                                             1);
  const int64_t bottom = state.box.top + state.box.height;
  uint8_t* out = state.out;
  for (int64_t y = 0; y < bottom; ++y) {
    jpeg_read_scanlines(&info, row, 1);
    if (y < state.box.top) continue;
    const uint8_t* in = row[0] + state.box.left * components;
    if (info.out_color_space == JCS_CMYK) {
      write_cmyk(state, in, out);
    } else {
      std::memcpy(out, in, static_cast<size_t>(state.box.width * state.channels));
    }
    out += state.box.width * state.channels;
  }
  // The rest is looked at too: what is damaged below the crop is damaged.
  while (info.output_scanline < info.output_height) jpeg_read_scanlines(&info, row, 1);
  jpeg_finish_decompress(&info);
}

/// The denominator of the scale at which both sides of `box` are still `least`.
unsigned denominator_for(const PictureBox& box, int64_t least) {
  unsigned result = 1;
  if (least < 1) return result;
  while (result < 8 && std::min(box.height, box.width) / result / 2 >= least) result *= 2;
  return result;
}

/// `box` of the full picture in the scaled one, outwards to whole pixels.
PictureBox scaled(const PictureBox& box, int64_t denominator, int64_t height, int64_t width) {
  const auto end = [&](int64_t value, int64_t most) {
    return std::min((value + denominator - 1) / denominator, most);
  };
  PictureBox result;
  result.top = std::min(box.top / denominator, height - 1);
  result.left = std::min(box.left / denominator, width - 1);
  result.height = std::max<int64_t>(end(box.top + box.height, height) - result.top, 1);
  result.width = std::max<int64_t>(end(box.left + box.width, width) - result.left, 1);
  return result;
}

class Decoder {
 public:
  Decoder(Bytes bytes, const std::string& name) : name_(name) {
    state_.info.err = jpeg_std_error(&state_.failure.manager);
    state_.failure.manager.error_exit = leave;
    state_.failure.manager.emit_message = hear;
    state_.failure.manager.output_message = say_nothing;
    state_.bytes = bytes.data();
    state_.size = bytes.size();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&state_.info); }

  PictureInfo header() {
    run(read_header);
    return {PictureFormat::kJpeg, state_.info.image_height, state_.info.image_width};
  }

  torch::Tensor decode(const PictureBox& box, const PictureOptions& options) {
    check_colours();
    const unsigned denominator = denominator_for(box, options.least_side);
    state_.info.scale_num = 1;
    state_.info.scale_denom = denominator;
    state_.channels = options.channels;
    run(set_output);
    state_.box = scaled(box, denominator, state_.info.output_height, state_.info.output_width);
    torch::Tensor picture =
        torch::empty({state_.box.height, state_.box.width, options.channels}, torch::kUInt8);
    state_.out = picture.data_ptr<uint8_t>();
    run(read_rows);
    return picture;
  }

 private:
  void run(void (*step)(State&)) {
    if (guarded(state_, step)) return;
    fail(name_,
         std::string("is a damaged or cut-off JPEG file (") + state_.failure.text +
             "); fetch it again");
  }

  void check_colours() const {
    const jpeg_decompress_struct& info = state_.info;
    if (info.arith_code != FALSE) {
      fail(name_, "is a JPEG file with arithmetic coding, which is not read; convert it");
    }
    if (info.jpeg_color_space == JCS_UNKNOWN || info.num_components > 4) {
      fail(name_,
           "is a JPEG file of " + std::to_string(info.num_components) +
               " components in no known colours; convert it to gray or RGB");
    }
  }

  const std::string& name_;
  State state_{};
};

}  // namespace

PictureInfo jpeg_info(Bytes bytes, const std::string& name) {
  return Decoder(bytes, name).header();
}

torch::Tensor decode_jpeg(Bytes bytes, const std::string& name, const PictureOptions& options) {
  Decoder decoder(bytes, name);
  const PictureInfo info = decoder.header();
  check_size(
      info, bytes, static_cast<double>(bytes.size()) * kPixelsPerByte, options.most_pixels, name);
  return decoder.decode(box_of(info, options, name), options);
}

}  // namespace mixwright::picture
