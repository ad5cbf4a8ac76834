#include <ATen/record_function.h>

#include <mixwright/dataset.h>
#include <mixwright/inference.h>
#include <mixwright/key_value_memory.h>
#include <mixwright/kinds.h>
#include <mixwright/layer_watch.h>
#include <mixwright/part.h>
#include <mixwright/plugin.h>
#include <mixwright/refusal.h>
#include <mixwright/task.h>

namespace mixwright {

// Out of line, so that each class has one type_info: dynamic_cast across libraries depends on it.
ComponentFactory::~ComponentFactory() = default;
Report::~Report() = default;
Part::~Part() = default;
Layer::~Layer() = default;
TokenMixer::~TokenMixer() = default;
ChannelMixer::~ChannelMixer() = default;
Normalization::~Normalization() = default;
Activation::~Activation() = default;
Projection::~Projection() = default;
Interaction::~Interaction() = default;
Block::~Block() = default;
Embedding::~Embedding() = default;
Head::~Head() = default;
Dataset::~Dataset() = default;
Transform::~Transform() = default;
Score::~Score() = default;
ShowsSheets::~ShowsSheets() = default;
Task::~Task() = default;
MakesQuestions::~MakesQuestions() = default;
AddingLayer::~AddingLayer() = default;
KeyValueMemory::~KeyValueMemory() = default;

std::vector<Table> Score::tables() const {
  return {};
}

std::vector<std::vector<Prediction>> Task::predictions(const torch::Tensor&,
                                                       const DatasetInfo&,
                                                       int64_t) const {
  return {};
}

Batch Dataset::read_for_training(std::span<const int64_t> indices, std::span<SampleRandom>) const {
  return read(Split::kTrain, indices);
}

torch::Tensor Transform::apply(const torch::Tensor& sample, SampleRandom&) const {
  return sample;
}

void Transform::apply_to_batch(Batch&, SampleRandom&) const {}

BuildContext BuildContext::with_shape(Shape value) const {
  BuildContext copy = *this;
  copy.shape = std::move(value);
  return copy;
}

BuildContext BuildContext::with_dim(int64_t value) const {
  BuildContext copy = *this;
  copy.dim = value;
  return copy;
}

BuildContext BuildContext::below(const std::string& name) const {
  BuildContext copy = *this;
  copy.path = path.empty() ? name : path + "." + name;
  return copy;
}

std::shared_ptr<void> BuildContext::make(const std::string& kind, const ConfigValue& value) const {
  return factory->make(kind, value, *this);
}

double BuildContext::linear_drop_rate(double rate) const {
  if (place.blocks_in_network <= 1) return rate;
  return rate * static_cast<double>(place.block_in_network) /
         static_cast<double>(place.blocks_in_network - 1);
}

LayerPtr LayerOption::build(const std::string& name, const BuildContext& context) const {
  if (kind_ == "none" || (value_.is_string() && value_.as_string() == "none")) return nullptr;
  return std::static_pointer_cast<Layer>(context.below(name).make(kind_, value_));
}

std::string Activation::function_name() const {
  return "";
}

torch::Tensor Part::penalty() {
  return {};
}
void Part::initialize() {}
void Part::after_step(const TrainingStep&) {}
void Part::report(Report&) {}

void Part::notify(const TrainingStep& step) {
  guarded([&] { after_step(step); });
}

void Part::tell(Report& listener) {
  guarded([&] { report(listener); });
}

void Part::set_identity(std::string path, std::string component) {
  path_ = std::move(path);
  component_ = std::move(component);
}

void Part::rethrow_with_path() const {
  if (path_.empty()) throw;  // a piece of a part, which will name itself
  std::string reason;
  try {
    throw;
  } catch (const ForwardError&) {
    throw;  // named by the innermost part already
  } catch (const c10::Error& error) {
    reason = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    reason = first_line(error.what());
  } catch (...) {
    reason = "threw something that is no std::exception";
  }
  throw ForwardError(path_ + " (" + component_ + "): " + reason);
}

namespace {

/// Shows the part's path to LibTorch's profiler and to the counter of `model summary`; costs
/// nothing where nobody looks.
class NamedScope {
 public:
  explicit NamedScope(const std::string& path) {
    if (record_.isActive()) record_.before(path);
  }

 private:
  at::RecordFunction record_{at::RecordScope::USER_SCOPE};
};

thread_local LayerWatch* innermost_watch = nullptr;

}  // namespace

LayerWatch::LayerWatch(const Layer& layer, Seen seen)
    : layer_(layer), seen_(std::move(seen)), outer_(innermost_watch) {
  innermost_watch = this;
}

LayerWatch::~LayerWatch() {
  innermost_watch = outer_;
}

torch::Tensor LayerWatch::answer(const Layer& layer,
                                 const torch::Tensor& x,
                                 const Context& context,
                                 const torch::Tensor& y) {
  LayerWatch* const watch = innermost_watch;
  return watch != nullptr && &watch->layer_ == &layer ? watch->seen_(x, context, y) : y;
}

torch::Tensor Layer::operator()(const torch::Tensor& x, const Context& context) {
  const NamedScope scope(path());
  return guarded([&] {
    Layer& answering = inference_form_ && !is_training() ? *inference_form_ : *this;
    torch::Tensor y = x;
    for (int64_t i = 0; i < repeat_; ++i) y = answering.forward_in_context(y, context);
    return LayerWatch::answer(*this, x, context, y);
  });
}

std::shared_ptr<Layer> Layer::for_inference() {
  return for_inference_within({});
}

std::shared_ptr<Layer> Layer::for_inference_within(const Surroundings&) {
  return nullptr;
}

bool Layer::use_inference_form() {
  const torch::NoGradGuard no_grad;
  guarded([&] { inference_form_ = for_inference(); });
  return inference_form_ != nullptr;
}

void Layer::train(bool on) {
  if (on) inference_form_ = nullptr;  // its weights are about to be old
  Part::train(on);
}

torch::Tensor Layer::forward(const torch::Tensor&) {
  throw Error("neither forward nor forward_in_context is overridden");
}

torch::Tensor Layer::forward_in_context(const torch::Tensor& x, const Context&) {
  return forward(x);
}

void Layer::set_out_shape(Shape shape) {
  out_shape_ = std::move(shape);
  has_out_shape_ = true;
}

torch::Tensor run(const LayerPtr& layer, const torch::Tensor& x, const Context& context) {
  return layer ? (*layer)(x, context) : x;
}

const Shape& shape_after(const LayerPtr& layer, const Shape& shape) {
  return layer ? layer->out_shape() : shape;
}

torch::Tensor Head::operator()(const Features& features) {
  const NamedScope scope(path());
  return guarded([&] { return forward(features); });
}

torch::Tensor Interaction::forward(const torch::Tensor&, const torch::Tensor&) {
  throw Error("neither forward nor forward_in_context is overridden");
}

torch::Tensor Interaction::forward_in_context(const torch::Tensor& left,
                                              const torch::Tensor& right,
                                              const Context&) {
  return forward(left, right);
}

torch::Tensor Interaction::operator()(const torch::Tensor& left,
                                      const torch::Tensor& right,
                                      const Context& context) {
  const NamedScope scope(path());
  return guarded([&] { return forward_in_context(left, right, context); });
}

BuildContext Interaction::between(const BuildContext& context,
                                  const Shape& left,
                                  const Shape& right) {
  BuildContext copy = context.with_shape(left);
  copy.stage_shapes = {left, right};
  return copy;
}

const Shape& Interaction::right_shape(const BuildContext& context) {
  if (context.stage_shapes.size() != 2) {
    throw Error("an interaction is built for two operands; Interaction::between makes its context");
  }
  return context.stage_shapes[1];
}

void Interaction::set_out_shape(Shape shape) {
  out_shape_ = std::move(shape);
  has_out_shape_ = true;
}

namespace registration {

void finish_layer(Interaction& interaction, const BuildContext& context) {
  if (!interaction.has_out_shape()) interaction.set_out_shape(context.shape);
}

void finish_layer(Layer& layer, const BuildContext& context) {
  if (!layer.has_out_shape()) layer.set_out_shape(context.shape);
}

namespace {

thread_local int64_t unmeant = 0;

}  // namespace

void describe_exception(CreateResult& result) noexcept {
  try {
    throw;
  } catch (const BuildError& error) {
    result.error = error.what();
    result.located = true;  // thrown by the host for a nested part, or marked so by it
  } catch (const Error& error) {
    result.error = first_line(error.what());
  } catch (const c10::Error& error) {
    ++unmeant;
    result.error = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    ++unmeant;
    result.error = first_line(error.what());
  } catch (...) {
    ++unmeant;
    result.error = "threw something that is no std::exception";
  }
}

int64_t unmeant_failures() noexcept {
  return unmeant;
}

}  // namespace registration
}  // namespace mixwright
