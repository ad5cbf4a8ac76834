#include "tests/e2e/training_scene.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include <mixwright/random.h>

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

}  // namespace mixwright::e2e
