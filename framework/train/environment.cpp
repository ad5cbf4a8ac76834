#include "framework/train/environment.h"

#include <unistd.h>

#include <fstream>
#include <system_error>
#include <thread>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "framework/io/atomic_file.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::train {

namespace {

using nlohmann::ordered_json;

ordered_json plugins_of(const plugin::Registry& registry) {
  ordered_json list = ordered_json::array();
  for (const plugin::Library* library : registry.loaded()) {
    list.push_back({{"name", library->note.name},
                    {"version", library->note.version},
                    {"file", library->file.string()},
                    {"sha256", library->sha256()}});
  }
  return list;
}

ordered_json session_of(const Environment& environment, const plugin::Registry& registry) {
  const plugin::HostStamp host = plugin::this_host();
  ordered_json session;
  session["started"] = io::utc_now();
  session["from_step"] = environment.from_step;
  session["command_line"] = environment.command_line;
  session["mixwright"] = MIXWRIGHT_VERSION;
  session["libtorch"] = host.libtorch;
  session["compiler"] = host.compiler;
  session["seed"] = environment.seed;
  session["device"] = environment.device.str();
  session["threads"] = at::get_num_threads();
  session["processor"] = processor_name();
  session["processors"] = std::thread::hardware_concurrency();
  session["plugins"] = plugins_of(registry);
  return session;
}

/// The sessions so far. A file that cannot be read is not worth losing a training for.
ordered_json sessions_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) return ordered_json::array();
  const ordered_json old = ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (old.is_object() && old.contains("sessions") && old["sessions"].is_array()) {
    return old["sessions"];
  }
  spdlog::warn("{}: not understood, its plugins are not compared", path.string());
  return ordered_json::array();
}

/// The session that wrote the checkpoint of a step: the last that began before it.
const ordered_json* session_before(const ordered_json& sessions, int64_t step) {
  const ordered_json* found = nullptr;
  for (const ordered_json& session : sessions) {
    if (!session.is_object()) continue;
    const auto from = session.find("from_step");
    const bool is_before =
        from != session.end() && from->is_number_integer() && from->get<int64_t>() < step;
    if (found == nullptr || is_before) found = &session;
  }
  return found;
}

std::string text_in(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Says which plugins are no longer what a session recorded, and what that may mean.
void compare_plugins(const ordered_json& session,
                     const plugin::Registry& registry,
                     const std::string& meaning) {
  const auto before = session.find("plugins");
  if (before == session.end() || !before->is_array()) return;
  for (const plugin::Library* library : registry.loaded()) {
    for (const ordered_json& old : *before) {
      if (!old.is_object() || text_in(old, "name") != library->note.name) continue;
      const std::string recorded = text_in(old, "sha256");
      const std::string now = library->sha256();
      if (recorded.empty() || recorded == now) continue;
      spdlog::warn(
          "plugin {} has changed since this run used it: {} has SHA-256 {}, recorded {}; {}",
          library->note.name,
          library->file.string(),
          plugin::shortened(now),
          plugin::shortened(recorded),
          meaning);
    }
  }
}

}  // namespace

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return io::printable(line.substr(colon + 2));
    }
  }
  return "unknown";
}

void record_environment(const std::filesystem::path& path,
                        const Environment& environment,
                        const plugin::Registry& registry) {
  ordered_json sessions = sessions_of(path);
  ordered_json session = session_of(environment, registry);
  if (!sessions.empty() && sessions.back().is_object()) {
    compare_plugins(sessions.back(), registry, "the rest may not be bit-equal");
  }
  sessions.push_back(std::move(session));
  const ordered_json all = {{"sessions", sessions}};
  io::write_text_file_atomically(
      path, all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void compare_environment(const std::filesystem::path& path,
                         int64_t step,
                         const plugin::Registry& registry) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  const ordered_json sessions = sessions_of(path);
  if (const ordered_json* session = session_before(sessions, step)) {
    compare_plugins(*session, registry, "results may differ from those of the training");
  }
}

}  // namespace mixwright::train
