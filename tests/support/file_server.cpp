#include "tests/support/file_server.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "framework/plugin/sha256.h"
#include "tests/support/python.h"

namespace mixwright::test {

namespace fs = std::filesystem;

namespace {

constexpr int kLooks = 6000;
constexpr int kLookMilliseconds = 10;

/// It needs nothing but the standard library.
const Python& server_python() {
  static const Python kPython = python_with({"http.server", "ssl"});
  return kPython;
}

}  // namespace

bool FileServer::is_possible() {
  return server_python().usable;
}

FileServer::FileServer(fs::path folder, const fs::path& certificate, const fs::path& key)
    : folder_(std::move(folder)), scheme_(certificate.empty() ? "http" : "https") {
  fs::create_directories(folder_ / "files");
  fs::remove(folder_ / "port");
  const std::string program = server_python().program;
  const std::string script = server_python().source / "tests/support/file_server.py";
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("fork failed");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (certificate.empty()) {
      ::execl(program.c_str(), program.c_str(), script.c_str(), folder_.c_str(), nullptr);
    } else {
      ::execl(program.c_str(),
              program.c_str(),
              script.c_str(),
              folder_.c_str(),
              certificate.c_str(),
              key.c_str(),
              nullptr);
    }
    ::_exit(127);
  }
  for (int i = 0; i < kLooks && port_ == 0; ++i) {
    std::ifstream(folder_ / "port") >> port_;
    if (port_ == 0) ::poll(nullptr, 0, kLookMilliseconds);
  }
  if (port_ == 0) throw std::runtime_error("the file server does not start");
}

FileServer::~FileServer() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::string FileServer::url(const std::string& way, const std::string& name) const {
  return scheme_ + "://127.0.0.1:" + std::to_string(port_) + "/" + way + "/" + name;
}

std::vector<ServedRequest> FileServer::requests() const {
  std::vector<ServedRequest> requests;
  std::ifstream in(folder_ / "log");
  for (std::string line; std::getline(in, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) continue;  // it is being written
    requests.push_back(
        {json["path"], json["range"], json["if_range"], json["status"], json["sent"]});
  }
  return requests;
}

std::vector<ServedRequest> FileServer::wait_for_requests(size_t count) const {
  for (int i = 0; i < kLooks && requests().size() < count; ++i) {
    ::poll(nullptr, 0, kLookMilliseconds);
  }
  return requests();
}

uint64_t FileServer::sent() const {
  uint64_t sum = 0;
  for (const ServedRequest& request : requests()) sum += request.sent;
  return sum;
}

std::string serve_bytes(const fs::path& folder, const std::string& name, const std::string& bytes) {
  fs::create_directories(folder / "files");
  std::ofstream(folder / "files" / name, std::ios::binary) << bytes;
  plugin::Sha256 sum;
  sum.add(bytes.data(), bytes.size());
  return sum.hex();
}

std::string noise(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace mixwright::test
