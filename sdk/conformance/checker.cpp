#include "checker.h"

#include <chrono>

#include <torch/torch.h>

#include <mixwright/error.h>

namespace mixwright::conformance {

namespace {

/// What `body` answers, or the words of what it throws.
std::string answer_of(const std::function<std::string()>& body) {
  try {
    torch::manual_seed(1);
    return body();
  } catch (const c10::Error& error) {
    return first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return first_line(error.what());
  } catch (...) {
    return "threw something that is no std::exception";
  }
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

void Checker::finish(Check check) {
  if (subject_.on_end) subject_.on_end(check);
  report_.checks.push_back(std::move(check));
}

void Checker::run(const std::string& name, const std::function<std::string()>& body) {
  if (subject_.on_start) subject_.on_start(name);
  const Stopwatch watch;
  Check check;
  check.name = name;
  remark_.clear();
  check.detail = answer_of(body);
  check.outcome = check.detail.empty() ? Outcome::kPassed : Outcome::kFailed;
  if (check.outcome == Outcome::kPassed) check.detail = remark_;
  check.seconds = watch.seconds();
  finish(std::move(check));
}

void Checker::run_where_built(const std::string& name,
                              const std::function<void()>& build,
                              const std::function<std::string()>& body) {
  std::string refusal;
  if (subject_.on_start) subject_.on_start(name);
  try {
    build();
  } catch (const Error& error) {
    refusal = first_line(error.what());
  } catch (...) {
    // The check itself builds it again and reports this.
    refusal.clear();
  }
  if (refusal.empty()) {
    run(name, body);
  } else {
    skip(name, "refuses this size: " + refusal);
  }
}

void Checker::skip(const std::string& name, const std::string& why) {
  finish({name, Outcome::kSkipped, why});
}

}  // namespace mixwright::conformance
