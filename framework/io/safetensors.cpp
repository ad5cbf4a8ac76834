#include "framework/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <optional>
#include <unordered_map>

#include <mixwright/error.h>

#include "framework/io/input_file.h"
#include "framework/io/safetensors_checksum.h"
#include "framework/io/text.h"

namespace mixwright::io {

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& path) : file(path) {}

  InputFile file;
  SafetensorsHeader header;
  std::unordered_map<std::string, size_t> index;
  std::optional<SafetensorsChecksums> checksums;
};

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  auto state = std::make_shared<State>(path);
  const InputFile& file = state->file;
  const std::string shown = path.string();

  std::array<uint8_t, kHeaderLengthBytes> first{};
  const size_t available = std::min<uint64_t>(file.size(), first.size());
  file.read_at(0, first.data(), available);
  const uint64_t length =
      parse_header_length(std::span(first).first(available), file.size(), shown);
  std::string text(length, '\0');
  file.read_at(kHeaderLengthBytes, text.data(), text.size());
  state->header = parse_safetensors_header(text, file.size() - kHeaderLengthBytes - length, shown);

  state->checksums = SafetensorsChecksums::from_header(state->header, shown);
  state->header.metadata.erase(std::string(kChecksumKey));
  for (size_t i = 0; i < state->header.entries.size(); ++i) {
    state->index.emplace(state->header.entries[i].name, i);
  }
  return SafetensorsFile(std::move(state));
}

const std::filesystem::path& SafetensorsFile::path() const {
  return state_->file.path();
}
uint64_t SafetensorsFile::file_bytes() const {
  return state_->file.size();
}
const std::vector<TensorEntry>& SafetensorsFile::entries() const {
  return state_->header.entries;
}
const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return state_->header.metadata;
}
const std::vector<std::string>& SafetensorsFile::warnings() const {
  return state_->header.warnings;
}
bool SafetensorsFile::contains(const std::string& name) const {
  return state_->index.contains(name);
}
bool SafetensorsFile::has_checksums() const {
  return state_->checksums.has_value();
}

void SafetensorsFile::require_checksums() const {
  if (has_checksums()) return;
  throw Error(path().string() + ": has no checksums under metadata " + in_quotes(kChecksumKey) +
              ", it was written with them; the file is damaged, use another copy");
}

const TensorEntry& SafetensorsFile::entry(const std::string& name) const {
  if (const auto found = state_->index.find(name); found != state_->index.end()) {
    return state_->header.entries[found->second];
  }
  std::vector<std::string> names;
  for (const TensorEntry& entry : entries()) names.push_back(entry.name);
  throw Error(path().string() + ": holds no tensor " + in_quotes(name) + did_you_mean(name, names));
}

namespace {

void refuse_bad_bools(const void* data, uint64_t count, const std::string& where) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  const auto* bad = std::find_if(bytes, bytes + count, [](uint8_t byte) { return byte > 1; });
  if (bad == bytes + count) return;
  throw Error(where + ": element " + grouped(static_cast<uint64_t>(bad - bytes)) +
              " of dtype BOOL is " + std::to_string(*bad) + ", only 0 and 1 are allowed");
}

}  // namespace

torch::Tensor SafetensorsFile::read(const std::string& name) const {
  const TensorEntry& wanted = entry(name);
  const std::string where = path().string() + ": tensor " + in_quotes(name);
  const torch::ScalarType dtype = scalar_type(wanted.dtype, where);
  torch::Tensor tensor;
  try {
    tensor = torch::empty(wanted.shape, torch::TensorOptions().dtype(dtype).device(torch::kCPU));
  } catch (const c10::Error&) {
    throw Error(where + ": no memory for its " + grouped(wanted.bytes()) + " bytes");
  }
  // Straight into LibTorch's aligned memory: in the file a tensor may begin at any byte.
  state_->file.read_at(
      state_->header.data_offset + wanted.begin, tensor.data_ptr(), wanted.bytes());
  if (state_->checksums) state_->checksums->verify(wanted, tensor.data_ptr(), path().string());
  // Another byte than 0 and 1 in a C++ bool is undefined behaviour.
  if (dtype == torch::kBool) refuse_bad_bools(tensor.data_ptr(), wanted.bytes(), where);
  return tensor;
}

std::map<std::string, torch::Tensor> load_safetensors(const std::filesystem::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  std::map<std::string, torch::Tensor> tensors;
  for (const TensorEntry& entry : file.entries())
    tensors.emplace(entry.name, file.read(entry.name));
  return tensors;
}

int64_t count_nonfinite(const torch::Tensor& tensor) {
  if (!tensor.is_floating_point() && !tensor.is_complex()) return 0;
  const torch::NoGradGuard no_grad;
  // isfinite is not written for 8-bit floats.
  const torch::Tensor values = tensor.element_size() == 1 ? tensor.to(torch::kFloat) : tensor;
  return tensor.numel() - torch::isfinite(values).sum().item<int64_t>();
}

}  // namespace mixwright::io
