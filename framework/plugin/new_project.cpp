#include "framework/plugin/new_project.h"

#include <stdlib.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include <mixwright/error.h>
#include <mixwright/option_schema.h>

#include "framework/io/text.h"
#include "framework/plugin/discovery.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;

namespace {

constexpr const char* kCommon = "common";
constexpr size_t kLongestName = 60;

using Words = std::vector<std::pair<std::string, std::string>>;

/// `my_mixer` -> `MyMixer`
std::string class_name(const std::string& name) {
  std::string result;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') {
      result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    }
    upper = c == '_';
  }
  return result;
}

bool is_identifier(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= kLongestName && name[0] >= 'a' && name[0] <= 'z' &&
         name.back() != '_' && std::all_of(name.begin(), name.end(), allowed);
}

std::string filled(std::string text, const Words& words) {
  for (const auto& [word, value] : words) {
    for (size_t at = text.find(word); at != std::string::npos;
         at = text.find(word, at + value.size())) {
      text.replace(at, word.size(), value);
    }
  }
  return text;
}

/// The files below `folder`, as paths relative to it.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder));
  }
  return files;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    throw Error(path.string() + ": this template of the installation cannot be read; install " +
                "Mixwright again");
  }
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Error(path.string() + ": cannot be written (" + io::errno_text(errno) + ")");
}

/// A folder beside `target` that is removed unless it was given the target's name.
class Draft {
 public:
  explicit Draft(fs::path target) : target_(std::move(target)) {
    fs::path pattern = target_;
    pattern.replace_filename("." + target_.filename().string() + ".XXXXXX");
    std::string name = pattern.string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error(target_.string() + ": cannot be made (" + io::errno_text(errno) +
                  "); name a folder that you can write to with --out");
    }
    path_ = name;
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  const fs::path& path() const { return path_; }
  void finish() {
    fs::permissions(path_, fs::perms(0755));  // mkdtemp's are the owner's alone
    fs::rename(path_, target_);
    path_.clear();
  }

 private:
  fs::path target_;
  fs::path path_;
};

void check(const NewProject& project) {
  if (!is_identifier(project.name)) {
    throw UsageError("\"" + io::printable(project.name) +
                     "\" is no name for a component; small letters, digits and underscores "
                     "expected, such as my_mixer");
  }
  const std::vector<std::string> kinds = template_kinds();
  if (std::find(kinds.begin(), kinds.end(), project.kind) == kinds.end()) {
    std::string known;
    for (const std::string& kind : kinds) known += (known.empty() ? "" : ", ") + kind;
    throw UsageError("there is no kind \"" + io::printable(project.kind) + "\"" +
                     did_you_mean(project.kind, kinds) + "; there are " + known);
  }
  std::error_code error;
  if (fs::exists(fs::symlink_status(project.folder, error))) {
    throw UsageError(project.folder.string() +
                     ": exists already and stays as it is; take another name, or say where with "
                     "--out");
  }
}

}  // namespace

fs::path template_folder() {
  return installation_prefix() / "share" / "mixwright" / "templates";
}

std::vector<std::string> template_kinds() {
  std::error_code error;
  std::vector<std::string> kinds;
  for (fs::directory_iterator entry(template_folder(), error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() && name != kCommon) kinds.push_back(name);
  }
  if (error) {
    throw Error(template_folder().string() + ": the templates cannot be listed (" +
                error.message() + "); install Mixwright again");
  }
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

void write_new_project(const NewProject& project) {
  check(project);
  // Words that are valid C++, so that the templates are code that can be read and formatted.
  const Words words = {
      {"component_name", project.name},
      {"ComponentName", class_name(project.name)},
      {"KIND_WORDS", kind_words(project.kind)},
      {"MIXWRIGHT_DIR", (installation_prefix() / "lib" / "cmake" / "Mixwright").string()}};
  Draft draft(fs::absolute(project.folder));
  for (const fs::path& part : {template_folder() / kCommon, template_folder() / project.kind}) {
    for (const fs::path& file : files_below(part)) {
      const fs::path target = draft.path() / filled(file.string(), words);
      write(target, filled(read(part / file), words));
      // An installation may be read-only; a project is not.
      const fs::perms runs = fs::status(part / file).permissions() & fs::perms::owner_exec;
      fs::permissions(target, fs::perms(runs == fs::perms::none ? 0644 : 0755));
    }
  }
  draft.finish();
}

}  // namespace mixwright::plugin
