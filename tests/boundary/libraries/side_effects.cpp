// Leaves a file when its code is run, even by loading it, and starts a thread that never ends.
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include <mixwright/token_mixer.h>

namespace {

struct LeavesFile {
  LeavesFile() {
    if (const char* path = std::getenv("MIXWRIGHT_BOUNDARY_FILE")) std::ofstream(path) << "loaded";
  }
};
const LeavesFile kLeavesFile;

// A static object with a destructor: an ordinary return from main would pull it away from under
// the thread below.
std::string* words() {
  static std::string text(4096, 'x');
  return &text;
}

class Restless final : public mixwright::TokenMixer {
 public:
  Restless() {
    std::thread([text = words()] {
      for (volatile size_t sum = 0;;) sum = sum + text->find('y', sum % 64);
    }).detach();
  }
  torch::Tensor forward(const torch::Tensor& x) override { return x; }
};

}  // namespace

MIXWRIGHT_PLUGIN("boundary_side_effects",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Restless>("boundary_restless", "keeps a thread running", "no paper"))
