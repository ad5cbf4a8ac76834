#include <mixwright/error.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

constexpr double kForbidden = -1e30;

/// The interaction and its right operand, which is learned so that its gradient is looked at, too.
class Meeting final : public Layer {
 public:
  Meeting(std::shared_ptr<Interaction> interaction, const Shape& right, bool of_input)
      : interaction_(register_module("interaction", std::move(interaction))),
        of_input_(of_input),
        right_(register_parameter(
            "right", of_input ? torch::ones({right.channels}) : torch::randn(sizes_of(right)))) {
    set_out_shape(interaction_->out_shape());
    set_identity(interaction_->path(), interaction_->component());
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return (*interaction_)(x, of_input_ ? x * right_.to(x.scalar_type()) : right_, context);
  }

 private:
  std::shared_ptr<Interaction> interaction_;
  bool of_input_;
  torch::Tensor right_;
};

}  // namespace

Specimen interaction_specimen(
    const std::function<std::shared_ptr<Interaction>(const BuildContext&)>& make,
    const BuildContext& context,
    bool is_causal) {
  const Shape& in = context.shape;
  const std::vector<Shape> rights = {
      in,
      in.with_grid({in.channels}),
      in.with_grid(std::vector<int64_t>(static_cast<size_t>(in.rank()), 3))};
  std::string reasons;
  for (size_t i = 0; i < rights.size(); ++i) {
    try {
      const BuildContext between = Interaction::between(context, in, rights[i]);
      const auto meeting = std::make_shared<Meeting>(make(between), rights[i], i == 0);
      Specimen specimen;
      specimen.in = in;
      specimen.part = meeting;
      specimen.out_sizes = sizes_of(meeting->out_shape());
      specimen.run = [meeting, is_causal](const torch::Tensor& x) {
        const torch::Tensor y = (*meeting)(x, Context{});
        return is_causal ? y.masked_fill(y < kForbidden, 0) : y;
      };
      return specimen;
    } catch (const Error& error) {
      reasons += (reasons.empty() ? "" : "; ") + rights[i].text() + ": " + first_line(error.what());
    }
  }
  throw Error("takes no right operand beside " + in.text() + ": " + reasons);
}

}  // namespace mixwright::conformance
