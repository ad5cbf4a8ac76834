#include "framework/train/gnuplot.h"

#include <fstream>

#include <mixwright/error.h>

#include "framework/io/child_process.h"
#include "framework/io/scratch_folder.h"

namespace mixwright::train {

namespace fs = std::filesystem;

void run_gnuplot(const std::string& script) {
  const io::ScratchFolder folder("mixwright-plot");
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
