#pragma once

#include <mixwright/dataset.h>

namespace mixwright::data {

/// What the network sees of a dataset's inputs: bytes become value / 255, then every channel
/// (value - mean) / std where the dataset gives them. Token ids and floats without mean and std
/// pass as they are.
/// Shape: [batch, *grid, C] -> the same, float32.
/// Throws: mixwright::Error where mean and std do not fit the channels, or std is not positive.
torch::Tensor normalised(const torch::Tensor& inputs, const DatasetInfo& info);

/// What a network that was trained on `to` wants of inputs that are normalised as in `from`. Both
/// mean the same values; equal ones pass untouched.
torch::Tensor renormalised(const torch::Tensor& inputs,
                           const DatasetInfo& from,
                           const DatasetInfo& to);

}  // namespace mixwright::data
