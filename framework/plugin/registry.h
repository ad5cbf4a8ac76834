#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <mixwright/option_schema.h>
#include <mixwright/plugin.h>

#include "framework/plugin/discovery.h"
#include "framework/plugin/install_record.h"
#include "framework/plugin/library.h"

namespace mixwright::plugin {

/// A component as it is offered, before its library is loaded.
struct Offer {
  const ComponentFact* fact = nullptr;
  const Library* library = nullptr;
};

/// A component whose library is loaded. The pointers live as long as the registry.
struct Found {
  const ComponentEntry* entry = nullptr;
  const ComponentFact* fact = nullptr;
  const Library* library = nullptr;

  /// `pooling, libmetaformer.so`: what a part is called in errors.
  std::string identity() const { return fact->name + ", " + library->file_name(); }
};

/// All plugins that the search order finds. Scanning runs none of their code; a library is loaded
/// when the first of its components is asked for, and is never unloaded.
///
/// Thread: `find` and what calls it may be called from several threads; `scan` may not.
class Registry {
 public:
  explicit Registry(HostStamp host = this_host()) : host_(std::move(host)) {}
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Adds the libraries of these places behind those that are there. A library that cannot be used
  /// is listed with its reason; warnings go to the log.
  void scan(const SearchOptions& options) { scan(make_search_path(options)); }
  void scan(const SearchPath& path);

  /// Loaded, found or refused with reason, in search order.
  const std::deque<Library>& libraries() const { return libraries_; }
  /// Those in the process: what a run's environment.json names.
  std::vector<const Library*> loaded() const;
  /// `looked in /a (--plugin-path, 3 libraries), …`
  std::string searched_text() const;
  const std::vector<SearchedPlace>& searched() const { return searched_; }

  /// What can be used, sorted by kind and name; `kind` "" stands for all.
  std::vector<Offer> components(std::string_view kind = {}) const;
  std::vector<std::string> names(std::string_view kind) const;
  std::vector<std::string> kinds() const;

  /// The offer behind `name` or `plugin:name`; nothing is loaded.
  /// Throws: UsageError for an unknown name (with the nearest one, the known ones and the searched
  /// places), a name of another kind, and a name that two plugins offer.
  Offer locate(const std::string& kind, const std::string& name) const;
  /// The same, its library loaded. Throws: also where the library cannot be loaded.
  Found find(const std::string& kind, const std::string& name);
  OptionSchema schema(const std::string& kind, const std::string& name);

 private:
  void take(const Candidate& candidate, const InstallRecord& record);
  [[noreturn]] void report_unknown(const std::string& kind,
                                   const std::string& plugin,
                                   const std::string& name) const;
  [[noreturn]] void report_clash(const std::string& kind, const std::vector<Offer>& offers) const;
  void report_unknown_plugin(const std::string& kind,
                             const std::string& plugin,
                             const std::string& name) const;
  /// Where a library could not be loaded for a name that another has taken: says which one.
  void name_other_operators(Library& library) const;
  std::string refused_hint(const std::string& kind, const std::string& name) const;

  HostStamp host_;
  std::deque<Library> libraries_;  // a deque: pointers stay valid when more are scanned
  std::vector<SearchedPlace> searched_;
  std::mutex loading_;
};

}  // namespace mixwright::plugin
