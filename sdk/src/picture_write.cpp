#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>

#include <mixwright/error.h>
#include <mixwright/shape.h>

#include "picture_codec.h"
#include "png_failure.h"

namespace mixwright {

namespace {

/// Everything that the step uses; owns nothing. See picture_codec.h.
struct State {
  png_structp png;
  png_infop info;
  picture::PngFailure failure;
  std::FILE* file;
  const uint8_t* pixels;
  int64_t height;
  int64_t width;
  int64_t channels;
};

bool write_all(State& state) {
  if (setjmp(state.failure.jump) != 0) return false;
  state.png = png_create_write_struct(
      PNG_LIBPNG_VER_STRING, &state.failure, picture::leave_png, picture::ignore_png);
  if (state.png == nullptr) return false;
  state.info = png_create_info_struct(state.png);
  if (state.info == nullptr) return false;
  png_init_io(state.png, state.file);
  png_set_IHDR(state.png,
               state.info,
               static_cast<png_uint_32>(state.width),
               static_cast<png_uint_32>(state.height),
               8,
               state.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(state.png, state.info);
  for (int64_t y = 0; y < state.height; ++y) {
    png_write_row(state.png, state.pixels + y * state.width * state.channels);
  }
  png_write_end(state.png, nullptr);
  return true;
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

void write_png(const std::string& path, const torch::Tensor& picture) {
  if (picture.dim() != 3 || picture.scalar_type() != torch::kUInt8 || picture.numel() == 0 ||
      (picture.size(2) != 1 && picture.size(2) != 3)) {
    picture::fail(path,
                  std::string("a picture of bytes [H, W, 1 or 3] expected, got ") +
                      c10::toString(picture.scalar_type()) + " " +
                      list_text(picture.sizes().vec()));
  }
  const torch::Tensor dense = picture.cpu().contiguous();
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "wbe"));
  if (!file) picture::fail(path, std::string("cannot be written: ") + std::strerror(errno));
  State state{};
  std::strncpy(state.failure.text, "out of memory", sizeof state.failure.text - 1);
  state.file = file.get();
  state.pixels = dense.const_data_ptr<uint8_t>();
  state.height = dense.size(0);
  state.width = dense.size(1);
  state.channels = dense.size(2);
  const bool written = write_all(state);
  png_destroy_write_struct(&state.png, &state.info);
  if (!written) picture::fail(path, std::string("cannot be written: ") + state.failure.text);
  if (std::fclose(file.release()) != 0) {
    picture::fail(path, std::string("cannot be written: ") + std::strerror(errno));
  }
}

}  // namespace mixwright
