// The mixer of `mixwright plugins new` as one writes it with LibTorch alone: ten training steps.
// See ../README.md.

#include <iostream>
#include <string>
#include <vector>

#include <torch/torch.h>
#include <zlib.h>

namespace {

// mixer begins
/// Every token moves towards the mean of all tokens, in each channel by a learned share.
class MeanMixerImpl : public torch::nn::Module {
 public:
  explicit MeanMixerImpl(int64_t dim, double share = 0.5)
      : share_(register_parameter("share", torch::full({dim}, share))) {}
  torch::Tensor forward(const torch::Tensor& x) {  // [B, N, C]
    return x + share_ * (x.mean(1, /*keepdim=*/true) - x);
  }

 private:
  torch::Tensor share_;
};
TORCH_MODULE(MeanMixer);
// mixer ends

class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(int64_t dim) {
    norm1_ = register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({dim})));
    norm2_ = register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({dim})));
    mixer_ = register_module("mixer", MeanMixer(dim));
    fc1_ = register_module("fc1", torch::nn::Linear(dim, 4 * dim));
    fc2_ = register_module("fc2", torch::nn::Linear(4 * dim, dim));
  }
  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor y = x + mixer_(norm1_(x));
    return y + fc2_(torch::gelu(fc1_(norm2_(y))));
  }

 private:
  torch::nn::LayerNorm norm1_{nullptr}, norm2_{nullptr};
  MeanMixer mixer_{nullptr};
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr};
};
TORCH_MODULE(Block);

class NetworkImpl : public torch::nn::Module {
 public:
  NetworkImpl() {
    patches_ =
        register_module("patches", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 64, 4).stride(4)));
    for (int i = 0; i < 4; ++i) blocks_->push_back(Block(64));
    register_module("blocks", blocks_);
    norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({64})));
    head_ = register_module("head", torch::nn::Linear(64, 10));
  }
  torch::Tensor forward(const torch::Tensor& x) {  // [B, 1, H, W]
    const torch::Tensor tokens = patches_(x).flatten(2).transpose(1, 2);
    return head_(norm_(blocks_->forward(tokens)).mean(1));
  }

 private:
  torch::nn::Conv2d patches_{nullptr};
  torch::nn::Sequential blocks_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(Network);

torch::Tensor read_idx(const std::string& path, int header, int64_t values) {
  const gzFile file = gzopen(path.c_str(), "rb");
  torch::Tensor data = torch::empty({values}, torch::kUInt8);
  std::vector<uint8_t> skipped(static_cast<size_t>(header));
  const bool read = file != nullptr && gzread(file, skipped.data(), header) == header &&
                    gzread(file, data.data_ptr(), static_cast<unsigned>(values)) == values;
  gzclose(file);
  if (!read) throw std::runtime_error(path + " cannot be read");
  return data;
}

}  // namespace

int main() {
  torch::manual_seed(1);
  const std::string folder = "/usr/share/datasets/fashion-mnist/train-";
  const torch::Tensor images =
      read_idx(folder + "images-idx3-ubyte.gz", 16, 60000 * 784).view({-1, 1, 28, 28});
  const torch::Tensor labels =
      read_idx(folder + "labels-idx1-ubyte.gz", 8, 60000).to(torch::kInt64);
  Network network;
  torch::optim::AdamW optimizer(network->parameters(),
                                torch::optim::AdamWOptions(4e-3).weight_decay(0.05));
  const torch::Tensor order = torch::randperm(60000);
  double last = 0;
  for (int64_t step = 0; step < 10; ++step) {
    const torch::Tensor batch = order.slice(0, step * 128, (step + 1) * 128);
    const torch::Tensor x = images.index_select(0, batch).to(torch::kFloat32) / 255;
    const torch::Tensor loss = torch::nn::functional::cross_entropy(
        network(((x - 0.2860) / 0.3530)), labels.index_select(0, batch));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
  }
  std::cout << "loss " << last << " after 10 steps\n";
}
