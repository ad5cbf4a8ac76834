#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
#include "framework/io/safetensors.h"
#include "framework/io/safetensors_checksum.h"
#include "framework/io/text.h"

namespace mixwright::io {

namespace {

using Dtype = SafetensorsDtype;

// Complex and packed types have no use here yet; they are known to the header all the same.
constexpr std::array<std::pair<Dtype, torch::ScalarType>, 18> kScalarTypes = {{
    {Dtype::kBool, torch::kBool},
    {Dtype::kU8, torch::kUInt8},
    {Dtype::kI8, torch::kInt8},
    {Dtype::kF8E5M2, torch::kFloat8_e5m2},
    {Dtype::kF8E4M3, torch::kFloat8_e4m3fn},
    {Dtype::kF8E8M0, torch::kFloat8_e8m0fnu},
    {Dtype::kF8E4M3Fnuz, torch::kFloat8_e4m3fnuz},
    {Dtype::kF8E5M2Fnuz, torch::kFloat8_e5m2fnuz},
    {Dtype::kI16, torch::kInt16},
    {Dtype::kU16, torch::kUInt16},
    {Dtype::kF16, torch::kHalf},
    {Dtype::kBF16, torch::kBFloat16},
    {Dtype::kI32, torch::kInt32},
    {Dtype::kU32, torch::kUInt32},
    {Dtype::kF32, torch::kFloat32},
    {Dtype::kF64, torch::kFloat64},
    {Dtype::kI64, torch::kInt64},
    {Dtype::kU64, torch::kUInt64},
}};

struct Item {
  TensorEntry entry;
  torch::Tensor data;  // contiguous, CPU
};

[[noreturn]] void refuse(const std::string& file,
                         const std::string& name,
                         const std::string& what) {
  throw Error(file + ": tensor " + in_quotes(name) + ": cannot be written: " + what);
}

void check_name(const std::string& file, const std::string& name) {
  if (name.empty()) refuse(file, name, "its name is empty");
  if (name == "__metadata__") refuse(file, name, "the format keeps this name for metadata");
  if (name.find('\0') != std::string::npos) refuse(file, name, "its name holds a NUL character");
  if (find_invalid_utf8(name) != std::string::npos) refuse(file, name, "its name is not UTF-8");
}

void check_metadata(const std::string& file, const std::map<std::string, std::string>& metadata) {
  for (const auto& [key, value] : metadata) {
    const std::string where = file + ": metadata " + in_quotes(key) + ": cannot be written: ";
    if (key == kChecksumKey) throw Error(where + "this key is kept for checksums");
    if (find_invalid_utf8(key) != std::string::npos ||
        find_invalid_utf8(value) != std::string::npos) {
      throw Error(where + "it is not UTF-8");
    }
  }
}

Item make_item(const std::string& file, const std::string& name, const torch::Tensor& tensor) {
  check_name(file, name);
  if (!tensor.defined()) refuse(file, name, "it is undefined");
  if (tensor.layout() != torch::kStrided) refuse(file, name, "it is not dense; call to_dense()");
  if (tensor.is_meta()) refuse(file, name, "it is on the meta device and has no data");
  const auto* const type =
      std::find_if(kScalarTypes.begin(), kScalarTypes.end(), [&](const auto& pair) {
        return pair.second == tensor.scalar_type();
      });
  if (type == kScalarTypes.end()) {
    refuse(file,
           name,
           std::string("dtype ") + c10::toString(tensor.scalar_type()) +
               " is not supported in safetensors files");
  }
  Item item;
  item.entry.name = name;
  item.entry.dtype = type->first;
  item.entry.shape = tensor.sizes().vec();
  item.entry.end = static_cast<uint64_t>(tensor.nbytes());  // moved to its place by lay_out
  item.data = tensor.detach().to(torch::kCPU).contiguous().resolve_neg();
  return item;
}

/// Sorts and places the tensors one after the other; gives the bytes they take.
uint64_t lay_out(const std::string& file, std::vector<Item>& items) {
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    if (a.entry.dtype != b.entry.dtype) return a.entry.dtype > b.entry.dtype;
    return a.entry.name < b.entry.name;
  });
  std::set<std::string_view> names;
  uint64_t offset = 0;
  for (Item& item : items) {
    if (!names.insert(item.entry.name).second) {
      refuse(file, item.entry.name, "its name is given twice");
    }
    item.entry.begin = offset;
    item.entry.end += offset;
    offset = item.entry.end;
  }
  return offset;
}

std::string header_text(const std::string& file,
                        const std::vector<Item>& items,
                        const std::map<std::string, std::string>& metadata) {
  const auto quote = [](const std::string& text) { return nlohmann::json(text).dump(); };
  std::string text = "{";
  if (!metadata.empty()) text += "\"__metadata__\":" + nlohmann::json(metadata).dump();
  for (const auto& [entry, data] : items) {
    if (text.size() > 1) text += ',';
    text += quote(entry.name) + ":{\"dtype\":\"" + std::string(dtype_name(entry.dtype)) +
            "\",\"shape\":" + nlohmann::json(entry.shape).dump() + ",\"data_offsets\":[" +
            std::to_string(entry.begin) + ',' + std::to_string(entry.end) + "]}";
  }
  text += '}';
  // The tensors' bytes then begin at a multiple of 8.
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeaderBytes) {
    throw Error(file + ": cannot be written: its header of " + grouped(text.size()) +
                " bytes is over the format's limit of " + grouped(kMaxHeaderBytes));
  }
  return text;
}

}  // namespace

bool is_readable(SafetensorsDtype dtype) {
  return std::any_of(kScalarTypes.begin(), kScalarTypes.end(), [&](const auto& pair) {
    return pair.first == dtype;
  });
}

torch::ScalarType scalar_type(SafetensorsDtype dtype, const std::string& where) {
  for (const auto& [ours, theirs] : kScalarTypes) {
    if (ours == dtype) return theirs;
  }
  throw Error(where + ": dtype " + std::string(dtype_name(dtype)) +
              " is known to the format, but not supported here; convert it to F32, F16 or BF16");
}

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const SafetensorsWriteOptions& options) {
  const std::string file = path.string();
  check_metadata(file, metadata);
  std::vector<Item> items;
  items.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) items.push_back(make_item(file, name, tensor));
  const uint64_t data_bytes = lay_out(file, items);

  std::map<std::string, std::string> all_metadata = metadata;
  if (options.checksums) {
    SafetensorsChecksums checksums;
    checksums.set_metadata(metadata);
    for (const auto& [entry, data] : items) checksums.set_tensor(entry, data.const_data_ptr());
    all_metadata.emplace(kChecksumKey, checksums.text());
  }
  const std::string header = header_text(file, items, all_metadata);
  const uint64_t header_bytes = header.size();

  AtomicFile out(path, kHeaderLengthBytes + header_bytes + data_bytes);
  out.write(&header_bytes, sizeof header_bytes);
  out.write(header);
  for (const auto& [entry, data] : items) out.write(data.const_data_ptr(), entry.bytes());
  out.commit();
}

}  // namespace mixwright::io
