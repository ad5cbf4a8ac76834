#include "framework/bench/answering_process.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <mixwright/error.h>

#include "framework/io/text.h"
#include "framework/train/signals.h"

namespace mixwright::bench {

namespace {

using std::chrono::steady_clock;

constexpr size_t kLongestAnswer = size_t{1} << 20;
constexpr auto kLastWords = std::chrono::milliseconds(2000);

struct Pipe {
  io::FileDescriptor reading;
  io::FileDescriptor writing;
};

Pipe make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Error("a pipe cannot be made (" + io::errno_text(errno) + ")");
  }
  return {io::FileDescriptor(ends[0]), io::FileDescriptor(ends[1])};
}

/// While it lives, writing to a process that has ended is an error like others and no signal.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() { sigaction(SIGPIPE, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

}  // namespace

AnsweringProcess::AnsweringProcess(const std::string& program,
                                   const std::vector<std::string>& arguments,
                                   const std::filesystem::path& messages)
    : messages_(messages) {
  Pipe to = make_pipe();
  Pipe from = make_pipe();
  io::ChildOptions options;
  options.input = to.reading.get();
  options.output = from.writing.get();
  options.errors = messages;
  options.own_group = true;
  process_ = std::make_unique<io::ChildProcess>(program, arguments, options);
  requests_ = std::move(to.writing);
  answers_ = std::move(from.reading);
}

AnsweringProcess::~AnsweringProcess() {
  process_->send_to_group(SIGTERM);
}

void AnsweringProcess::report_end() {
  const std::optional<int> code = process_->wait_for(kLastWords);
  std::string text = code ? "ended with code " + std::to_string(*code) : "closed its pipe";
  const std::string words = io::last_line(messages_);
  if (!words.empty()) text += ": " + words;
  throw Error(text);
}

std::string AnsweringProcess::next_line(steady_clock::time_point end) {
  for (;;) {
    if (const size_t length = received_.find('\n'); length != std::string::npos) {
      std::string line = received_.substr(0, length);
      received_.erase(0, length + 1);
      return line;
    }
    if (received_.size() > kLongestAnswer) throw Error("gave an answer longer than 1 MB");
    if (train::stop_signal() != 0) throw Error("stopped");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) throw Error("gave no answer in time");
    pollfd readable{answers_.get(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(answers_.get(), bytes.data(), bytes.size());
    if (count == 0) report_end();
    if (count > 0) received_.append(bytes.data(), static_cast<size_t>(count));
    if (count < 0 && errno != EINTR) {
      throw Error("its answer cannot be read (" + io::errno_text(errno) + ")");
    }
  }
}

nlohmann::json AnsweringProcess::ask(const nlohmann::json& request, std::chrono::seconds longest) {
  {
    const NoBrokenPipe ignored;
    const int failure = requests_.write_all(request.dump() + "\n");
    if (failure == EPIPE) report_end();
    if (failure != 0) throw Error("cannot be asked (" + io::errno_text(failure) + ")");
  }
  const std::string line = next_line(steady_clock::now() + longest);
  nlohmann::json answer = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) throw Error("gave no answer but " + io::in_quotes(line));
  if (const auto error = answer.find("error"); error != answer.end()) {
    throw Error(io::printable(error->is_string() ? error->get<std::string>() : error->dump(), 300));
  }
  return answer;
}

}  // namespace mixwright::bench
