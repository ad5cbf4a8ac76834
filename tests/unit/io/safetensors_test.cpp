#include "framework/io/safetensors.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/safetensors_checksum.h"
#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

using Tensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Bit by bit, which also holds for NaN and for dtypes without a comparison.
bool same_tensor(const torch::Tensor& a, const torch::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         (a.nbytes() == 0 ||
          std::memcmp(
              a.contiguous().const_data_ptr(), b.contiguous().const_data_ptr(), a.nbytes()) == 0);
}

const std::vector<torch::ScalarType> kAllTypes = {torch::kBool,
                                                  torch::kUInt8,
                                                  torch::kInt8,
                                                  torch::kInt16,
                                                  torch::kUInt16,
                                                  torch::kInt32,
                                                  torch::kUInt32,
                                                  torch::kInt64,
                                                  torch::kUInt64,
                                                  torch::kHalf,
                                                  torch::kBFloat16,
                                                  torch::kFloat32,
                                                  torch::kFloat64,
                                                  torch::kFloat8_e4m3fn,
                                                  torch::kFloat8_e5m2,
                                                  torch::kFloat8_e8m0fnu,
                                                  torch::kFloat8_e4m3fnuz,
                                                  torch::kFloat8_e5m2fnuz};

class SafetensorsDtypes : public ::testing::TestWithParam<torch::ScalarType> {};

TEST_P(SafetensorsDtypes, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  const torch::Tensor counted = torch::arange(6).to(GetParam()).reshape({2, 3});
  const Tensors tensors = {{"matrix", counted},
                           {"scalar", torch::ones({}).to(GetParam())},
                           {"empty", torch::empty({0, 4}, torch::TensorOptions(GetParam()))}};
  write_safetensors(folder / "w.safetensors", tensors);
  const auto loaded = load_safetensors(folder / "w.safetensors");
  ASSERT_EQ(loaded.size(), 3U);
  for (const auto& [name, tensor] : tensors)
    EXPECT_TRUE(same_tensor(loaded.at(name), tensor)) << name;
}

INSTANTIATE_TEST_SUITE_P(All,
                         SafetensorsDtypes,
                         ::testing::ValuesIn(kAllTypes),
                         [](const auto& chosen) {
                           return std::string(c10::toString(chosen.param));
                         });

TEST(Safetensors, StridesDoNotMatter) {
  const TemporaryFolder folder;
  const torch::Tensor base = torch::rand({2, 4, 3, 5});
  const Tensors tensors = {
      {"channels_last", base.contiguous(torch::MemoryFormat::ChannelsLast)},
      {"expanded", torch::rand({1, 3}).expand({4, 3})},
      {"slice", base.select(1, 2)},
      {"transposed", base.transpose(0, 3)},
      {"negated", torch::imag(torch::conj(torch::view_as_complex(torch::rand({3, 2}))))},
      {"with_grad", torch::rand({2}, torch::requires_grad())}};
  write_safetensors(folder / "w.safetensors", tensors);
  for (const auto& [name, tensor] : load_safetensors(folder / "w.safetensors")) {
    const auto original = std::find_if(
        tensors.begin(), tensors.end(), [&n = name](const auto& pair) { return pair.first == n; });
    EXPECT_TRUE(torch::equal(tensor, original->second.detach())) << name;
    EXPECT_TRUE(tensor.is_contiguous()) << name;
    EXPECT_FALSE(tensor.requires_grad()) << name;
  }
}

TEST(Safetensors, BytesDoNotDependOnTheOrderGiven) {
  const TemporaryFolder folder;
  Tensors tensors = {{"b", torch::ones({3})},
                     {"a", torch::ones({2})},
                     {"z", torch::ones({2}, torch::kInt64)},
                     {"m", torch::ones({3}, torch::kBool)}};
  write_safetensors(folder / "1", tensors, {{"k", "v"}});
  std::reverse(tensors.begin(), tensors.end());
  write_safetensors(folder / "2", tensors, {{"k", "v"}});
  const std::string bytes = read_bytes(folder / "1");
  EXPECT_EQ(bytes, read_bytes(folder / "2"));
  EXPECT_THAT(bytes,
              HasSubstr("{\"__metadata__\":{\"k\":\"v\"},\"z\":{\"dtype\":\"I64\",\"shape\":[2],"
                        "\"data_offsets\":[0,16]},\"a\":{\"dtype\":\"F32\""));
  // Wide elements first, the header a multiple of 8: every tensor is aligned.
  const SafetensorsFile file = SafetensorsFile::open(folder / "1");
  std::vector<std::string> names;
  for (const TensorEntry& entry : file.entries()) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("z", "a", "b", "m"));
  EXPECT_EQ((file.file_bytes() - file.entries().back().end) % 8, 0U);
}

TEST(Safetensors, AnEmptyFileIsWrittenAsTheReferenceDoes) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {});
  EXPECT_EQ(read_bytes(folder / "w"), safetensors_bytes("{}      "));
  EXPECT_THAT(load_safetensors(folder / "w"), IsEmpty());
}

TEST(Safetensors, NamesAndMetadataSurvive) {
  const TemporaryFolder folder;
  const std::map<std::string, std::string> metadata = {
      {"", ""}, {"quote\"\\", "line\nbreak\t\x01"}, {"\xC3\xA4", "\xF0\x9F\x98\x80"}};
  const Tensors tensors = {{"a", torch::ones({1})},
                           {"a.b", torch::ones({2})},
                           {"../../etc/passwd", torch::ones({3})},
                           {"q\"\\\n\x1f", torch::ones({4})},
                           {"\xE2\x82\xAC", torch::ones({5})}};
  write_safetensors(folder / "w", tensors, metadata);
  const SafetensorsFile file = SafetensorsFile::open(folder / "w");
  EXPECT_EQ(file.metadata(), metadata);
  for (const auto& [name, tensor] : tensors) EXPECT_TRUE(same_tensor(file.read(name), tensor));
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(Safetensors, AFileThatIsReplacedIsStillReadAsItWas) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"a", torch::zeros({3})}});
  const SafetensorsFile file = SafetensorsFile::open(folder / "w");
  write_safetensors(folder / "w", {{"b", torch::ones({5})}});
  EXPECT_TRUE(torch::equal(file.read("a"), torch::zeros({3})));
}

TEST(Safetensors, ATensorThatIsNotThere) {
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"stages.0.weight", torch::zeros({3})}});
  const SafetensorsFile file = SafetensorsFile::open(folder / "w");
  EXPECT_TRUE(file.contains("stages.0.weight"));
  EXPECT_FALSE(file.contains("stages.0"));
  EXPECT_THAT(error_of([&] { file.read("stages.0.wieght"); }),
              AllOf(HasSubstr("w: holds no tensor \"stages.0.wieght\""),
                    HasSubstr("did you mean \"stages.0.weight\"?")));
}

TEST(Safetensors, WhatCannotBeWrittenIsRefusedAndTheOldFileStays) {
  const TemporaryFolder folder;
  write_bytes(folder / "w", "old");
  const torch::Tensor one = torch::ones({1});
  const auto refusal = [&](const std::string& name, const torch::Tensor& tensor) {
    return error_of([&] { write_safetensors(folder / "w", {{"good", one}, {name, tensor}}); });
  };
  EXPECT_THAT(refusal("", one), HasSubstr("its name is empty"));
  EXPECT_THAT(refusal("good", one),
              HasSubstr("tensor \"good\": cannot be written: its name is "
                        "given twice"));
  EXPECT_THAT(refusal("__metadata__", one), HasSubstr("keeps this name"));
  EXPECT_THAT(refusal(std::string("a\0b", 3), one), HasSubstr("NUL"));
  EXPECT_THAT(refusal("\xFF", one), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal("a", torch::Tensor()), HasSubstr("it is undefined"));
  EXPECT_THAT(refusal("a", one.to_sparse()), HasSubstr("not dense"));
  EXPECT_THAT(refusal("a", torch::ones({1}, torch::kMeta)), HasSubstr("meta device"));
  EXPECT_THAT(refusal("a", torch::ones({1}, torch::kComplexFloat)), HasSubstr("ComplexFloat"));
  EXPECT_THAT(error_of([&] { write_safetensors(folder / "w", {}, {{"k", "\xFF"}}); }),
              HasSubstr("metadata \"k\": cannot be written: it is not UTF-8"));
  EXPECT_THAT(
      error_of([&] { write_safetensors(folder / "w", {}, {{std::string(kChecksumKey), ""}}); }),
      HasSubstr("kept for checksums"));
  EXPECT_EQ(read_bytes(folder / "w"), "old");
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(Safetensors, FilesThatCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder / "missing"); }),
              HasSubstr("missing: cannot open for reading: No such file"));
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder.path()); }), HasSubstr("is a folder"));
  write_bytes(folder / "empty", "");
  EXPECT_THAT(error_of([&] { SafetensorsFile::open(folder / "empty"); }),
              HasSubstr("empty: has 0 bytes, a safetensors file has at least 8"));
}

TEST(SafetensorsRules, R13UnsupportedDtypesAreNamedWhenRead) {
  const TemporaryFolder folder;
  for (const char* dtype : {"F4", "F6_E2M3", "F6_E3M2", "C64"}) {
    const int bits = static_cast<int>(dtype_bits(*find_dtype(dtype)));
    const std::string header = "{\"a\":{\"dtype\":\"" + std::string(dtype) +
                               "\",\"shape\":[8],\"data_offsets\":[0," + std::to_string(bits) +
                               "]}}";
    write_bytes(folder / "w", safetensors_bytes(header, std::string(bits, '\0')));
    const SafetensorsFile file = SafetensorsFile::open(folder / "w");
    EXPECT_THAT(error_of([&] { file.read("a"); }),
                HasSubstr("w: tensor \"a\": dtype " + std::string(dtype) +
                          " is known to the format, but not supported here"));
  }
}

TEST(SafetensorsRules, R22NonFiniteValuesAreCounted) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const torch::Tensor bad = torch::tensor({1.0F, nan, inf, -inf, 0.0F});
  for (const auto type :
       {torch::kFloat32, torch::kFloat64, torch::kHalf, torch::kBFloat16, torch::kFloat8_e5m2}) {
    EXPECT_EQ(count_nonfinite(bad.to(type)), 3) << c10::toString(type);
  }
  EXPECT_EQ(count_nonfinite(torch::arange(5)), 0);
  EXPECT_EQ(count_nonfinite(torch::empty({0})), 0);
  const TemporaryFolder folder;
  write_safetensors(folder / "w", {{"a", bad}});
  EXPECT_EQ(count_nonfinite(load_safetensors(folder / "w").at("a")), 3);
}

TEST(SafetensorsRules, R23UnalignedTensorsAreCopiedIntoAlignedMemory) {
  const TemporaryFolder folder;
  const double value = 0.1;
  std::string data = "x" + std::string(sizeof value, '\0');
  std::memcpy(data.data() + 1, &value, sizeof value);
  write_bytes(folder / "w",
              safetensors_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[1,9]}}",
                                data));
  const torch::Tensor tensor = load_safetensors(folder / "w").at("b");
  EXPECT_EQ(tensor.item<double>(), value);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data_ptr()) % alignof(double), 0U);
}

TEST(SafetensorsRules, R24BoolsAre0Or1) {
  const TemporaryFolder folder;
  const std::string header = "{\"mask\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]}}";
  write_bytes(folder / "w", safetensors_bytes(header, std::string("\1\0\1\1", 4)));
  EXPECT_EQ(load_safetensors(folder / "w").at("mask").sum().item<int64_t>(), 3);
  for (const char bad : {'\x02', '\x7f', '\xff'}) {
    write_bytes(folder / "w", safetensors_bytes(header, std::string("\1\0", 2) + bad + '\1'));
    EXPECT_THAT(
        error_of([&] { load_safetensors(folder / "w"); }),
        HasSubstr("tensor \"mask\": element 2 of dtype BOOL is " +
                  std::to_string(static_cast<unsigned char>(bad)) + ", only 0 and 1 are allowed"));
  }
}

// The order of the writer's steps is watched in tests/faults/io_faults.cpp.
TEST(SafetensorsRules, R26TheWriterKeepsModeBits) {
  const TemporaryFolder folder;
  write_bytes(folder / "w", "old");
  ASSERT_EQ(::chmod((folder / "w").c_str(), 0640), 0);
  write_safetensors(folder / "w", {{"a", torch::ones({1})}});
  EXPECT_EQ(fs::status(folder / "w").permissions(), fs::perms{0640});
}

class SafetensorsChecksum : public ::testing::Test {
 protected:
  void write(bool checksums) {
    write_safetensors(path(),
                      {{"a", torch::arange(5).to(torch::kFloat32)},
                       {"b.c", torch::arange(3)},
                       {"empty", torch::empty({0})},
                       {"mask", torch::ones({3}, torch::kBool)}},
                      {{"step", "12"}},
                      {.checksums = checksums});
  }
  static void load_checked(const fs::path& path) {
    const SafetensorsFile file = SafetensorsFile::open(path);
    file.require_checksums();
    for (const TensorEntry& entry : file.entries()) file.read(entry.name);
  }
  fs::path path() const { return folder_ / "model.safetensors"; }

  TemporaryFolder folder_;
};

TEST_F(SafetensorsChecksum, AreOptionalAndHidden) {
  write(false);
  EXPECT_FALSE(SafetensorsFile::open(path()).has_checksums());
  EXPECT_THAT(error_of([&] { load_checked(path()); }), HasSubstr("has no checksums"));
  write(true);
  EXPECT_NO_THROW(load_checked(path()));
  EXPECT_THAT(SafetensorsFile::open(path()).metadata(), ElementsAre(Pair("step", "12")));
}

TEST_F(SafetensorsChecksum, NameTheTensorThatIsDamaged) {
  write(true);
  std::string bytes = read_bytes(path());
  const SafetensorsFile file = SafetensorsFile::open(path());
  const uint64_t data = file.file_bytes() - file.entries().back().end;
  bytes[data + file.entry("a").begin] ^= 0x10;
  write_bytes(path(), bytes);
  const std::string text = error_of([&] { load_checked(path()); });
  EXPECT_THAT(text, HasSubstr("model.safetensors: tensor \"a\": CRC-32 "));
  EXPECT_THAT(text, HasSubstr("the file was damaged after it was written"));
  EXPECT_TRUE(torch::equal(SafetensorsFile::open(path()).read("b.c"), torch::arange(3)));
}

TEST_F(SafetensorsChecksum, SeeEveryFlippedBitOfTheFile) {
  write(true);
  const std::string bytes = read_bytes(path());
  ASSERT_LT(bytes.size(), 1'000U);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(path(), flipped);
    EXPECT_NE(error_of([&] { load_checked(path()); }), "no error")
        << "bit " << bit % 8 << " of byte " << bit / 8 << " '" << bytes[bit / 8] << "'";
  }
}

TEST_F(SafetensorsChecksum, SeeEveryTruncation) {
  write(true);
  const uint64_t size = fs::file_size(path());
  for (uint64_t left = size; left-- > 0;) {
    fs::resize_file(path(), left);
    EXPECT_NE(error_of([&] { load_checked(path()); }), "no error") << left << " bytes left";
  }
}

}  // namespace
}  // namespace mixwright::io
