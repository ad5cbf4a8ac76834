#include "framework/cli/check_run.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <utility>

#include <mixwright/error.h>

#include "framework/cli/check_records.h"
#include "framework/config/toml_reader.h"
#include "framework/io/child_process.h"
#include "framework/io/scratch_folder.h"
#include "framework/io/text.h"
#include "framework/model/factory.h"

namespace mixwright::cli {

namespace {

/// Where a component's report stands: the plugin's own is the first.
size_t place_of(int component) {
  return component == kPluginItself ? 0 : static_cast<size_t>(component) + 1;
}

using conformance::Check;
using conformance::Outcome;
using conformance::Report;

constexpr const char* kLoading = "loads";
constexpr const char* kLeaving = "ends in order";

void check_component(const plugin::Found& found,
                     const ComponentFactory& factory,
                     int index,
                     conformance::Tier tier,
                     CheckRecords& records) {
  conformance::Subject subject;
  subject.entry = found.entry;
  subject.name = found.library->note.name + ":" + found.fact->name;
  subject.factory = &factory;
  subject.tier = tier;
  subject.on_start = [&](const std::string& check) { records.start(index, check); };
  subject.on_end = [&](const Check& check) { records.end(index, check); };
  records.start(index, "example");
  if (*found.entry->sample != '\0') {
    subject.example = config::parse_toml(found.entry->sample, "example of " + subject.name);
  }
  conformance::check(subject);
}

/// What one process left behind and how it ended.
class CheckedProcess {
 public:
  CheckedProcess(const CheckPlan& plan,
                 int first,
                 const std::vector<std::string>& plugin_words,
                 const std::filesystem::path& folder);

  /// Reads records into `reports` until the process has ended or is out of time.
  void follow(std::vector<Report>& reports, const std::function<void(int component)>& at_work);
  bool is_finished() const { return finished_; }
  /// Where it was when it ended too early.
  int component() const { return component_; }
  Check failure() const;

 private:
  bool read(std::vector<Report>& reports, const std::function<void(int component)>& at_work);

  int timeout_s_;
  std::filesystem::path messages_;
  CheckRecordReader records_;
  io::ChildProcess process_;
  std::optional<int> code_;
  bool timed_out_ = false;
  bool finished_ = false;
  int component_ = kPluginItself;
  std::string check_ = kLoading;
};

std::vector<std::string> words_of(const CheckPlan& plan,
                                  int first,
                                  const std::vector<std::string>& plugin_words,
                                  const std::filesystem::path& records) {
  std::vector<std::string> words = {"plugins", "check", plan.file, "--quiet"};
  if (plan.quick) words.emplace_back("--quick");
  words.insert(words.end(),
               {"--records",
                records.string(),
                "--first",
                std::to_string(first),
                "--stop-with",
                std::to_string(::getpid())});
  words.insert(words.end(), plugin_words.begin(), plugin_words.end());
  return words;
}

io::ChildOptions options_of(const std::filesystem::path& messages) {
  io::ChildOptions options;
  options.messages = messages;
  return options;
}

CheckedProcess::CheckedProcess(const CheckPlan& plan,
                               int first,
                               const std::vector<std::string>& plugin_words,
                               const std::filesystem::path& folder)
    : timeout_s_(plan.timeout_s),
      messages_(folder / ("messages-" + std::to_string(first))),
      records_(folder / ("records-" + std::to_string(first))),
      process_(io::own_program().string(),
               words_of(plan, first, plugin_words, folder / ("records-" + std::to_string(first))),
               options_of(messages_)) {}

bool CheckedProcess::read(std::vector<Report>& reports,
                          const std::function<void(int component)>& at_work) {
  bool any = false;
  for (auto record = records_.next(); !record.is_null(); record = records_.next()) {
    any = true;
    if (record.contains("refused")) throw UsageError(record["refused"].get<std::string>());
    if (record.contains("finished")) {
      finished_ = true;
      component_ = kPluginItself;
      check_ = kLeaving;
      continue;
    }
    component_ = record.at("component").get<int>();
    if (record.contains("begins")) {
      check_ = record["begins"].get<std::string>();
      at_work(component_);
    } else {
      reports[place_of(component_)].checks.push_back(check_of(record.at("ends")));
    }
  }
  return any;
}

void CheckedProcess::follow(std::vector<Report>& reports,
                            const std::function<void(int component)>& at_work) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kLook{200};
  const std::chrono::seconds limit(timeout_s_);
  // On a busy machine the program takes its time to start, which is no fault of the plugin.
  constexpr std::chrono::seconds kStart{60};
  Clock::time_point deadline = Clock::now() + std::max(limit, kStart);
  while (!(code_ = process_.wait_for(kLook))) {
    if (read(reports, at_work)) deadline = Clock::now() + limit;
    if (Clock::now() < deadline) continue;
    timed_out_ = true;
    process_.send(SIGKILL);
    code_ = process_.wait();
    break;
  }
  read(reports, at_work);
  finished_ = finished_ && code_ == 0;
}

/// What the crash handler wrote among the messages, which names the plugin; "" where it did not.
std::string crash_of(const std::filesystem::path& messages) {
  constexpr std::string_view kWords = "mixwright: crashed: ";
  std::ifstream in(messages);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(kWords)) continue;
    line.erase(0, kWords.size());
    return io::printable(line.substr(0, line.find(';')), 1000);  // whose next step is this check
  }
  return "";
}

Check CheckedProcess::failure() const {
  Check check;
  check.name = check_;
  check.outcome = Outcome::kFailed;
  const std::string crash = crash_of(messages_);
  if (timed_out_) {
    check.detail = "did not end within " + std::to_string(timeout_s_) + " s; --timeout allows more";
    check.seconds = timeout_s_;
  } else if (!crash.empty()) {
    check.detail = "crashed: " + crash;
  } else if (*code_ > 128) {
    check.detail = "signal " + std::to_string(*code_ - 128) + " ended the process";
  } else {
    check.detail = "ended the process with exit code " + std::to_string(*code_);
    if (*code_ != 0) check.detail += ": " + io::last_line(messages_);
  }
  return check;
}

}  // namespace

void check_in_this_process(const CheckPlan& plan,
                           const plugin::Library& library,
                           const std::shared_ptr<plugin::Registry>& registry) {
  // The suite's tensors are tiny: on a busy machine threads would only wait for each other.
  at::set_num_threads(1);
  CheckRecords records(plan.records);
  const std::vector<plugin::ComponentFact>& facts = library.note.components;
  const auto found = [&](const plugin::ComponentFact& fact) {
    return registry->find(fact.kind, library.note.name + ":" + fact.name);
  };
  records.start(kPluginItself, kLoading);
  try {
    found(facts.front());
  } catch (const UsageError& error) {
    records.refused(error.what());
    return;
  }
  if (plan.first == 0) records.end(kPluginItself, {kLoading, Outcome::kPassed, ""});
  const model::PartFactory factory(registry, ConfigValue());
  const auto tier = plan.quick ? conformance::Tier::kQuick : conformance::Tier::kFull;
  for (size_t i = static_cast<size_t>(plan.first); i < facts.size(); ++i) {
    check_component(found(facts[i]), factory, static_cast<int>(i), tier, records);
  }
  records.finished();
}

std::vector<Report> check_in_child(const CheckPlan& plan,
                                   const plugin::Library& library,
                                   const std::vector<std::string>& plugin_words,
                                   const std::function<void(const Report&)>& done) {
  const auto count = static_cast<int>(library.note.components.size());
  std::vector<Report> reports(static_cast<size_t>(count) + 1);
  reports.front().kind = "plugin";
  reports.front().component = library.note.name;
  for (size_t i = 0; i < library.note.components.size(); ++i) {
    reports[i + 1].kind = library.note.components[i].kind;
    reports[i + 1].component = library.note.components[i].name;
  }
  const io::ScratchFolder folder("mixwright-check");
  int told = 0;  // components whose report is complete
  const auto tell_before = [&](int component) {
    for (; told < component; ++told) done(reports[place_of(told)]);
  };
  for (int first = 0; first < count || first == 0;) {
    CheckedProcess process(plan, first, plugin_words, folder.path());
    process.follow(reports, tell_before);
    if (process.is_finished()) {
      reports.front().checks.push_back({kLeaving, Outcome::kPassed, ""});
      break;
    }
    reports[place_of(process.component())].checks.push_back(process.failure());
    if (process.component() == kPluginItself) break;
    first = process.component() + 1;
  }
  tell_before(count);
  done(reports.front());
  return reports;
}

}  // namespace mixwright::cli
