#include "framework/train/canvas_figure.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/io/file_descriptor.h"
#include "framework/io/text.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

/// The pixels in a file that gnuplot reads, which goes with the object.
class PixelFile {
 public:
  explicit PixelFile(const torch::Tensor& canvas) {
    std::string name = (fs::temp_directory_path() / "mixwright-canvas-XXXXXX").string();
    const io::FileDescriptor made(::mkstemp(name.data()));
    if (!made.is_open()) throw Error(name + ": cannot be made (" + io::errno_text(errno) + ")");
    path_ = name;
    std::ofstream out(path_, std::ios::binary);
    out.write(reinterpret_cast<const char*>(canvas.const_data_ptr<uint8_t>()), canvas.numel());
    if (out.flush()) return;
    fs::remove(path_);
    throw Error(path_.string() + ": cannot be written");
  }
  PixelFile(const PixelFile&) = delete;
  PixelFile& operator=(const PixelFile&) = delete;
  ~PixelFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

}  // namespace

void draw_canvas(const fs::path& file, const torch::Tensor& canvas, const std::string& labels) {
  const PixelFile pixels(canvas.contiguous());
  const int64_t height = canvas.size(0);
  const int64_t width = canvas.size(1);
  draw_figure(
      {file},
      static_cast<int>(width),
      static_cast<int>(height),
      fmt::format("unset border\nunset tics\nunset key\nset encoding utf8\n"
                  "set margins 0, 0, 0, 0\n"
                  "set xrange [-0.5:{}.5]\nset yrange [{}.5:-0.5]\n{}"
                  "plot {} binary array=({},{}) format='%uchar' using 1:2:3 with rgbimage\n",
                  width - 1,
                  height - 1,
                  labels,
                  gnuplot_quoted(pixels.path()),
                  width,
                  height));
}

}  // namespace mixwright::train
