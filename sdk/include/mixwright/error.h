#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <mixwright/export.h>

namespace mixwright {

/// Where a value was written down. `line` and `column` count from 1; 0 means "not in a file".
struct MIXWRIGHT_API SourceLocation {
  std::string file;  ///< path as the user gave it, or "--set", or "default"
  int line = 0;
  int column = 0;

  /// `file:line:column`, as much of it as is known.
  std::string text() const;
};

/// Base of everything Mixwright throws on purpose. `what()` is one line for the user: what is
/// wrong, where, and what to do.
class MIXWRIGHT_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  Error(const Error&) = default;
  ~Error() override;
};

/// Wrong usage, config or plugin: exit code 2.
class MIXWRIGHT_API UsageError : public Error {
 public:
  explicit UsageError(const std::string& message);
  UsageError(const UsageError&) = default;
  ~UsageError() override;
};

/// A component that cannot be built in its place: dims that do not fit, a wrong option. Thrown by
/// the host with the part's path; a part itself throws Error.
class MIXWRIGHT_API BuildError : public UsageError {
 public:
  explicit BuildError(const std::string& message);
  BuildError(const BuildError&) = default;
  ~BuildError() override;
};

/// A part that threw while running; carries the part's path. Exit code 1.
class MIXWRIGHT_API ForwardError : public Error {
 public:
  explicit ForwardError(const std::string& message);
  ForwardError(const ForwardError&) = default;
  ~ForwardError() override;
};

/// All that is wrong with a config, collected so that one pass reports everything.
class MIXWRIGHT_API Diagnostics {
 public:
  /// One error or warning.
  struct Entry {
    SourceLocation location;
    std::string message;
    std::string text() const;  ///< `file:line:column: message`
  };

  void error(const SourceLocation& location, const std::string& message);
  void warning(const SourceLocation& location, const std::string& message);
  const std::vector<Entry>& errors() const { return errors_; }
  const std::vector<Entry>& warnings() const { return warnings_; }
  bool ok() const { return errors_.empty(); }
  /// All errors in the order of their positions, a line each.
  std::string text() const;
  /// Throws a UsageError whose lines are all errors in the order of their positions.
  void throw_if_errors() const;

 private:
  std::vector<Entry> errors_;
  std::vector<Entry> warnings_;
};

/// First line of an exception's text without a back-trace or source position of LibTorch.
MIXWRIGHT_API std::string first_line(std::string_view text);

/// The candidate nearest to `word` by edit distance, or "" where none is near enough to suggest.
MIXWRIGHT_API std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

/// `; did you mean "…"?`, or "" where nothing is near.
MIXWRIGHT_API std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace mixwright
