#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/build_context.h>
#include <mixwright/context.h>
#include <mixwright/training.h>

namespace mixwright {

template <class Kind>
class Component;
struct Surroundings;

/// Anything that a network is made of: a torch module that knows its name and place.
class MIXWRIGHT_API Part : public torch::nn::Module {
 public:
  Part() = default;
  ~Part() override;

  /// Term that the part adds to the training loss, a scalar; undefined for none. Summed once per
  /// module, however often it ran.
  virtual torch::Tensor penalty();

  /// The part's own initialisation, after the model's scheme has been applied to its linear and
  /// convolution weights: a gate's bias of one, a head of zeros.
  virtual void initialize();

  /// Called while it trains, without gradients, after every step that moved the weights. What it
  /// changes must be parameters and buffers: those alone are saved, so that a resumed training goes
  /// on as one that never stopped.
  virtual void after_step(const TrainingStep& step);

  /// Called for every line of metrics and at the end of every epoch: numbers and pictures that are
  /// shown beside the loss. Changes nothing.
  virtual void report(Report& report);

  /// The two above; an exception leaves them with the part's path.
  void notify(const TrainingStep& step);
  void tell(Report& listener);

  /// Set by the host after construction: `stages.0.blocks.1.token_mixer` and
  /// `pooling, libmetaformer.so`.
  void set_identity(std::string path, std::string component);
  const std::string& path() const { return path_; }
  const std::string& component() const { return component_; }

 protected:
  /// Builds a nested component and registers it under the option's name; null for "none".
  template <class Kind>
  std::shared_ptr<typename Kind::Interface> add(const Component<Kind>& component,
                                                const BuildContext& context);
  /// The same under another name.
  template <class Kind>
  std::shared_ptr<typename Kind::Interface> add(const std::string& name,
                                                const Component<Kind>& component,
                                                const BuildContext& context);

  /// Runs `body` and turns what it throws into a ForwardError that names this part.
  template <class Body>
  auto guarded(const Body& body) const {
    try {
      return body();
    } catch (...) {
      rethrow_with_path();
    }
  }

 private:
  [[noreturn]] void rethrow_with_path() const;

  std::string path_;
  std::string component_;
};

/// A part that maps features to features: mixers, norms, activations, blocks, embeddings.
class MIXWRIGHT_API Layer : public Part {
 public:
  using Interface = Layer;
  Layer() = default;
  ~Layer() override;

  /// Runs the layer; an exception leaves it with the layer's path.
  torch::Tensor operator()(const torch::Tensor& x, const Context& context);

  /// `x` and result are [batch, *grid, channels]. Override this one, or forward_in_context.
  virtual torch::Tensor forward(const torch::Tensor& x);
  virtual torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context);

  /// A layer that answers in evaluation as this one does with its weights of now, and faster:
  /// parallel branches merged, norms folded into weights. Null, as by default, where there is none.
  /// It shares no tensor of this layer's own; layers within this one may run in it. Called in
  /// evaluation mode and without gradients.
  virtual std::shared_ptr<Layer> for_inference();
  /// The same of a layer that also does what stands around it; null, as by default, where it cannot
  /// take all of that along. See mixwright/inference.h. A layer that overrides this one need not
  /// override the one above, which asks it with nothing around.
  virtual std::shared_ptr<Layer> for_inference_within(const Surroundings& around);
  /// From now on answers in evaluation by what for_inference gives, until train(true) is called.
  /// Returns whether there is such a form.
  bool use_inference_form();
  void train(bool on = true) override;

  /// What comes out; the shape that came in unless the constructor said otherwise.
  const Shape& out_shape() const { return out_shape_; }
  void set_out_shape(Shape shape);
  bool has_out_shape() const { return has_out_shape_; }

  /// Applies the layer this often in place at each call.
  void set_repeat(int64_t times) { repeat_ = times; }
  int64_t repeat() const { return repeat_; }

 private:
  int64_t repeat_ = 1;
  std::shared_ptr<Layer> inference_form_;  // no submodule: it holds no state of its own
  Shape out_shape_;
  bool has_out_shape_ = false;
};

using LayerPtr = std::shared_ptr<Layer>;

/// Runs a layer that may be missing: a null layer returns x.
MIXWRIGHT_API torch::Tensor run(const LayerPtr& layer,
                                const torch::Tensor& x,
                                const Context& context);

/// What a layer makes of a shape; a null layer keeps it.
MIXWRIGHT_API const Shape& shape_after(const LayerPtr& layer, const Shape& shape);

}  // namespace mixwright
