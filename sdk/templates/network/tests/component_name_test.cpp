#include "component_name.h"

#include <iostream>

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

namespace {

/// Stands for any block: y = x / 2.
class Half final : public mixwright::Block {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return x / 2; }
};

/// Builds that block, whatever it is asked for, or none.
class Factory final : public mixwright::ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string&,
                             const mixwright::ConfigValue& value,
                             const mixwright::BuildContext& context) const override {
    if (value.is_string() && value.as_string() == "none") return nullptr;
    const auto block = std::make_shared<Half>();
    block->set_out_shape(context.shape);
    return std::static_pointer_cast<void>(std::static_pointer_cast<mixwright::Layer>(block));
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
  context.shape = {{8, 12}, 3, 0, {}};  // grid, channels
  context.factory = &factory;

  ComponentNameOptions options{.dim = 5, .patch = 4, .rounds = 3, .block = {"anything"}};
  ComponentName network(options, context);
  network.to(torch::kFloat64);
  const torch::Tensor x = torch::randn({2, 8, 12, 3}, torch::kFloat64);
  const auto run = [&](const std::vector<torch::Tensor>& at) {
    return network.forward_in_context(at[0], mixwright::Context{});
  };
  const std::string wrong =
      mixwright::gradient_failure(run, {x, network.parameters()[0], network.parameters()[1]});
  if (!wrong.empty()) {
    std::cerr << "gradient: " << wrong << "\n";
    return 1;
  }
  if (network.out_shape().grid != std::vector<int64_t>{2, 3}) {
    std::cerr << "a grid of 2 x 3 expected, " << network.out_shape().text() << " promised\n";
    return 1;
  }
  // With blocks that halve, three rounds are 1/2 + 1/4 + 1/8 of the patches: 7/4 of one round.
  options.rounds = 1;
  ComponentName once(options, context);
  once.to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < 2; ++i) once.parameters()[i].copy_(network.parameters()[i]);
  if (!torch::allclose(run({x}), once.forward_in_context(x, mixwright::Context{}) * 1.75)) {
    std::cerr << "x_{k+1} = block(x_k + W p) expected\n";
    return 1;
  }
  try {
    options.block = {"none"};
    const ComponentName empty(options, context);
    std::cerr << "a network without a block was built\n";
    return 1;
  } catch (const mixwright::Error&) {
    return 0;
  }
}
