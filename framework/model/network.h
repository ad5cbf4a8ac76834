#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include <mixwright/kinds.h>
#include <mixwright/teaching.h>

namespace mixwright::model {

/// Blocks at one resolution and width, with an embedding in front.
class StageImpl : public torch::nn::Module {
 public:
  StageImpl(LayerPtr embedding,
            std::vector<LayerPtr> blocks,
            int64_t repeat,
            bool recompute = false);
  torch::Tensor forward(const torch::Tensor& x, const Context& context);
  const LayerPtr& embedding() const { return embedding_; }
  const std::vector<LayerPtr>& blocks() const { return blocks_; }

 private:
  LayerPtr embedding_;  // null: the stage takes what comes
  std::vector<LayerPtr> blocks_;
  int64_t repeat_;
  bool recompute_;  // of blocks, in backward, what their forward left
};
TORCH_MODULE(Stage);

/// Two tensors that are one: `target` takes its values from `source`.
struct SharedTensor {
  std::string target;
  std::string source;
};

/// A parameter or buffer under its path.
using NamedTensor = std::pair<std::string, torch::Tensor>;

/// Embedding and blocks of every stage, or one component that is no stages, then the head. Input
/// [batch, *grid, channels], or [batch, L] token ids. It knows no mixer, norm or head by name.
class Network : public torch::nn::Module {
 public:
  Network(Shape input, std::vector<Stage> stages, std::shared_ptr<Head> head);
  /// `whole` stands in the place of stages; a head sees it as one.
  Network(Shape input, LayerPtr whole, std::shared_ptr<Head> head);

  torch::Tensor forward(const torch::Tensor& input, const Context& context = {});
  /// The same while a teacher helps: one answer for the targets and one for the teacher, which is
  /// the same where the head has no other.
  TaughtAnswers taught_answers(const torch::Tensor& input);
  /// Throws: mixwright::Error where a batch is not of the shape that the network takes.
  void check_input(const torch::Tensor& input) const;

  /// Sum of the penalties of all parts, each once; undefined where no part has one.
  torch::Tensor penalty();

  /// In evaluation the layers that have a faster form answer by it from now on, with their weights
  /// of now; Layer::for_inference. train(true) ends it. Returns how many have one.
  int64_t use_inference_forms();

  /// Ties tensors: the target shares the source's memory from now on and leaves the lists below.
  void share(const std::vector<SharedTensor>& pairs);
  /// Moves to a device; shared tensors stay shared.
  void move_to(const torch::Device& device);
  /// Adds the targets' gradients to their sources'. To be called between backward and whatever
  /// reads gradients.
  void gather_shared_gradients();

  /// Trained parameters, shared ones once.
  std::vector<NamedTensor> trained_parameters() const;
  /// All that a checkpoint holds: parameters (frozen ones too) and buffers, shared ones once.
  std::vector<NamedTensor> state() const;

  const Shape& input_shape() const { return input_; }
  const std::vector<Stage>& stages() const { return stages_; }
  const LayerPtr& whole() const { return whole_; }
  const std::shared_ptr<Head>& head() const { return head_; }

 private:
  Features features(const torch::Tensor& input, const Context& context);
  bool is_shared_target(const std::string& name) const;

  Shape input_;
  std::vector<Stage> stages_;
  LayerPtr whole_;              // null: stages
  std::shared_ptr<Head> head_;  // null: the last features are the answer
  std::vector<SharedTensor> shared_;
};

}  // namespace mixwright::model
