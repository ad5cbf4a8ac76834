#include "framework/plugin/compatibility.h"

#include <system_error>

#include <mixwright/stamp.h>

#include "framework/io/text.h"
#include "framework/plugin/discovery.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;

namespace {

std::string or_unknown(const std::string& value) {
  return value.empty() ? "an unknown one" : io::printable(value, 60);
}

std::string sanitizer_words(const std::string& name) {
  if (name == "none") return "no sanitizer";
  if (name == "address") return "AddressSanitizer";
  if (name == "thread") return "ThreadSanitizer";
  return "sanitizer " + or_unknown(name);
}

std::string joined(const std::string& sentences, const std::string& next) {
  return sentences.empty() ? next : sentences + ", and " + next;
}

}  // namespace

HostStamp this_host() {
  HostStamp host;
  host.sdk_abi = MIXWRIGHT_SDK_ABI;
  host.libtorch = stamp::kLibTorch;
  host.standard_library = stamp::kStandardLibrary;
  host.library_abi = stamp::kLibraryAbi;
  host.sanitizer = stamp::kSanitizer;
  host.compiler = stamp::kCompiler;
  host.assertions = stamp::kAssertions;
  return host;
}

std::string rebuild_command(const fs::path& file) {
  const fs::path prefix = installation_prefix();
  std::error_code error;
  const bool is_build_tree = fs::exists(prefix / "CMakeCache.txt", error);
  if (is_build_tree && file.string().starts_with((prefix / "lib").string())) {
    return "rebuild it: cmake --build " + prefix.string();
  }
  std::string command = "rebuild it with the SDK of this installation: ";
  std::string package = (prefix / "lib/cmake/Mixwright").string();
  if (is_build_tree) {
    command += "cmake --install " + prefix.string() + " --prefix PREFIX && ";
    package = "PREFIX/lib/cmake/Mixwright";
  }
  return command + "cmake -S SOURCES -B build -DMixwright_DIR=" + package +
         " && cmake --build build";
}

Compatibility compare(const PluginNote& note, const HostStamp& host, const fs::path& file) {
  Compatibility result;
  std::string why;
  if (note.sdk_abi != host.sdk_abi) {
    why = "built for SDK ABI " + std::to_string(note.sdk_abi) + ", this host has " +
          std::to_string(host.sdk_abi);
  }
  if (note.libtorch != host.libtorch) {
    why = joined(
        why,
        "built for LibTorch " + or_unknown(note.libtorch) + ", this host runs " + host.libtorch);
  }
  if (note.standard_library != host.standard_library) {
    why = joined(why,
                 "built with the standard library " + or_unknown(note.standard_library) +
                     ", this host with " + host.standard_library);
  } else if (note.library_abi != host.library_abi) {
    why = joined(why,
                 "built with the " + host.standard_library + " ABI flag " +
                     or_unknown(note.library_abi) + ", this host with " + host.library_abi);
  }
  if (note.sanitizer != host.sanitizer) {
    why = joined(why,
                 "built with " + sanitizer_words(note.sanitizer) + ", this host with " +
                     sanitizer_words(host.sanitizer));
  }
  if (!why.empty()) {
    result.refusal = why + "; " + rebuild_command(file);
    return result;
  }
  if (note.compiler != host.compiler) {
    result.warnings.push_back("built by " + or_unknown(note.compiler) + ", this host by " +
                              host.compiler);
  }
  if (note.assertions != host.assertions) {
    result.warnings.push_back("built with assertions " + or_unknown(note.assertions) +
                              ", this host with assertions " + host.assertions);
  }
  return result;
}

}  // namespace mixwright::plugin
