#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// One label byte at the head of a record.
struct CifarLabel {
  const char* name;  ///< `fine label`, for errors
  int64_t classes;
};

/// What a binary file of CIFAR holds: records of label bytes and a 32 x 32 picture, whose red,
/// green and blue values follow one another.
struct CifarFormat {
  std::vector<CifarLabel> labels;  ///< in the order of a record
  size_t chosen = 0;               ///< the label that becomes the class
  int64_t record_bytes() const;
};

constexpr int64_t kCifarSide = 32;
constexpr int64_t kCifarChannels = 3;
constexpr int64_t kCifarPixels = kCifarSide * kCifarSide;

/// Reads a file of exactly `records` records: pictures [records, 32, 32, 3] into `pictures`, the
/// chosen labels into `classes`.
///
/// The file's length is held against `records` before anything is read.
/// Throws: mixwright::Error that names the file and what was expected.
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; its web
/// page, section "Binary version".
void read_cifar(const std::string& path,
                const CifarFormat& format,
                int64_t records,
                uint8_t* pictures,
                uint8_t* classes);
