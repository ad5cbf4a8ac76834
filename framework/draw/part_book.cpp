#include "framework/draw/part_book.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

namespace mixwright::draw {

namespace {

constexpr const char* kTimes = " \u00d7 ";
constexpr const char* kSign = "\u00d7";
constexpr const char* kDot = " \u00b7 ";

std::string joined(const std::vector<int64_t>& sizes, const char* sign) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : sign) + std::to_string(size);
  return text;
}

Kind kind_of(const Part& part) {
  if (dynamic_cast<const TokenMixer*>(&part) != nullptr) return Kind::kTokenMixer;
  if (dynamic_cast<const ChannelMixer*>(&part) != nullptr) return Kind::kChannelMixer;
  if (dynamic_cast<const Normalization*>(&part) != nullptr) return Kind::kNormalization;
  if (dynamic_cast<const Activation*>(&part) != nullptr) return Kind::kActivation;
  if (dynamic_cast<const Block*>(&part) != nullptr) return Kind::kBlock;
  if (dynamic_cast<const Embedding*>(&part) != nullptr) return Kind::kEmbedding;
  if (dynamic_cast<const Head*>(&part) != nullptr) return Kind::kHead;
  // One class may serve several kinds: then its place tells.
  const std::string role = part.path().substr(part.path().rfind('.') + 1);
  if (role == TokenMixer::kKind) return Kind::kTokenMixer;
  if (role == ChannelMixer::kKind) return Kind::kChannelMixer;
  if (role == Embedding::kKind) return Kind::kEmbedding;
  return Kind::kPart;
}

/// `pooling, libmetaformer.so` -> `pooling`.
std::string name_of(const Part& part) {
  return part.component().substr(0, part.component().find(','));
}

int64_t rank_of(const Part& part) {
  const auto* layer = dynamic_cast<const Layer*>(&part);
  return layer == nullptr ? 0 : layer->out_shape().rank();
}

/// Windows of the convolutions that the part holds, the largest first.
std::vector<std::string> kernels_of(const Part& part) {
  const int64_t rank = rank_of(part);
  std::set<std::pair<int64_t, std::string>, std::greater<>> kernels;
  for (const auto& entry : part.named_parameters()) {
    const at::Tensor& weight = entry.value();
    if (rank == 0 || weight.dim() < rank + 2 || !entry.key().ends_with("weight")) continue;
    const std::vector<int64_t> kernel = weight.sizes().slice(2).vec();
    const int64_t size =
        std::accumulate(kernel.begin(), kernel.end(), int64_t{1}, std::multiplies<>());
    if (size > 1) kernels.emplace(size, joined(kernel, kSign));
  }
  std::vector<std::string> result;
  for (const auto& kernel : kernels) result.push_back(kernel.second);
  return result;
}

}  // namespace

std::string times_text(const std::vector<int64_t>& sizes) {
  return joined(sizes, kTimes);
}

std::string shape_text(const Shape& shape) {
  std::vector<int64_t> sizes = shape.grid;
  if (shape.channels > 0) sizes.push_back(shape.channels);
  return times_text(sizes) + (shape.channels > 0 ? "" : " ids");
}

PartBook::PartBook(const model::Network& network, const model::Summary& summary) {
  std::map<std::string, const Part*> by_key;
  for (const auto& entry : network.named_modules("", /*include_self=*/false)) {
    if (const auto* part = dynamic_cast<const Part*>(entry.value().get())) {
      by_key.emplace(entry.key(), part);
    }
  }
  for (const model::PartCount& count : summary.parts) {
    const auto part = by_key.find(count.path);
    if (part == by_key.end()) continue;
    entries_[part->second->path()] = {part->second, count.parameters, count.macs};
  }
}

std::string PartBook::detail_of(const Part& part) const {
  std::string text;
  const auto add = [&text](const std::string& word) { text += (text.empty() ? "" : kDot) + word; };
  for (const std::string& kernel : kernels_of(part)) add(kernel);
  std::set<std::string> seen;
  for (const auto& module : part.modules(/*include_self=*/false)) {
    const auto* inner = dynamic_cast<const Part*>(module.get());
    if (inner != nullptr && seen.insert(name_of(*inner)).second) add(name_of(*inner));
  }
  return text;
}

Node PartBook::node(const std::string& path) const {
  Node node;
  const auto entry = entries_.find(path);
  if (entry == entries_.end()) {
    node.title = path;
    return node;
  }
  const Part& part = *entry->second.part;
  node.kind = kind_of(part);
  node.title = name_of(part);
  node.parameters = entry->second.parameters;
  node.macs = entry->second.macs;
  if (const auto* layer = dynamic_cast<const Layer*>(&part)) {
    node.shape = shape_text(layer->out_shape());
  }
  if (!opens(path)) node.detail = detail_of(part);
  return node;
}

bool PartBook::opens(const std::string& path) const {
  const auto entry = entries_.find(path);
  if (entry == entries_.end()) return false;
  const auto parts = entry->second.part->modules(/*include_self=*/false);
  return std::any_of(parts.begin(), parts.end(), [](const auto& module) {
    const auto* part = dynamic_cast<const Part*>(module.get());
    if (part == nullptr) return false;
    const Kind kind = kind_of(*part);
    return kind == Kind::kTokenMixer || kind == Kind::kChannelMixer || kind == Kind::kBlock ||
           kind == Kind::kEmbedding;
  });
}

}  // namespace mixwright::draw
