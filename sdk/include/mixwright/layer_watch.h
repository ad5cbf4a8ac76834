#pragma once

#include <functional>

#include <mixwright/part.h>

namespace mixwright {

/// While it lives, is told of every call of one layer on this thread, and may answer in its place:
/// the forward hook that LibTorch has in Python only.
///
/// `seen` gets what came in, the context and what came out, and gives what shall come out.
/// Owner: the layer outlives it. Thread: one at a time on each; a further one hides it while it
/// lives.
class MIXWRIGHT_API LayerWatch {
 public:
  using Seen = std::function<torch::Tensor(
      const torch::Tensor& x, const Context& context, const torch::Tensor& y)>;

  LayerWatch(const Layer& layer, Seen seen);
  LayerWatch(const LayerWatch&) = delete;
  LayerWatch& operator=(const LayerWatch&) = delete;
  ~LayerWatch();

 private:
  friend class Layer;
  static torch::Tensor answer(const Layer& layer,
                              const torch::Tensor& x,
                              const Context& context,
                              const torch::Tensor& y);

  const Layer& layer_;
  Seen seen_;
  LayerWatch* outer_;
};

}  // namespace mixwright
