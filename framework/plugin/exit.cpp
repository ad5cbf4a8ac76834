#include "framework/plugin/exit.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <spdlog/spdlog.h>

#include <mixwright/stamp.h>

#include "framework/io/text.h"

namespace mixwright::plugin {

void leave(int code) {
  spdlog::shutdown();
  std::cout.flush();
  std::cerr.flush();
  errno = 0;
  const bool is_lost = !std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (is_lost && code == 0) {
    const std::string reason = errno != 0 ? io::errno_text(errno) : "write error";
    std::fprintf(stderr, "mixwright: standard output could not be written: %s\n", reason.c_str());
    code = 1;
  }
  std::fflush(stderr);
  if (stamp::kSanitizer == "none") std::_Exit(code);
  std::exit(code);
}

}  // namespace mixwright::plugin
