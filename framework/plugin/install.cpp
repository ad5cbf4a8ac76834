#include "framework/plugin/install.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
#include "framework/io/file_descriptor.h"
#include "framework/io/input_file.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"
#include "framework/plugin/trust.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;

namespace {

/// While it lives no other installation changes the folder.
class Turn {
 public:
  explicit Turn(const fs::path& folder)
      : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!folder_.is_open()) {
      throw UsageError(folder.string() + ": cannot be opened (" + io::errno_text(errno) + ")");
    }
    while (::flock(folder_.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
  }

 private:
  io::FileDescriptor folder_;
};

Library examined(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    throw UsageError(file.string() + ": no such file; name a plugin's shared library");
  }
  Library library = examine(file, this_host());
  if (library.is_refused()) throw UsageError(library.refusal());
  for (const std::string& warning : library.warnings) {
    spdlog::warn("{}: {}", file.string(), warning);
  }
  if (const std::string reason = reason_for_distrust(file); !reason.empty()) {
    spdlog::warn("{}; installed all the same, since it was named", reason);
  }
  return library;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw UsageError(folder.string() + ": cannot be made (" + error.message() +
                     "); it is the user's folder of plugins");
  }
  if (const std::string reason = reason_for_distrust(folder); !reason.empty()) {
    throw UsageError(reason + "; plugins there would not be used");
  }
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

/// No other file may have the plugin's name, and in its place nothing but what `is_ours`.
void check_free(const InstalledPlugin& plugin,
                const fs::path& target,
                bool is_ours,
                const Registry& search) {
  for (const Library& library : search.libraries()) {
    const bool is_there = is_same_file(library.file, target);
    if (is_there && !is_ours && library.note.name != plugin.name) {
      throw UsageError(target.string() + ": is in the way of plugin \"" + plugin.name +
                       "\": it is " +
                       (library.note.name.empty() ? "no plugin that can be read"
                                                  : "plugin \"" + library.note.name + "\"") +
                       " and was not put there by plugins install; move it away");
    }
    if (is_there || library.is_refused() || library.note.name != plugin.name) continue;
    throw UsageError("plugin \"" + plugin.name + "\" is found in " + library.file.string() + " (" +
                     library.origin + ") already, and would be a second time in " +
                     target.string() + "; remove the former, or give this one another name");
  }
}

std::string hash_of(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) ? sha256_of_file(file) : std::string();
}

/// Copies the file and gives its size; a copy of other bytes than `sha256` is dropped.
uint64_t copy(const fs::path& from, const fs::path& to, const std::string& sha256) {
  std::error_code error;
  // Written through a link the copy would replace somebody's build.
  if (fs::is_symlink(fs::symlink_status(to, error))) fs::remove(to, error);
  const io::InputFile in(from);
  io::AtomicFile out(to, in.size());
  // Whatever umask says: what others can write to is not used.
  fs::permissions(out.temporary_path(), fs::perms(0644), error);
  std::vector<char> piece(size_t{1} << 20);
  Sha256 sum;
  for (uint64_t at = 0; at < in.size();) {
    const size_t count = std::min<uint64_t>(piece.size(), in.size() - at);
    in.read_at(at, piece.data(), count);
    out.write(piece.data(), count);
    sum.add(piece.data(), count);
    at += count;
  }
  if (sum.hex() != sha256) throw Error(from.string() + ": changed while it was copied; try again");
  out.commit();
  return in.size();
}

[[noreturn]] void report_not_installed(const std::string& name,
                                       const InstallRecord& record,
                                       const Registry& search) {
  for (const Library& library : search.libraries()) {
    if (library.note.name != name) continue;
    throw UsageError("plugin \"" + name +
                     "\" was not put there by plugins install: " + library.file.string() + " (" +
                     library.origin + "); what put it there removes it");
  }
  std::vector<std::string> names;
  std::string known;
  for (const InstalledPlugin& plugin : record.plugins()) {
    names.push_back(plugin.name);
    known += (known.empty() ? "" : ", ") + plugin.name;
  }
  throw UsageError("no plugin \"" + name + "\" is installed" + did_you_mean(name, names) +
                   (known.empty() ? "; there is none" : "; there are " + known));
}

}  // namespace

Installation install(const fs::path& library, const fs::path& folder, const Registry& search) {
  const Library examined_library = examined(library);
  make_folder(folder);
  const Turn turn(folder);
  Installation result;
  InstalledPlugin& plugin = result.plugin;
  plugin.name = examined_library.note.name;
  plugin.version = examined_library.note.version;
  plugin.file = "lib" + plugin.name + ".so";
  plugin.sha256 = examined_library.sha256();
  plugin.installed = io::utc_now();
  result.file = folder / plugin.file;

  InstallRecord record = InstallRecord::read(folder);
  const InstalledPlugin* before = record.find(plugin.name);
  check_free(plugin, result.file, before != nullptr, search);
  const std::string there = hash_of(result.file);
  if (before != nullptr) {
    result.before = *before;
    const bool is_same = before->sha256 == plugin.sha256;
    result.outcome = !is_same                 ? Installation::Outcome::kReplaced
                     : there == plugin.sha256 ? Installation::Outcome::kSame
                                              : Installation::Outcome::kRestored;
    if (result.outcome == Installation::Outcome::kSame) {
      plugin = *before;
      return result;
    }
  } else if (!there.empty() && there != plugin.sha256) {
    // (The same bytes are what an installation left that was killed before it wrote the record.)
    throw UsageError(result.file.string() + ": another library of plugin \"" + plugin.name +
                     "\" lies there, which plugins install did not put there; remove it");
  }
  plugin.bytes = copy(library, result.file, plugin.sha256);
  record.put(plugin);
  record.write(folder);
  return result;
}

InstalledPlugin remove_installed(const std::string& name,
                                 const fs::path& folder,
                                 const Registry& search) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) report_not_installed(name, InstallRecord(), search);
  const Turn turn(folder);
  InstallRecord record = InstallRecord::read(folder);
  const InstalledPlugin* found = record.find(name);
  if (found == nullptr) report_not_installed(name, record, search);
  InstalledPlugin plugin = *found;
  fs::remove(folder / plugin.file, error);
  if (error) {
    throw Error((folder / plugin.file).string() + ": cannot be removed (" + error.message() + ")");
  }
  record.drop(name);
  record.write(folder);  // syncs the folder
  return plugin;
}

}  // namespace mixwright::plugin
