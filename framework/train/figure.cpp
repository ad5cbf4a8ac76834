#include "framework/train/figure.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/io/scratch_folder.h"
#include "framework/train/gnuplot.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr std::array<const char*, 7> kColours = {
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555"};

std::string terminal_for(const fs::path& file, int width, int height) {
  if (file.extension() == ".svg") {
    return fmt::format("svg size {},{} font 'DejaVu Sans,12' background '#FFFFFF'", width, height);
  }
  if (file.extension() == ".png") {
    return fmt::format("pngcairo size {},{} font 'DejaVu Sans,11'", width, height);
  }
  throw UsageError(file.string() + ": .png or .svg expected at the end of a picture's name");
}

/// Beside the file, so that a rename puts it in place.
fs::path unfinished(const fs::path& file) {
  return file.parent_path() / ("." + file.stem().string() + "-" + std::to_string(::getpid()) +
                               file.extension().string());
}

/// The process whose unfinished picture a file is by its name, or 0.
pid_t drawer_of(const fs::path& file) {
  const std::string name = file.stem().string();
  const size_t dash = name.rfind('-');
  const bool picture = file.extension() == ".png" || file.extension() == ".svg";
  if (!picture || !name.starts_with(".") || dash == std::string::npos) return 0;
  pid_t process = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + dash + 1, end, process);
  return error == std::errc() && stop == end && process > 0 ? process : 0;
}

void put_in_place(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    std::error_code error;
    fs::rename(unfinished(file), file, error);
    // gnuplot ends with code 0 also where it could not write.
    if (error) throw Error(file.string() + ": cannot be written (" + error.message() + ")");
  }
}

}  // namespace

std::string figure_colour(size_t index) {
  return kColours[index % kColours.size()];
}

std::string figure_style() {
  return R"(set encoding utf8
set border 3 lc rgb '#606060'
set tics nomirror textcolor rgb '#303030'
set grid xtics ytics lc rgb '#E0E0E0' lw 1 lt 1
)";
}

void AxisRange::include(double value) {
  low = std::min(low, value);
  high = std::max(high, value);
}

AxisRange bar_axis(const AxisRange& seen) {
  constexpr double kWorthZero = 0.3;  // spread, in shares of the largest
  const bool from_zero = seen.low >= 0 && seen.high - seen.low >= kWorthZero * seen.high;
  double pad = std::max(0.25 * (seen.high - seen.low), 1e-3 * std::abs(seen.high));
  if (pad == 0) pad = 1;  // all is 0; an axis must have a length
  return {from_zero ? 0 : seen.low - pad, seen.high + pad};
}

// gnuplot writes elsewhere and is copied from there: where this process is killed, gnuplot goes on,
// and what it still wrote beside the pictures nobody would remove.
void draw_figure(const std::vector<fs::path>& files,
                 int width,
                 int height,
                 const std::string& commands) {
  const io::ScratchFolder drawn("mixwright-figure");
  const auto drawing_of = [&](size_t i) {
    return drawn.path() / (std::to_string(i) + files[i].extension().string());
  };
  std::string script;
  for (size_t i = 0; i < files.size(); ++i) {
    const fs::path folder = files[i].parent_path();
    const std::string terminal = terminal_for(files[i], width, height);
    std::error_code error;
    if (!folder.empty()) fs::create_directories(folder, error);
    if (error) throw Error(folder.string() + ": cannot be made (" + error.message() + ")");
    script += fmt::format("set terminal {} noenhanced\nset output {}\n",
                          terminal,
                          gnuplot_quoted(drawing_of(i).string())) +
              commands + "unset output\nreset\n";
  }
  run_gnuplot(script);
  try {
    for (size_t i = 0; i < files.size(); ++i) {
      std::error_code error;
      fs::copy_file(
          drawing_of(i), unfinished(files[i]), fs::copy_options::overwrite_existing, error);
      if (error) throw Error(files[i].string() + ": cannot be written (" + error.message() + ")");
    }
    put_in_place(files);
  } catch (const Error&) {
    std::error_code ignored;
    for (const fs::path& file : files) fs::remove(unfinished(file), ignored);
    throw;
  }
}

void write_picture_file(const fs::path& file, const torch::Tensor& picture) {
  std::error_code error;
  fs::create_directory(file.parent_path(), error);  // its own folder must be there
  try {
    write_png(unfinished(file).string(), picture);
    put_in_place({file});
  } catch (const Error&) {
    fs::remove(unfinished(file), error);
    throw;
  }
}

void remove_unfinished_figures(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const pid_t drawer = drawer_of(entry.path());
    if (drawer != 0 && ::kill(drawer, 0) != 0 && errno == ESRCH) left.push_back(entry.path());
  }
  for (const fs::path& file : left) fs::remove(file, error);
}

}  // namespace mixwright::train
