#pragma once

#include <string>

#include <torch/torch.h>

#include "framework/config/train_options.h"

namespace mixwright::train {

/// `auto` (a GPU where there is one), `cpu`, `cuda` or `cuda:N`.
/// Throws: UsageError for anything else, and for a device that is not there.
torch::Device choose_device(const std::string& text);

/// Whether products are to be computed in bfloat16 on this device.
bool use_bfloat16(Precision precision, const torch::Device& device);

/// While it lives, LibTorch's autocast computes products and convolutions of this thread in
/// bfloat16; for forward and loss only, gradients follow by themselves.
class Autocast {
 public:
  Autocast(const torch::Device& device, bool bfloat16);
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  ~Autocast();

 private:
  torch::DeviceType type_;
  bool active_;
  bool was_enabled_ = false;
  torch::ScalarType old_type_ = torch::kFloat32;
};

/// A network's answer as the task wants it: float32 where it is bfloat16.
torch::Tensor to_float32(const torch::Tensor& output);

/// Tells the allocators to keep freed memory for the next step instead of handing it back to the
/// system: a training step frees and takes the same blocks again and again, and fresh pages cost
/// more than the arithmetic on them. To be called before the first large tensor.
void keep_freed_memory();

/// The most memory that the process has held so far, in 2^20 bytes.
double peak_memory_mb();

}  // namespace mixwright::train
