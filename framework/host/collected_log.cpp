#include "framework/host/collected_log.h"

#include <mutex>
#include <utility>

#include <spdlog/sinks/base_sink.h>

namespace mixwright::host {

namespace {

class WarningSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit WarningSink(std::shared_ptr<std::vector<std::string>> warnings)
      : warnings_(std::move(warnings)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (message.level < spdlog::level::warn) return;
    warnings_->emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}

 private:
  std::shared_ptr<std::vector<std::string>> warnings_;
};

}  // namespace

CollectedLog::CollectedLog()
    : previous_(spdlog::default_logger()), warnings_(std::make_shared<std::vector<std::string>>()) {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("mixwright_host", std::make_shared<WarningSink>(warnings_)));
}

CollectedLog::~CollectedLog() {
  spdlog::set_default_logger(previous_);
}

}  // namespace mixwright::host
