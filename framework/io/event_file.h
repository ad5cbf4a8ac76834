#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/io/file_descriptor.h"

namespace mixwright::io {

/// One value of a curve in TensorBoard.
struct Scalar {
  std::string tag;  ///< `train/loss`; what stands before the slash is the group of pictures
  double value = 0;
};

/// A file of scalars that TensorBoard reads: `events.out.tfevents.<seconds>.<host>.<pid>`.
///
/// It is a row of TFRecords, each
///   length (8 bytes)  masked CRC-32C of the length (4)  message  masked CRC-32C of the message (4)
/// with numbers in little endian and mask(c) = (c rotated right by 15 bits) + 0xA282EAD8. A message
/// is a protobuf Event: first the version of the format, then SessionLog START with `first_step`,
/// then summaries. Where a folder has several files TensorBoard reads them by name, and at a START
/// drops what it has seen of that step and later ones: a training that goes on from a checkpoint
/// begins a new file and shows as one curve.
///
/// Every record is one write(), so that a reader sees it at once and a killed program leaves at
/// most the last record cut off, which TensorBoard passes over.
///
/// Source: TensorFlow, core/lib/io/record_writer.h, core/util/event.proto,
/// core/framework/summary.proto. Deviates: `<seconds>` is later than that of every file in the
/// folder, for two of one second would be read in the order of their process numbers.
/// Throws: mixwright::Error where the file cannot be made or written.
class EventFile {
 public:
  /// Begins a file in `folder`; earlier files' values of `first_step` and later are void.
  EventFile(const std::filesystem::path& folder, int64_t first_step);

  /// Appends values of one step.
  void add(int64_t step, const std::vector<Scalar>& scalars);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& event);

  std::filesystem::path path_;
  FileDescriptor file_;
};

/// A message framed as a TFRecord.
std::string tf_record(const std::string& message);

}  // namespace mixwright::io
