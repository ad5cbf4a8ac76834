#include "framework/plugin/registry.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

namespace mixwright::plugin {

namespace {

constexpr size_t kMostNames = 40;  // in one message

std::string quoted_list(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMostNames) {
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  }
  return text;
}

std::string with_article(const std::string& words) {
  const bool is_vowel = !words.empty() && std::string("aeiou").find(words[0]) != std::string::npos;
  return (is_vowel ? "an " : "a ") + words;
}

/// `plugin:component` taken apart; the plugin is "" where none is named.
std::pair<std::string, std::string> split_name(const std::string& name) {
  const size_t colon = name.find(':');
  if (colon == std::string::npos) return {"", name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::string schema_failure(const Found& found) {
  try {
    throw;
  } catch (const std::exception& error) {
    return found.library->file.string() + ": the options of " + kind_words(found.fact->kind) +
           " \"" + found.fact->name + "\" cannot be read: " + first_line(error.what());
  } catch (...) {
    return found.library->file.string() + ": the options of " + kind_words(found.fact->kind) +
           " \"" + found.fact->name + "\" cannot be read";
  }
}

}  // namespace

void Registry::take(const Candidate& candidate, const InstallRecord& record) {
  Library library;
  if (candidate.refusal.empty()) {
    library = examine(candidate.file, host_);
  } else {
    library.file = candidate.file;
    library.state = LibraryState::kRefused;
    library.reason = candidate.refusal;
  }
  library.origin = candidate.origin;
  if (const InstalledPlugin* installed = record.find_file(library.file_name())) {
    library.recorded_sha256 = installed->sha256;
  }
  for (const Library& other : libraries_) {
    if (library.is_refused() || other.is_refused() || other.note.name != library.note.name) {
      continue;
    }
    // Two libraries that register operators under one name would end the process.
    library.state = LibraryState::kRefused;
    library.reason = "another plugin \"" + library.note.name +
                     "\" comes first in the search: " + other.file.string() +
                     "; remove one of them";
  }
  libraries_.push_back(std::move(library));
}

void Registry::scan(const SearchPath& path) {
  Discovery discovery = discover(path);
  for (const std::string& warning : discovery.warnings) spdlog::warn("{}", warning);
  std::map<std::filesystem::path, InstallRecord> records;  // by folder
  for (const Candidate& candidate : discovery.candidates) {
    const std::filesystem::path folder = candidate.file.parent_path();
    auto record = records.find(folder);
    if (record == records.end()) {
      record = records.emplace(folder, InstallRecord::read(folder)).first;
    }
    take(candidate, record->second);
  }
  for (SearchedPlace& place : discovery.searched) searched_.push_back(std::move(place));
}

std::vector<const Library*> Registry::loaded() const {
  std::vector<const Library*> result;
  for (const Library& library : libraries_) {
    if (library.state == LibraryState::kLoaded) result.push_back(&library);
  }
  return result;
}

std::string Registry::searched_text() const {
  if (searched_.empty()) return "looked nowhere: no folder is named";
  std::string text = "looked in";
  for (const SearchedPlace& searched : searched_) {
    text += (&searched == &searched_.front() ? " " : ", ") + searched.place.path.string() + " (" +
            searched.place.origin + ", " + searched.outcome + ")";
  }
  return text;
}

std::vector<Offer> Registry::components(std::string_view kind) const {
  std::vector<Offer> result;
  for (const Library& library : libraries_) {
    if (library.is_refused()) continue;
    for (const ComponentFact& fact : library.note.components) {
      if (kind.empty() || fact.kind == kind) result.push_back({&fact, &library});
    }
  }
  std::stable_sort(result.begin(), result.end(), [](const Offer& a, const Offer& b) {
    return std::tie(a.fact->kind, a.fact->name) < std::tie(b.fact->kind, b.fact->name);
  });
  return result;
}

std::vector<std::string> Registry::names(std::string_view kind) const {
  std::set<std::string> result;
  for (const Offer& offer : components(kind)) result.insert(offer.fact->name);
  return {result.begin(), result.end()};
}

std::vector<std::string> Registry::kinds() const {
  std::set<std::string> result;
  for (const Offer& offer : components()) result.insert(offer.fact->kind);
  return {result.begin(), result.end()};
}

Offer Registry::locate(const std::string& kind, const std::string& name) const {
  const auto [plugin, component] = split_name(name);
  std::vector<Offer> offers;
  for (const Offer& offer : components(kind)) {
    const bool is_named = plugin.empty() || offer.library->note.name == plugin;
    if (is_named && offer.fact->name == component) offers.push_back(offer);
  }
  if (offers.empty()) report_unknown(kind, plugin, component);
  if (offers.size() > 1) report_clash(kind, offers);
  return offers.front();
}

// LibTorch's own words name the sources of the two, which may be anywhere, and no library.
void Registry::name_other_operators(Library& library) const {
  constexpr std::string_view kWords = "TORCH_LIBRARY can be used to register the namespace ";
  const size_t at = library.reason.find(kWords);
  if (at == std::string::npos) return;
  const size_t begin = at + kWords.size();
  const std::string name =
      library.reason.substr(begin, library.reason.find_first_of("; ", begin) - begin);
  for (const Library* other : loaded()) {
    std::ifstream in(other->file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.find(name) == std::string::npos) continue;
    library.reason = "registers operators under the name \"" + name + "\", as " +
                     other->file.string() +
                     " does, which was loaded before it; give one of them another name";
    return;
  }
}

Found Registry::find(const std::string& kind, const std::string& name) {
  const Offer offer = locate(kind, name);
  auto& library = const_cast<Library&>(*offer.library);  // this registry's own
  const std::lock_guard lock(loading_);
  if (library.state != LibraryState::kLoaded) {
    try {
      load(library);
    } catch (const UsageError&) {
      name_other_operators(library);
      throw UsageError(library.refusal());
    }
    for (const std::string& warning : library.warnings) {
      spdlog::warn("{}: {}", library.file.string(), warning);
    }
    const std::string difference = library.difference_from_record();
    if (!difference.empty()) spdlog::warn("{} {}", library.file.string(), difference);
  }
  const auto index = static_cast<size_t>(offer.fact - library.note.components.data());
  return {&library.descriptor->components[index], offer.fact, &library};
}

OptionSchema Registry::schema(const std::string& kind, const std::string& name) {
  const Found found = find(kind, name);
  try {
    return found.entry->schema();
  } catch (...) {
    throw UsageError(schema_failure(found));
  }
}

void Registry::report_clash(const std::string& kind, const std::vector<Offer>& offers) const {
  const Offer& first = offers[0];
  const Offer& second = offers[1];
  throw UsageError(kind_words(kind) + " \"" + first.fact->name + "\" is offered by " +
                   first.library->file.string() + " and " + second.library->file.string() +
                   "; say \"" + first.library->note.name + ":" + first.fact->name + "\" or \"" +
                   second.library->note.name + ":" + second.fact->name + "\"");
}

void Registry::report_unknown_plugin(const std::string& kind,
                                     const std::string& plugin,
                                     const std::string& name) const {
  std::vector<std::string> plugins;
  for (const Library& library : libraries_) {
    if (library.note.name == plugin && library.is_refused()) {
      throw UsageError(kind_words(kind) + " \"" + plugin + ":" + name +
                       "\" cannot be used: " + library.refusal());
    }
    if (library.note.name == plugin) return;
    if (!library.is_refused()) plugins.push_back(library.note.name);
  }
  throw UsageError(
      "unknown plugin \"" + plugin + "\" in \"" + plugin + ":" + name + "\"" +
      did_you_mean(plugin, plugins) +
      (plugins.empty() ? "; there are no plugins" : "; the plugins are " + quoted_list(plugins)) +
      "; " + searched_text());
}

std::string Registry::refused_hint(const std::string& kind, const std::string& name) const {
  size_t refused = 0;
  for (const Library& library : libraries_) {
    if (!library.is_refused()) continue;
    ++refused;
    for (const ComponentFact& fact : library.note.components) {
      if (fact.kind == kind && fact.name == name) {
        return "; it is offered by a library that is refused: " + library.refusal();
      }
    }
  }
  if (refused == 0) return {};
  return "; " + std::to_string(refused) + (refused == 1 ? " library was" : " libraries were") +
         " refused, see: mixwright plugins list";
}

void Registry::report_unknown(const std::string& kind,
                              const std::string& plugin,
                              const std::string& name) const {
  if (!plugin.empty()) report_unknown_plugin(kind, plugin, name);
  for (const Offer& offer : components()) {
    if (offer.fact->name == name && (plugin.empty() || offer.library->note.name == plugin)) {
      throw UsageError("\"" + name + "\" is " + with_article(kind_words(offer.fact->kind)) + ", " +
                       with_article(kind_words(kind)) + " is expected here");
    }
  }
  const std::vector<std::string> known = names(kind);
  throw UsageError("unknown " + kind_words(kind) + " \"" + (plugin.empty() ? "" : plugin + ":") +
                   name + "\"" + did_you_mean(name, known) + refused_hint(kind, name) +
                   (known.empty() ? "; there is none of this kind" : "; there are ") +
                   quoted_list(known) + "; " + searched_text() +
                   "; name further folders with --plugin-path or MIXWRIGHT_PLUGIN_PATH");
}

}  // namespace mixwright::plugin
