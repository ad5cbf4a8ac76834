// One test per rule of the safetensors reader; the numbers are those of the table in docs and of
// the format's own README. Rules that concern a tensor's bytes or the writer are in
// safetensors_test.cpp.

#include "framework/io/safetensors_header.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/io/io_test_files.h"
#include "tests/unit/io/safetensors_invariants.h"

namespace mixwright::io {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string quotes(std::string text) {
  for (char& c : text) c = c == '\'' ? '"' : c;
  return text;
}

/// Header text with ' for ".
SafetensorsHeader parse(const std::string& header, const std::string& data = {}) {
  const std::string bytes = safetensors_bytes(quotes(header), data);
  SafetensorsHeader result = parse_safetensors(as_bytes(bytes), "w.safetensors");
  EXPECT_EQ(broken_invariant(result, bytes.size()), "");
  return result;
}

std::string refusal(const std::string& header, const std::string& data = {}) {
  return error_of([&] { parse(header, data); });
}

std::string refusal_of_bytes(const std::string& bytes) {
  return error_of([&] { parse_safetensors(as_bytes(bytes), "w.safetensors"); });
}

const std::string kFour = "{'dtype':'F32','shape':[1],'data_offsets':[0,4]}";
const std::string kEmpty = "{'dtype':'F32','shape':[0],'data_offsets':[0,0]}";

std::string length_bytes(uint64_t length) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) bytes += static_cast<char>((length >> (8 * i)) & 0xFFU);
  return bytes;
}

TEST(SafetensorsRules, R01FileHasAtLeast8Bytes) {
  for (size_t size = 0; size < 8; ++size) {
    EXPECT_THAT(refusal_of_bytes(std::string(size, '\0')),
                AllOf(StartsWith("w.safetensors: has " + std::to_string(size) + " bytes"),
                      HasSubstr("at least 8")));
  }
}

/// Lets this process grow by `bytes` of address space and no more.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(rlim_t bytes) {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    ::getrlimit(RLIMIT_AS, &before_);
    rlimit limit = before_;
    limit.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + bytes;
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~AddressSpaceLimit() { ::setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

// AddressSanitizer's shadow memory does not live with such a limit.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MIXWRIGHT_TEST_UNDER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define MIXWRIGHT_TEST_UNDER_ASAN
#endif
#ifdef MIXWRIGHT_TEST_UNDER_ASAN
constexpr rlim_t kRoom = RLIM_INFINITY / 2;
#else
constexpr rlim_t kRoom = rlim_t{32} << 20U;
#endif

TEST(SafetensorsRules, R02HeaderLengthIsBoundedBeforeAnythingIsAllocated) {
  const AddressSpaceLimit limit(kRoom);
  for (const uint64_t length : {uint64_t{100'000'001},
                                uint64_t{1} << 32,
                                uint64_t{1} << 63,
                                std::numeric_limits<uint64_t>::max()}) {
    EXPECT_THAT(refusal_of_bytes(length_bytes(length) + "{}"),
                HasSubstr("at most 100,000,000 are allowed; this is no safetensors file"));
  }
  EXPECT_THAT(refusal_of_bytes(length_bytes(100'000'000) + "{}"),
              HasSubstr("a header of 100,000,000 bytes expected, file has 2 left"));
}

TEST(SafetensorsRules, R03HeaderLiesWithinTheFile) {
  EXPECT_THAT(refusal_of_bytes(length_bytes(3) + "{}"),
              HasSubstr("a header of 3 bytes expected, file has 2 left"));
  EXPECT_EQ(refusal_of_bytes(length_bytes(2) + "{}"), "no error");
  // 8 + length must not wrap around.
  EXPECT_THAT(refusal_of_bytes(length_bytes(std::numeric_limits<uint64_t>::max() - 7)),
              HasSubstr("are allowed"));
}

TEST(SafetensorsRules, R04HeaderIsUtf8) {
  EXPECT_THAT(refusal("{'\xFF':" + kEmpty + "}"), HasSubstr("not valid UTF-8 at its byte 2"));
  EXPECT_THAT(refusal("{}\xC3"), HasSubstr("not valid UTF-8 at its byte 2"));
  EXPECT_THAT(refusal("{'\xED\xA0\x80':" + kEmpty + "}"), HasSubstr("not valid UTF-8"));
  EXPECT_EQ(parse("{'\xC3\xA4':" + kEmpty + "}").entries.at(0).name, "\xC3\xA4");
}

TEST(SafetensorsRules, R05LeadingWhitespaceIsTakenWithAWarning) {
  EXPECT_THAT(parse(" \n\t\r{'a':" + kFour + "}", "0123").warnings,
              ElementsAre(HasSubstr("begins with whitespace")));
  EXPECT_THAT(parse("{'a':" + kFour + "}", "0123").warnings, IsEmpty());
  EXPECT_THAT(refusal("\xEF\xBB\xBF{}"), HasSubstr("must be a JSON object and begin with {"));
}

TEST(SafetensorsRules, R06PaddingIsWhitespaceOnly) {
  EXPECT_NO_THROW(parse("{}      "));
  EXPECT_NO_THROW(parse("{} \t\r\n"));
  EXPECT_THAT(refusal("{}x"), HasSubstr("not valid JSON at its byte 3"));
  EXPECT_THAT(refusal("{}{}"), HasSubstr("not valid JSON"));
  // nlohmann's parser by itself takes a NUL for the end.
  EXPECT_THAT(refusal(std::string("{}\0\0", 4)), HasSubstr("holds a NUL at its byte 2"));
  EXPECT_THAT(refusal(std::string("{}\0garbage", 10)), HasSubstr("holds a NUL"));
}

TEST(SafetensorsRules, R07TopLevelIsAnObject) {
  EXPECT_THAT(parse("{}").entries, IsEmpty());
  EXPECT_EQ(parse("{'__metadata__':{'k':'v'}}").metadata.at("k"), "v");
  for (const char* text : {"[]", "1", "null", "'a'", "true"}) {
    EXPECT_THAT(refusal(text), HasSubstr("must be a JSON object")) << text;
  }
  EXPECT_THAT(refusal(""), HasSubstr("the header is empty"));
  EXPECT_THAT(refusal("   "), HasSubstr("the header is empty"));
  EXPECT_THAT(refusal("{"), HasSubstr("not valid JSON"));
}

TEST(SafetensorsRules, R08DepthIsBounded) {
  const std::string before = "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':";
  EXPECT_NO_THROW(parse(before + "[[]]}}", "0123"));
  EXPECT_THAT(refusal(before + "[[[]]]}}", "0123"), HasSubstr("nests deeper than 4 levels"));
  EXPECT_THAT(refusal(before + "{'b':{'c':{}}}}}", "0123"), HasSubstr("nests deeper"));
  EXPECT_THAT(refusal(before + std::string(1'000'000, '[')), HasSubstr("nests deeper"));
}

TEST(SafetensorsRules, R09TensorNamesAreUnique) {
  EXPECT_THAT(refusal("{'a':" + kFour + ",'a':" + kFour + "}", "0123"),
              HasSubstr("tensor \"a\" stands twice"));
  // The same name in another spelling.
  EXPECT_THAT(refusal("{'a':" + kFour + ",'\\u0061':" + kFour + "}", "0123"),
              HasSubstr("tensor \"a\" stands twice"));
}

TEST(SafetensorsRules, R10KeysAreUniqueAtEveryLevel) {
  EXPECT_THAT(refusal("{'__metadata__':{},'__metadata__':{}}"),
              HasSubstr("\"__metadata__\" stands twice"));
  EXPECT_THAT(refusal("{'__metadata__':{'k':'1','k':'2'}}"),
              HasSubstr("metadata \"k\" stands twice"));
  for (const char* field : {"'dtype':'F32'", "'shape':[1]", "'data_offsets':[0,4]"}) {
    const std::string header =
        "{'a':{" + std::string(field) + ",'dtype':'F32','shape':[1],'data_offsets':[0,4]}}";
    EXPECT_THAT(refusal(header, "0123"),
                AllOf(HasSubstr("tensor \"a\""), HasSubstr("stands twice")))
        << field;
  }
  EXPECT_THAT(
      refusal("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':{'y':1,'y':2}}}", "0123"),
      HasSubstr("\"y\" stands twice"));
}

TEST(SafetensorsRules, R11MetadataIsStringToString) {
  for (const char* value : {"1", "-1", "1.5", "true", "null", "{}", "[]"}) {
    EXPECT_THAT(refusal("{'__metadata__':{'k':" + std::string(value) + "}}"),
                HasSubstr("metadata \"k\": a string expected"))
        << value;
  }
  for (const char* value : {"1", "'text'", "[]", "false"}) {
    EXPECT_THAT(refusal("{'__metadata__':" + std::string(value) + "}"),
                HasSubstr("\"__metadata__\" must be an object"))
        << value;
  }
  // The reference reader takes null for "none".
  EXPECT_THAT(parse("{'__metadata__':null}").warnings, ElementsAre(HasSubstr("counts as empty")));
}

TEST(SafetensorsRules, R12UnknownKeysAreTakenWithAWarning) {
  for (const char* value : {"1", "-1", "1.5", "true", "null", "'text'", "[1]", "{'y':2}"}) {
    const std::string header =
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':" + std::string(value) + "}}";
    EXPECT_THAT(parse(header, "0123").warnings,
                ElementsAre(HasSubstr("tensor \"a\": the unknown key \"x\" is ignored")))
        << value;
  }
}

TEST(SafetensorsRules, R12WarningsAreFew) {
  std::string header = "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]";
  for (int i = 0; i < 1'000; ++i) header += ",'x" + std::to_string(i) + "':0";
  const SafetensorsHeader parsed = parse(header + "}}", "0123");
  EXPECT_THAT(parsed.warnings, SizeIs(9));
  EXPECT_THAT(parsed.warnings.back(), HasSubstr("and 992 warnings more"));
}

TEST(SafetensorsRules, R13DtypeIsKnown) {
  EXPECT_THAT(refusal("{'a':{'dtype':'F31','shape':[1],'data_offsets':[0,4]}}", "0123"),
              AllOf(HasSubstr("tensor \"a\": unknown dtype \"F31\""), HasSubstr("BF16")));
  EXPECT_THAT(refusal("{'a':{'dtype':'f32','shape':[1],'data_offsets':[0,4]}}", "0123"),
              HasSubstr("unknown dtype"));
  for (const char* value : {"1", "null", "[]", "{'F32':null}"}) {
    EXPECT_THAT(
        refusal("{'a':{'dtype':" + std::string(value) + ",'shape':[1],'data_offsets':[0,4]}}",
                "0123"),
        HasSubstr("dtype must be a string"))
        << value;
  }
  // All that the format knows, whether LibTorch has it or not.
  const std::vector<std::pair<std::string, int>> known = {
      {"BOOL", 8},        {"U8", 8},         {"I8", 8},      {"I16", 16},    {"U16", 16},
      {"F16", 16},        {"BF16", 16},      {"I32", 32},    {"U32", 32},    {"F32", 32},
      {"F64", 64},        {"I64", 64},       {"U64", 64},    {"C64", 64},    {"F4", 4},
      {"F6_E2M3", 6},     {"F6_E3M2", 6},    {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8},
      {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}};
  for (const auto& [name, bits] : known) {
    const std::string header = "{'a':{'dtype':'" + name + "','shape':[8],'data_offsets':[0," +
                               std::to_string(bits) + "]}}";
    EXPECT_EQ(dtype_name(parse(header, std::string(bits, '\0')).entries.at(0).dtype), name);
  }
}

std::string with_shape(const std::string& shape, uint64_t end = 0) {
  return "{'a':{'dtype':'F32','shape':" + shape + ",'data_offsets':[0," + std::to_string(end) +
         "]}}";
}

TEST(SafetensorsRules, R14ShapeHoldsNonNegativeIntegers) {
  for (const char* shape : {"[-1]",
                            "[1.0]",
                            "[1e0]",
                            "['1']",
                            "[null]",
                            "[true]",
                            "[[1]]",
                            "[{}]",
                            "[-0]",
                            "[18446744073709551616]"}) {
    EXPECT_THAT(refusal(with_shape(shape, 4), "0123"),
                HasSubstr("tensor \"a\": shape must hold non-negative integers"))
        << shape;
  }
  for (const char* shape : {"1", "null", "'[1]'", "{}"}) {
    EXPECT_THAT(refusal(with_shape(shape, 4), "0123"), HasSubstr("shape must be an array"))
        << shape;
  }
  EXPECT_THAT(refusal(with_shape("[18446744073709551615]", 4), "0123"), HasSubstr("63 bits"));
}

TEST(SafetensorsRules, R14RankIsBounded) {
  std::string ones = "1";
  for (int i = 1; i < 64; ++i) ones += ",1";
  EXPECT_THAT(parse(with_shape("[" + ones + "]", 4), "0123").entries.at(0).shape, SizeIs(64));
  EXPECT_THAT(refusal(with_shape("[" + ones + ",1]", 4), "0123"), HasSubstr("more than 64 dims"));
}

TEST(SafetensorsRules, R15SizesMustNotOverflowInAnyOrder) {
  const std::string big = "4611686018427387904";  // 2^62
  for (const std::string& shape : {std::string("[") + big + ",8]",
                                   "[" + big + ",8,0]",
                                   "[0," + big + ",8]",
                                   "[8,0," + big + "]",
                                   std::string("[4294967296,4294967296]"),
                                   "[" + big + "]"}) {
    EXPECT_THAT(refusal(with_shape(shape)), HasSubstr("overflows 63 bits")) << shape;
  }
  EXPECT_NO_THROW(parse(with_shape("[0," + big + "]")));
}

TEST(SafetensorsRules, R16PackedDtypesFillWholeBytes) {
  const auto packed = [](const std::string& dtype, int elements, int bytes) {
    return "{'a':{'dtype':'" + dtype + "','shape':[" + std::to_string(elements) +
           "],'data_offsets':[0," + std::to_string(bytes) + "]}}";
  };
  EXPECT_NO_THROW(parse(packed("F4", 6, 3), "012"));
  EXPECT_THAT(refusal(packed("F4", 5, 3), "012"), HasSubstr("20 bits, which do not fill"));
  EXPECT_NO_THROW(parse(packed("F6_E2M3", 4, 3), "012"));
  EXPECT_THAT(refusal(packed("F6_E3M2", 3, 3), "012"), HasSubstr("18 bits, which do not fill"));
}

TEST(SafetensorsRules, R17ThereAreTwoOffsetsInOrder) {
  const auto offsets = [](const std::string& text) {
    return "{'a':{'dtype':'F32','shape':[1],'data_offsets':" + text + "}}";
  };
  for (const char* text : {"[]", "[0]", "[0,4,4]", "[0,4,0]"}) {
    EXPECT_THAT(refusal(offsets(text), "0123"), HasSubstr("must hold exactly two numbers")) << text;
  }
  for (const char* text :
       {"[-4,0]", "[0,4.0]", "['0',4]", "[null,4]", "[0,18446744073709551616]"}) {
    EXPECT_THAT(refusal(offsets(text), "0123"), HasSubstr("two non-negative integers")) << text;
  }
  EXPECT_THAT(refusal(offsets("4"), "0123"), HasSubstr("data_offsets must be an array"));
  EXPECT_THAT(refusal(offsets("[4,0]"), "0123"),
              HasSubstr("data_offsets begin at 4 and end before, at 0"));
}

TEST(SafetensorsRules, R17EveryFieldIsThere) {
  EXPECT_THAT(refusal("{'a':{'shape':[1],'data_offsets':[0,4]}}", "0123"),
              HasSubstr("tensor \"a\": dtype is missing"));
  EXPECT_THAT(refusal("{'a':{'dtype':'F32','data_offsets':[0,4]}}", "0123"),
              HasSubstr("tensor \"a\": shape is missing"));
  EXPECT_THAT(refusal("{'a':{'dtype':'F32','shape':[1]}}", "0123"),
              HasSubstr("tensor \"a\": data_offsets is missing"));
  for (const char* value : {"1", "null", "['F32',[1],[0,4]]", "'text'"}) {
    EXPECT_THAT(refusal("{'a':" + std::string(value) + "}", "0123"),
                HasSubstr("tensor \"a\": an object with dtype, shape and data_offsets expected"))
        << value;
  }
}

TEST(SafetensorsRules, R18BytesAgreeWithShapeAndDtype) {
  EXPECT_EQ(refusal("{'a.b':{'dtype':'F32','shape':[32,32],'data_offsets':[0,4000]}}",
                    std::string(4000, '\0')),
            "w.safetensors: tensor \"a.b\": 4,096 bytes expected from shape [32, 32] F32, header "
            "gives 4,000; the file is corrupted or was cut off");
}

std::string two_tensors(const std::string& first, const std::string& second) {
  const auto u8 = [](const std::string& range) {
    const size_t comma = range.find(',');
    const int size = std::stoi(range.substr(comma + 1)) - std::stoi(range.substr(0, comma));
    return "{'dtype':'U8','shape':[" + std::to_string(size) + "],'data_offsets':[" + range + "]}";
  };
  return "{'a':" + u8(first) + ",'b':" + u8(second) + "}";
}

TEST(SafetensorsRules, R19TensorsFollowEachOtherWithoutHoleOrOverlap) {
  EXPECT_NO_THROW(parse(two_tensors("0,4", "4,8"), "01234567"));
  // The order of the names in the text does not matter.
  EXPECT_EQ(parse(two_tensors("4,8", "0,4"), "01234567").entries.at(0).name, "b");
  EXPECT_THAT(refusal(two_tensors("0,4", "5,8"), "01234567"),
              HasSubstr("tensor \"b\": begins at byte 5, but tensor \"a\" ends at byte 4"));
  EXPECT_THAT(refusal(two_tensors("0,4", "3,8"), "01234567"), HasSubstr("neither overlap nor"));
  EXPECT_THAT(refusal(two_tensors("0,8", "0,8"), "01234567"), HasSubstr("neither overlap nor"));
  EXPECT_THAT(
      refusal(two_tensors("1,4", "4,8"), "01234567"),
      HasSubstr("tensor \"a\": begins at byte 1, but the first tensor must begin at byte 0"));
}

TEST(SafetensorsRules, R20TensorsFillTheFile) {
  const std::string header = "{'a':" + kFour + "}";
  EXPECT_THAT(refusal(header, "012"),
              HasSubstr("4 bytes of tensors expected from its header, file holds 3; the download "
                        "may be cut off"));
  EXPECT_THAT(refusal(header, "01234"), HasSubstr("the rest belongs to no tensor"));
  EXPECT_THAT(refusal("{}", "0"), HasSubstr("the rest belongs to no tensor"));
}

TEST(SafetensorsRules, R21EmptyTensorsLieAtBoundaries) {
  const auto with_empty = [](int at) {
    return "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],"
           "'data_offsets':[4,8]},'e':{'dtype':'F32','shape':[3,0],'data_offsets':[" +
           std::to_string(at) + "," + std::to_string(at) + "]}}";
  };
  for (const int at : {0, 4, 8}) EXPECT_NO_THROW(parse(with_empty(at), "01234567")) << at;
  for (const int at : {1, 7, 9}) {
    EXPECT_THAT(refusal(with_empty(at), "01234567"), HasSubstr("neither overlap nor")) << at;
  }
}

TEST(SafetensorsRules, R22ScalarsAreAllowed) {
  const SafetensorsHeader header = parse(with_shape("[]", 4), "0123");
  EXPECT_THAT(header.entries.at(0).shape, IsEmpty());
  EXPECT_EQ(header.entries.at(0).elements(), 1);
}

TEST(SafetensorsRules, R25NamesAreNotEmptyAndHaveNoNul) {
  EXPECT_THAT(refusal("{'':" + kEmpty + "}"), HasSubstr("a tensor has an empty name"));
  EXPECT_THAT(refusal("{'a\\u0000b':" + kEmpty + "}"),
              HasSubstr("tensor \"a\\u0000b\": a name must not hold a NUL"));
  // A name is no path: nothing is special about dots and slashes.
  const SafetensorsHeader header =
      parse("{'a':" + kEmpty + ",'a.b':" + kEmpty + ",'../a':" + kEmpty + "}");
  EXPECT_THAT(header.entries, SizeIs(3));
}

TEST(SafetensorsHeader, CountsInAHeaderDriveNoAllocation) {
  const AddressSpaceLimit limit(kRoom);
  EXPECT_THAT(refusal("{'a':{'dtype':'U8','shape':[1099511627776],'data_offsets':"
                      "[0,1099511627776]}}"),
              HasSubstr("1,099,511,627,776 bytes of tensors expected from its header"));
  EXPECT_THAT(refusal("{'a':{'dtype':'U8','shape':[9223372036854775807],'data_offsets':"
                      "[0,9223372036854775807]}}"),
              HasSubstr("overflows 63 bits"));
}

TEST(SafetensorsHeader, AHostileNameStaysOnOneShortLine) {
  const std::string name = "a\\n\\u001b[2J" + std::string(100'000, 'x');
  const std::string text = refusal("{'" + name + "':1}");
  EXPECT_LT(text.size(), 400U);
  EXPECT_THAT(text, HasSubstr("tensor \"a\\n\\u001b[2Jxxx"));
}

}  // namespace
}  // namespace mixwright::io
