#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::plugin {

/// What a new plugin's project is to be.
struct NewProject {
  std::string name;              ///< of plugin, component, library and files: `my_mixer`
  std::string kind;              ///< of the component: `token_mixer`
  std::filesystem::path folder;  ///< to be made
};

/// The folder of the templates that came with this program: one folder for each kind, and `common`.
std::filesystem::path template_folder();

/// The kinds that there are templates for.
/// Throws: Error where the folder cannot be read.
std::vector<std::string> template_kinds();

/// Writes a complete project from the templates: all of it or nothing.
/// Throws: UsageError where the name is no identifier, the kind has no template, or the folder
/// exists already; Error where it cannot be written.
void write_new_project(const NewProject& project);

}  // namespace mixwright::plugin
