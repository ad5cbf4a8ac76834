#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "framework/io/safetensors_header.h"

namespace mixwright::io {

/// A safetensors file opened for reading. The header is read and checked at once, tensors when they
/// are asked for, each into memory of its own. The file stays open, so a file that replaces it
/// under its name does not change what is read.
///
/// Throws: mixwright::Error, one line that names the file and the tensor.
/// Thread: the const functions may be called from several threads at once.
class SafetensorsFile {
 public:
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const;
  uint64_t file_bytes() const;
  /// In the order of their bytes in the file.
  const std::vector<TensorEntry>& entries() const;
  /// Without the checksums' own entry.
  const std::map<std::string, std::string>& metadata() const;
  /// Faults that other readers take in silence; to be refused where the user asked for strictness.
  const std::vector<std::string>& warnings() const;

  bool contains(const std::string& name) const;
  /// Throws where there is none, with the nearest name.
  const TensorEntry& entry(const std::string& name) const;

  /// A contiguous CPU tensor that owns its memory. Its checksum is compared where the file has one.
  torch::Tensor read(const std::string& name) const;

  bool has_checksums() const;
  /// Throws where the file carries none: for files that were written with them, so that a flipped
  /// bit cannot switch the comparison off.
  void require_checksums() const;

 private:
  struct State;
  explicit SafetensorsFile(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

struct SafetensorsWriteOptions {
  /// Stores a CRC-32 per tensor in the metadata; see SafetensorsChecksums.
  bool checksums = false;
};

/// Writes all tensors to a new file that replaces `path` as a whole (see AtomicFile). Tensors may
/// lie on any device and in any strides; copies are made where they are not contiguous CPU memory.
/// The bytes depend on the arguments only, not on the order of `tensors`: wide dtypes first, then
/// by name, as the format's own writers do.
/// Throws: mixwright::Error for a name that is empty, reserved, no UTF-8 or there twice, and for a
/// tensor that is undefined, sparse, without data, or of a dtype that the format lacks.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {},
                       const SafetensorsWriteOptions& options = {});

/// Every tensor of a file.
std::map<std::string, torch::Tensor> load_safetensors(const std::filesystem::path& path);

/// Count of NaN and infinite elements; 0 for integers.
int64_t count_nonfinite(const torch::Tensor& tensor);

/// False for the packed and complex element types of the format, which cannot be read here.
bool is_readable(SafetensorsDtype dtype);

/// How LibTorch calls an element type of the format; throws where it is not readable, naming
/// `where`.
torch::ScalarType scalar_type(SafetensorsDtype dtype, const std::string& where);

}  // namespace mixwright::io
