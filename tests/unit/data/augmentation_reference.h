#pragma once

#include <string>

#include <torch/torch.h>

#include "framework/io/safetensors.h"

namespace mixwright::test {

/// What torchvision and timm made of given draws; make_augmentation_reference.py wrote it.
inline const io::SafetensorsFile& augmentation_reference() {
  static const io::SafetensorsFile file = io::SafetensorsFile::open(
      MIXWRIGHT_SOURCE_DIR "/tests/unit/data/augmentation_reference.safetensors");
  return file;
}

inline torch::Tensor reference(const std::string& name) {
  return augmentation_reference().read(name);
}

}  // namespace mixwright::test
