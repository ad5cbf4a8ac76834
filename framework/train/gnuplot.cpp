#include "framework/train/gnuplot.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>

#include <mixwright/error.h>

#include "framework/io/child_process.h"
#include "framework/io/text.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

/// A folder of our own that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "mixwright-plot-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(name + ": cannot be made (" + io::errno_text(errno) + ")");
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

void run_gnuplot(const std::string& script) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "script.gp";
  {
    std::ofstream out(file, std::ios::binary);
    out << script;
    if (!out.flush()) throw Error(file.string() + ": cannot be written");
  }
  const fs::path messages = folder.path() / "messages";
  int code = 0;
  try {
    code = io::run_child("gnuplot", {file.string()}, messages);
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + "; install the package gnuplot-nox");
  }
  if (code != 0) {
    throw Error("gnuplot ended with code " + std::to_string(code) + ": " + io::last_line(messages));
  }
}

std::string gnuplot_quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '`') {
      result += "\\140";  // as itself it would run what stands behind it as a command of the shell
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "\"";
}

}  // namespace mixwright::train
