#include "framework/plugin/trust.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <vector>

#include "framework/io/text.h"

namespace mixwright::plugin {

namespace {

std::string user_name(uid_t user) {
  std::vector<char> buffer(16384);
  struct passwd entry{};
  struct passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return {};
  }
  return found->pw_name;
}

/// Distributions that give each user a group of their own make files group-writable by default.
bool is_private_group(gid_t group, uid_t owner) {
  std::vector<char> buffer(65536);
  struct group entry{};
  struct group* found = nullptr;
  if (::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return false;
  }
  const std::string name = user_name(owner);
  if (name.empty() || name != found->gr_name) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

bool is_trusted_owner(uid_t owner) {
  if (owner == 0 || owner == ::geteuid()) return true;
  // Whoever owns the program could change the program itself.
  struct stat program{};
  return ::stat("/proc/self/exe", &program) == 0 && owner == program.st_uid;
}

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

std::string distrust_one(const std::filesystem::path& path, bool is_above) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return path.string() + " cannot be examined: " + io::errno_text(errno);
  }
  if (!is_trusted_owner(info.st_uid)) {
    const std::string name = user_name(info.st_uid);
    return path.string() + " belongs to another user (" +
           (name.empty() ? std::to_string(info.st_uid) : name) + ")";
  }
  // In a sticky folder, such as /tmp, others cannot replace what is not theirs.
  if (is_above && (info.st_mode & S_ISVTX) != 0) return {};
  const bool others = (info.st_mode & S_IWOTH) != 0;
  const bool group = (info.st_mode & S_IWGRP) != 0 && !is_private_group(info.st_gid, info.st_uid);
  if (!others && !group) return {};
  return "others can write to " + path.string() + " (mode " + mode_text(info.st_mode) +
         "): chmod " + (group ? "go-w " : "o-w ") + path.string();
}

}  // namespace

std::string reason_for_distrust(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::canonical(path, error);
  if (error) return path.string() + " cannot be examined: " + error.message();
  for (bool is_above = false;; is_above = true) {
    if (std::string reason = distrust_one(at, is_above); !reason.empty()) return reason;
    if (at == at.root_path()) return {};
    at = at.parent_path();
  }
}

}  // namespace mixwright::plugin
