#pragma once

#include <functional>
#include <string>

#include <mixwright/conformance.h>

namespace mixwright::conformance {

/// Runs the checks of one report and tells the subject's listeners of each.
class Checker {
 public:
  Checker(const Subject& subject, Report& report) : subject_(subject), report_(report) {}
  /// Runs `body`, which returns "" or what went wrong; an exception is a failure, too.
  void run(const std::string& name, const std::function<std::string()>& body);
  /// The same for what a component may refuse to be built for: `build` throws Error then, and the
  /// check is skipped with its reason. What `body` throws is a failure as ever.
  void run_where_built(const std::string& name,
                       const std::function<void()>& build,
                       const std::function<std::string()>& body);
  /// What the check that is running found; the report shows it where the check passes.
  void remark(const std::string& found) { remark_ = found; }
  void skip(const std::string& name, const std::string& why);

 private:
  void finish(Check check);

  const Subject& subject_;
  Report& report_;
  std::string remark_;
};

/// The subject's example and the defaults that `describe` prints, as one table of options.
ConfigValue printed_options(const Subject& subject);

/// What every component has whatever its kind: words, and options as its schema prints them.
void check_description(const Subject& subject, Checker& checker);

// Of each kind, in the file of its name.
void check_layer(const Subject& subject, Checker& checker);
void check_dataset(const Subject& subject, Checker& checker);
void check_transform(const Subject& subject, Checker& checker);
void check_task(const Subject& subject, Checker& checker);
void check_lagrangian(const Subject& subject, Checker& checker);
void check_synapse(const Subject& subject, Checker& checker);

/// Builds the subject from its printed options, outside of any network.
std::shared_ptr<void> build_alone(const Subject& subject);

}  // namespace mixwright::conformance
