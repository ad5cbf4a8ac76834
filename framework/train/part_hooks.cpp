#include "framework/train/part_hooks.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/train/figure.h"

namespace mixwright::train {

namespace {

constexpr int64_t kLeastSide = 160;  // pixels of a reported picture's shorter side

/// A name becomes a file's: nothing in it may lead elsewhere.
void check_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!name.empty() && std::all_of(name.begin(), name.end(), allowed)) return;
  throw Error("reports \"" + name +
              "\"; a name of letters, digits, underscores and hyphens expected");
}

/// Values in 0 to 1 as bytes [H, W, C], each made a square of pixels where the picture is small.
torch::Tensor as_bytes(const std::string& name, const torch::Tensor& picture) {
  torch::Tensor pixels = picture.detach().to(torch::kCPU, torch::kFloat32);
  if (pixels.dim() == 2) pixels = pixels.unsqueeze(2);  // [H, W] -> [H, W, 1]
  if (pixels.dim() != 3 || pixels.numel() == 0 || (pixels.size(2) != 1 && pixels.size(2) != 3)) {
    throw Error("picture \"" + name + "\" is " + list_text(picture.sizes().vec()) +
                "; [H, W], [H, W, 1] or [H, W, 3] expected");
  }
  pixels = pixels.nan_to_num(0).clamp(0, 1).mul(255).round().to(torch::kUInt8);
  const int64_t side = std::min(pixels.size(0), pixels.size(1));
  const int64_t times = (kLeastSide + side - 1) / side;
  return pixels.repeat_interleave(times, 0).repeat_interleave(times, 1).contiguous();
}

class Numbers final : public Report {
 public:
  explicit Numbers(std::string path) : path_(std::move(path)) {}
  void number(const std::string& name, double value) override {
    check_name(name);
    values[path_ + "." + name] = value;
  }
  bool wants_pictures() const override { return false; }
  void picture(const std::string&, const torch::Tensor&) override {}

  std::map<std::string, double> values;

 private:
  std::string path_;
};

class Pictures final : public Report {
 public:
  void number(const std::string&, double) override {}
  bool wants_pictures() const override { return true; }
  void picture(const std::string& name, const torch::Tensor& picture) override {
    check_name(name);
    pictures.emplace_back(name, as_bytes(name, picture));
  }

  std::vector<std::pair<std::string, torch::Tensor>> pictures;
};

}  // namespace

PartHooks::PartHooks(const model::Network& network) {
  for (const auto& entry : network.named_modules("", /*include_self=*/false)) {
    auto* part = dynamic_cast<Part*>(entry.value().get());
    if (part != nullptr) parts_.emplace_back(entry.key(), part);
  }
}

void PartHooks::after_step(const TrainingStep& step) const {
  const torch::NoGradGuard no_grad;
  for (const auto& [path, part] : parts_) part->notify(step);
}

std::map<std::string, double> PartHooks::numbers() const {
  const torch::NoGradGuard no_grad;
  std::map<std::string, double> all;
  for (const auto& [path, part] : parts_) {
    Numbers numbers(path);
    part->tell(numbers);
    all.merge(numbers.values);
  }
  return all;
}

void PartHooks::draw(const std::filesystem::path& folder) {
  if (!draws_) return;
  const torch::NoGradGuard no_grad;
  for (const auto& [path, part] : parts_) {
    Pictures reported;
    part->tell(reported);
    for (const auto& [name, picture] : reported.pictures) {
      const std::filesystem::path file = folder / (path + "." + name + ".png");
      try {
        write_picture_file(file, picture);
      } catch (const Error& error) {
        draws_ = false;
        spdlog::warn("pictures of parts are not drawn any more: {}", error.what());
        return;
      }
    }
  }
}

}  // namespace mixwright::train
