#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/dev/jobs.h"

namespace mixwright::dev {

/// A project of plugins and how it is built: one of its own, against the installation that this
/// program belongs to, or a folder of plugins/ in the tree that this program was built in.
class Project {
 public:
  /// `build` "" stands for FOLDER/build. `prefix` holds bin/ and lib/ of this program.
  /// Throws: UsageError where the folder is no project.
  static Project open(const std::filesystem::path& folder,
                      const std::filesystem::path& build,
                      const std::filesystem::path& prefix);

  const std::filesystem::path& folder() const { return folder_; }
  /// Makes its build files; empty where that is not this program's to do.
  Lane configure(const std::filesystem::path& output) const;
  Lane build(const std::filesystem::path& output) const;
  /// The libraries that a build has made. Throws: mixwright::Error where there are none.
  std::vector<std::filesystem::path> libraries() const;
  /// What to say beside a failed configuration; "" where it speaks for itself.
  std::string configure_hint() const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path build_;
  std::filesystem::path prefix_;
  std::string target_;
  std::filesystem::path tree_library_;  // of a plugin in this program's own tree
};

/// The first *.toml of a project, or else of its folder configs/, that says what to train and on
/// which data; "" where none does.
std::filesystem::path training_config_in(const std::filesystem::path& project);

}  // namespace mixwright::dev
