#include "component_name.h"

#include <iostream>

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

namespace {

/// Stands for any mixer: every token becomes twice the mean of all.
class TwiceTheMean final : public mixwright::Layer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    return 2 * x.flatten(1, -2)
                   .mean(1, /*keepdim=*/true)
                   .expand_as(x.flatten(1, -2))
                   .reshape(x.sizes());
  }
};

/// Builds that mixer, whatever it is asked for.
class Factory final : public mixwright::ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string&,
                             const mixwright::ConfigValue&,
                             const mixwright::BuildContext&) const override {
    return std::static_pointer_cast<void>(
        std::static_pointer_cast<mixwright::Layer>(std::make_shared<TwiceTheMean>()));
  }
  void check(const std::string&,
             const mixwright::ConfigValue&,
             mixwright::Diagnostics&) const override {}
};

}  // namespace

int main() {
  torch::manual_seed(1);
  const Factory factory;
  mixwright::BuildContext context;
  context.shape = {{4, 4}, 8, 0, {}};  // grid, channels
  context.factory = &factory;

  ComponentNameOptions options;
  options.token_mixer = {"anything"};
  ComponentName block(options, context);
  const torch::Tensor x = torch::randn({2, 4, 4, 8}, torch::kFloat64);
  const auto run = [&](const std::vector<torch::Tensor>& at) {
    return block.forward_in_context(at[0], mixwright::Context{});
  };
  const std::string wrong = mixwright::gradient_failure(run, {x});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  if (!torch::allclose(run({x}), x + 2 * x.mean({1, 2}, /*keepdim=*/true))) {
    std::cerr << "y = x + token_mixer(x) expected\n";
    return 1;
  }
  try {
    const ComponentName empty(ComponentNameOptions{}, context);
    std::cerr << "a block without mixers was built\n";
    return 1;
  } catch (const mixwright::Error&) {
    return 0;
  }
}
