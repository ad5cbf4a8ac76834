#pragma once

#include <string>
#include <vector>

#include "framework/config/loader.h"
#include "framework/config/schema_lookup.h"

namespace mixwright::config {

/// Stands for the plugins: declares the components that the vocabulary's configs name, with options
/// of every type, and builds nothing.
class VocabularyLookup final : public SchemaLookup {
 public:
  explicit VocabularyLookup(const ConfigValue* parts = nullptr) : parts_(parts) {}

  std::optional<OptionSchema> schema(const std::string& kind,
                                     const std::string& name) const override;
  std::vector<std::string> names(const std::string& kind) const override;
  void validate(const std::string& kind,
                const std::string& name,
                const ConfigValue& table,
                const ComponentChecker& checker,
                Diagnostics& diagnostics) const override;
  const ConfigValue* parts() const override { return parts_; }
  std::string summary(const std::string& kind, const std::string& name) const override;

 private:
  const ConfigValue* parts_;
};

/// The names of the vocabulary's files without ".toml", and the path of one.
std::vector<std::string> vocabulary_names();
std::string vocabulary_path(const std::string& name);

/// All that is wrong with a loaded config.
Diagnostics check_all(const LoadedConfig& loaded);
/// The same for a text in the file "t.toml".
Diagnostics check_text(const std::string& text, const std::vector<std::string>& sets = {});

/// Errors as lines in the order of their positions.
std::vector<std::string> lines(const Diagnostics& diagnostics);

/// A file of a test, in a folder that is gone when the test ends.
class TestFolder {
 public:
  TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder();
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string folder_;
};

/// Whether two values are the same, the order of keys and places apart.
bool same(const ConfigValue& a, const ConfigValue& b);

/// The message of the UsageError that `body` throws; "" where it throws none.
template <class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace mixwright::config
