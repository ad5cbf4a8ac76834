#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/torch.h>

/// The unsigned bytes of an IDX file, plain or gzipped, as a tensor of the file's dimensions.
///
/// Format: two zero bytes, the type (8: unsigned byte), the number of dimensions, one big-endian
/// 32-bit size per dimension, then the values, last dimension fastest.
///
/// Nothing is allocated on the word of a header: sizes are multiplied with overflow checks and
/// compared with what a file of this length can hold.
///
/// Throws: mixwright::Error that names the file, what was expected and what it holds.
/// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section FILE FORMATS.
torch::Tensor read_idx(const std::string& path, const std::vector<int>& ranks);
