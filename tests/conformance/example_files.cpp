#include "tests/conformance/example_files.h"

#include <fstream>
#include <string>

#include <mixwright/picture.h>

namespace mixwright::test {

namespace {

namespace fs = std::filesystem;

/// All zeros, which take no room on disk.
void write_zeros(const fs::path& file, uintmax_t bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file).close();
  fs::resize_file(file, bytes);
}

void write_cifar(const fs::path& folder) {
  const fs::path ten = folder / "cifar-10-batches-bin";
  for (const char* number : {"1", "2", "3", "4", "5"}) {
    write_zeros(ten / ("data_batch_" + std::string(number) + ".bin"), 30730000);
  }
  write_zeros(ten / "test_batch.bin", 30730000);
  write_zeros(folder / "cifar-100-binary/train.bin", 153700000);
  write_zeros(folder / "cifar-100-binary/test.bin", 30740000);
}

/// Pictures in class folders.
void write_pictures(const fs::path& folder) {
  for (const char* name :
       {"train/cat/1.png", "train/dog/1.png", "test/cat/2.png", "test/dog/2.png"}) {
    fs::create_directories((folder / name).parent_path());
    write_png((folder / name).string(), torch::randint(256, {20, 30, 3}, torch::kUInt8));
  }
}

}  // namespace

void write_example_files(const std::filesystem::path& folder) {
  write_cifar(folder);
  write_pictures(folder / "pictures");
}

}  // namespace mixwright::test
