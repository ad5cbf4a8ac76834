#pragma once

#include <memory>

namespace mixwright::model {

/// While it lives, tensors that this thread makes without naming a device lie on LibTorch's meta
/// device: they have sizes and no memory, and whatever computes with them only works out sizes. A
/// network of any size is then built and run once in a blink, for the sake of its counts.
///
/// What reads or writes a value, through a pointer too, throws, and so does an operation that
/// LibTorch knows no shapes for; see the list in the .cpp of those that are taught here.
class MetaDevice {
 public:
  MetaDevice();
  ~MetaDevice();
  MetaDevice(const MetaDevice&) = delete;
  MetaDevice& operator=(const MetaDevice&) = delete;

  /// Whether one lives on this thread.
  static bool active();

 private:
  struct Guard;
  std::unique_ptr<Guard> guard_;
};

}  // namespace mixwright::model
