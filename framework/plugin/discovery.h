#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mixwright::plugin {

/// One place where plugins are looked for: a folder, or a single library.
struct SearchPlace {
  std::filesystem::path path;
  std::string origin;  ///< who named it: `--plugin-path`, `the installation`
  bool named_explicitly = false;
};

/// The places in their order; what comes first wins.
struct SearchPath {
  std::vector<SearchPlace> places;
  std::vector<std::string> warnings;  ///< entries that were left out, and why
};

/// What the command line and the config say about where to look.
struct SearchOptions {
  std::vector<std::string> explicit_paths;  ///< `--plugin-path`, each a folder or one library
  bool only_explicit = false;               ///< `--only-plugin-path`: nothing else is searched
  std::vector<std::string> config_paths;    ///< `[plugins] path`, made absolute by the caller
};

/// `--plugin-path`, the config, MIXWRIGHT_PLUGIN_PATH, the user's folder, the installation. The
/// current folder is never searched: relative and empty entries of config and environment are left
/// out.
/// Throws: UsageError where a `--plugin-path` does not exist.
SearchPath make_search_path(const SearchOptions& options);

/// A library that was found, or the reason why it is not even looked into.
struct Candidate {
  std::filesystem::path file;
  std::string origin;
  std::string refusal;
};

/// A place with what came of it, for messages.
struct SearchedPlace {
  SearchPlace place;
  std::string outcome;  ///< `3 libraries`, `does not exist`, `refused: …`
};

struct Discovery {
  std::vector<Candidate> candidates;  ///< in search order, by name within a folder, each file once
  std::vector<SearchedPlace> searched;
  std::vector<std::string> warnings;
};

/// Scans the places for files named *.so. A folder or file that others can write to is refused
/// unless `--plugin-path` names it, which is warned of.
Discovery discover(const SearchPath& path);

/// The user's own folder of plugins, which need not exist; nothing where the environment names no
/// home. XDG Base Directory Specification: a relative XDG_DATA_HOME is to be ignored.
std::optional<std::filesystem::path> user_folder();

/// The folder that holds bin/ and lib/ of the running program, or of the library that the host was
/// linked into.
std::filesystem::path installation_prefix();

}  // namespace mixwright::plugin
