#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::plugin {

/// A plugin that `plugins install` put into a folder.
struct InstalledPlugin {
  std::string name;
  std::string version;
  std::string file;  ///< its name in the folder
  std::string sha256;
  uint64_t bytes = 0;
  std::string installed;  ///< when, as `2026-03-01T12:00:00Z`
};

/// What `plugins install` put into a folder: installed.json in it.
class InstallRecord {
 public:
  /// Empty where there is none. One that cannot be understood is warned of and begun anew.
  static InstallRecord read(const std::filesystem::path& folder);
  /// Throws: mixwright::Error where the folder cannot be written to.
  void write(const std::filesystem::path& folder) const;

  /// In the order of their names.
  const std::vector<InstalledPlugin>& plugins() const { return plugins_; }
  /// Null where there is none.
  const InstalledPlugin* find(const std::string& name) const;
  const InstalledPlugin* find_file(const std::string& file) const;

  /// Adds a plugin, in place of one of its name.
  void put(InstalledPlugin plugin);
  void drop(const std::string& name);

 private:
  std::vector<InstalledPlugin> plugins_;
};

}  // namespace mixwright::plugin
