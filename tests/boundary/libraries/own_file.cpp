// A plugin with a file of its own beside its library.
#include <fstream>

#include <mixwright/library_folder.h>
#include <mixwright/token_mixer.h>

namespace {

class Factor final : public mixwright::TokenMixer {
 public:
  Factor() {
    std::ifstream in(mixwright::library_folder() / "own_file.txt");
    if (!(in >> factor_)) throw mixwright::Error("own_file.txt cannot be read");
  }
  torch::Tensor forward(const torch::Tensor& x) override { return x * factor_; }

 private:
  double factor_ = 0;
};

}  // namespace

MIXWRIGHT_PLUGIN("boundary_own_file",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Factor>("boundary_factor", "multiplies by its file", "no paper"))
