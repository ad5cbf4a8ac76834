#include "tests/e2e/training_scene.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>

#include <mixwright/random.h>

#include "framework/io/file_descriptor.h"
#include "framework/train/checkpoint_difference.h"

namespace mixwright::e2e {

namespace {

constexpr int kSide = 8;
constexpr int kClasses = 3;

/// Pictures of noise with a bright bar whose direction is the class.
void write_split(const std::filesystem::path& folder,
                 const std::string& name,
                 uint32_t count,
                 uint64_t seed) {
  std::string pictures;
  std::string labels;
  for (uint32_t i = 0; i < count; ++i) {
    SampleRandom random(seed, 0, i);
    const auto label = random.integer(0, kClasses - 1);
    const auto place = random.integer(1, kSide - 2);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const bool bright = label == 0 ? y == place : label == 1 ? x == place : x == y;
        pictures += static_cast<char>(random.integer(0, 120) + (bright ? 100 : 0));
      }
    }
    labels += static_cast<char>(label);
  }
  test::write_file(folder / (name + "-images"), test::idx_bytes({count, kSide, kSide}, pictures));
  test::write_file(folder / (name + "-labels"), test::idx_bytes({count}, labels));
}

constexpr const char* kConfig = R"(format = 1
name = "tiny"
seed = 3

[data]
type = "idx"
folder = "FOLDER"
train = { images = "train-images", labels = "train-labels" }
test = { images = "test-images", labels = "test-labels" }
class_names = ["row", "column", "diagonal"]

[train]
task = "classification"
epochs = 6
batch_size = 16
clip_norm = 1.0
log_every = 5
workers = 2
threads = 1
device = "cpu"
holdout = 0.1
transforms = [{ type = "random_crop", padding = 1 }]
optimizer = { lr = 1e-2 }
schedule = { type = "one_cycle", warmup = 0.3 }

[model]
head = "classifier"

[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 16
depth = 2
block = { type = "parallel", drop_path = 0.1 }
norm = { type = "layer_norm", over = "all" }
token_mixer = { type = "mlp", ratio = 0.5, bias = false, dropout = 0.1 }
channel_mixer = { type = "mlp", ratio = 2.0 }
)";

}  // namespace

std::filesystem::path program() {
  return std::filesystem::path(MIXWRIGHT_BUILD_DIR) / "bin" / "mixwright";
}

std::filesystem::path traps() {
  return std::filesystem::path(MIXWRIGHT_BUILD_DIR) / "tests" / "e2e" / "libraries" / "libtraps.so";
}

TrainingScene::TrainingScene() {
  write_split(folder_.path(), "train", 400, 1);
  write_split(folder_.path(), "test", 60, 2);
  std::string text = kConfig;
  text.replace(text.find("FOLDER"), 6, folder_.path().string());
  test::write_file(path("tiny.toml"), text);
}

std::vector<std::string> TrainingScene::arguments(const std::string& out,
                                                  std::vector<std::string> more) const {
  std::vector<std::string> all = {"train", config(), "--out", path(out).string()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

test::ProgramResult TrainingScene::run(const std::vector<std::string>& arguments) {
  test::ProgramOptions options;
  options.folder = folder_.path();
  return test::run_program(program(), arguments, options);
}

test::ProgramResult TrainingScene::train(const std::string& out, std::vector<std::string> more) {
  return run(arguments(out, std::move(more)));
}

pid_t TrainingScene::start(const std::string& out, std::vector<std::string> more) {
  return launch(arguments(out, std::move(more)), out + ".log");
}

pid_t TrainingScene::launch(const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program().string());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string messages = path(log).string();
  const std::string folder = folder_.path().string();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    const int file = ::open(messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  return child;
}

std::vector<nlohmann::json> TrainingScene::metrics(const std::string& out) const {
  std::ifstream in(path(out) / "metrics.jsonl");
  std::vector<nlohmann::json> lines;
  std::string line;
  while (std::getline(in, line)) {
    nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
    if (entry.is_object()) lines.push_back(std::move(entry));
  }
  return lines;
}

std::string TrainingScene::bytes(const std::string& out, const std::string& file) const {
  std::ifstream in(path(out) / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool TrainingScene::wait_for_lines(const std::string& out, size_t count) const {
  for (int i = 0; i < 12000; ++i) {
    if (metrics(out).size() >= count) return true;
    ::poll(nullptr, 0, 5);  // milliseconds
  }
  return false;
}

int wait_for_end(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return status;
}

bool has_ended(pid_t process) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == process;
}

bool wait_until(pid_t process, const std::function<bool()>& happened) {
  for (int i = 0; i < 60'000; ++i) {
    if (happened()) return true;
    if (has_ended(process)) return happened();
    ::poll(nullptr, 0, 1);  // milliseconds
  }
  return false;
}

bool hold_within_save(pid_t process, const std::filesystem::path& checkpoints) {
  if (!wait_until(process, [&] { return std::filesystem::is_directory(checkpoints); }))
    return false;
  const io::FileDescriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (::inotify_add_watch(watch.get(), checkpoints.c_str(), IN_CREATE) < 0) return false;
  alignas(inotify_event) std::array<char, 4096> events{};
  for (int i = 0; i < 6'000 && !has_ended(process); ++i) {
    pollfd ready{watch.get(), POLLIN, 0};
    ::poll(&ready, 1, 10);  // milliseconds
    const ssize_t size = ::read(watch.get(), events.data(), events.size());
    std::string folder;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, events.data() + at, sizeof event);
      folder = events.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
    if (folder.empty()) continue;
    ::kill(process, SIGSTOP);
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(process), &info, WSTOPPED | WEXITED | WNOWAIT);
    if (info.si_code != CLD_STOPPED) return false;
    if (std::filesystem::exists(checkpoints / folder)) return true;
    ::kill(process, SIGCONT);  // that save was over already
  }
  return false;
}

namespace {

/// What a line says apart from times and memory, which no two trainings share.
nlohmann::json without_times(nlohmann::json line) {
  for (const char* key : {"seconds", "samples_per_second", "data_wait_share", "memory_mb"})
    line.erase(key);
  return line;
}

}  // namespace

void expect_same_run(const TrainingScene& scene, const std::string& a, const std::string& b) {
  EXPECT_EQ(train::checkpoint_difference(scene.path(a) / "last", scene.path(b) / "last"), "")
      << a << " and " << b;
  const auto lines_a = scene.metrics(a);
  const auto lines_b = scene.metrics(b);
  ASSERT_EQ(lines_a.size(), lines_b.size()) << a << " and " << b;
  for (size_t i = 0; i < lines_a.size(); ++i) {
    EXPECT_EQ(without_times(lines_a[i]), without_times(lines_b[i])) << "line " << i << " of " << b;
  }
}

void expect_nothing_unfinished(const std::filesystem::path& run) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
  }
}

}  // namespace mixwright::e2e
