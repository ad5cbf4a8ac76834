#include "framework/train/environment.h"

#include <unistd.h>

#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "framework/io/atomic_file.h"
#include "framework/io/text.h"

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
  spdlog::warn("{}: not understood, begun anew", path.string());
  return ordered_json::array();
}

/// Says which plugins changed since the last session.
void compare_plugins(const ordered_json& before, const ordered_json& now) {
  for (const ordered_json& plugin : now) {
    for (const ordered_json& old : before) {
      if (!old.is_object() || old.value("name", "") != plugin.value("name", "")) continue;
      const std::string old_hash = old.value("sha256", "");
      const std::string new_hash = plugin.value("sha256", "");
      if (old_hash == new_hash) continue;
      spdlog::warn(
          "plugin {} has changed since the last session (SHA-256 {}, now {}): the rest may "
          "not be bit-equal",
          plugin.value("name", ""),
          old_hash.substr(0, 12),
          new_hash.substr(0, 12));
    }
  }
}

}  // namespace

void record_environment(const std::filesystem::path& path,
                        const Environment& environment,
                        const plugin::Registry& registry) {
  ordered_json sessions = sessions_of(path);
  ordered_json session = session_of(environment, registry);
  if (!sessions.empty() && sessions.back().is_object() && sessions.back().contains("plugins")) {
    compare_plugins(sessions.back()["plugins"], session["plugins"]);
  }
  sessions.push_back(std::move(session));
  const ordered_json all = {{"sessions", sessions}};
  io::write_text_file_atomically(
      path, all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace mixwright::train
