#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/content/chunker.h"
#include "core/model/probe.h"
#include "tests/support/memory_file.h"
#include "tests/support/model_container.h"

namespace axon::model {
namespace {

using content::Element;
using testing::HasSubstr;

Bytes file_start(std::string_view json, std::uint64_t length) {
  Bytes bytes;
  append_le(bytes, length);
  append(bytes, as_bytes(json));
  return bytes;
}

// A safetensors file with this header and `weights` bytes of zeros after it.
Probe probe_json(std::string_view json, std::uint64_t weights, std::string_view path = "a.safetensors") {
  test::MemoryFile file(file_start(json, json.size()), 8 + json.size() + weights);
  return probe(file, file.size(), path);
}

std::string warning_of(std::string_view json, std::uint64_t weights) {
  const Probe result = probe_json(json, weights);
  EXPECT_EQ(result.format, "safetensors");
  EXPECT_TRUE(result.layout.tensors.empty());
  return result.warning.value_or("no warning");
}

TEST(Safetensors, ReadsNamesShapesAndPlaces) {
  const std::string json =
      R"({"b":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})";
  const Probe result = probe_json(json, 28);
  EXPECT_EQ(result.format, "safetensors");
  EXPECT_FALSE(result.warning) << *result.warning;
  ASSERT_EQ(result.layout.tensors.size(), 2);
  const auto& [first, second] = std::tie(result.layout.tensors[0], result.layout.tensors[1]);
  EXPECT_EQ(first.name, "a");
  EXPECT_EQ(first.element, Element::bf16);
  EXPECT_EQ(first.offset, 8 + json.size());
  EXPECT_EQ(first.length, 4);
  EXPECT_EQ(second.name, "b");
  EXPECT_EQ(second.dtype, "F32");
  EXPECT_EQ(second.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(second.offset, 8 + json.size() + 4);
}

struct DtypeCase {
  const char* dtype;
  unsigned bits;
  Element element;
};
class SafetensorsDtype : public testing::TestWithParam<DtypeCase> {};

TEST_P(SafetensorsDtype, HasItsElementAndSize) {
  const auto& [dtype, bits, element] = GetParam();
  const auto json = [&](unsigned length) {
    return fmt::format(R"({{"t":{{"dtype":"{}","shape":[8],"data_offsets":[0,{}]}}}})", dtype, length);
  };
  const Probe right = probe_json(json(bits), bits);
  ASSERT_EQ(right.layout.tensors.size(), 1);
  EXPECT_EQ(right.layout.tensors[0].element, element);
  EXPECT_THAT(warning_of(json(bits + 1), bits + 1), HasSubstr("does not match"));
}

INSTANTIATE_TEST_SUITE_P(
    All, SafetensorsDtype,
    testing::Values(DtypeCase{"BOOL", 8, Element::bytes}, DtypeCase{"U8", 8, Element::bytes},
                    DtypeCase{"I8", 8, Element::bytes}, DtypeCase{"U16", 16, Element::i16},
                    DtypeCase{"I16", 16, Element::i16}, DtypeCase{"U32", 32, Element::i32},
                    DtypeCase{"I32", 32, Element::i32}, DtypeCase{"U64", 64, Element::i64},
                    DtypeCase{"I64", 64, Element::i64}, DtypeCase{"F16", 16, Element::f16},
                    DtypeCase{"BF16", 16, Element::bf16}, DtypeCase{"F32", 32, Element::f32},
                    DtypeCase{"F64", 64, Element::f64}, DtypeCase{"C64", 64, Element::f32},
                    DtypeCase{"F8_E5M2", 8, Element::bytes}, DtypeCase{"F8_E4M3", 8, Element::bytes},
                    DtypeCase{"F8_E8M0", 8, Element::bytes}, DtypeCase{"F6_E2M3", 6, Element::bytes},
                    DtypeCase{"F4", 4, Element::bytes}),
    [](const auto& one) { return std::string(one.param.dtype); });

TEST(Safetensors, TakesAnUnknownDtypeAtItsLength) {
  const Probe result = probe_json(R"({"t":{"dtype":"X9","shape":[3],"data_offsets":[0,5]}})", 5);
  ASSERT_EQ(result.layout.tensors.size(), 1);
  EXPECT_EQ(result.layout.tensors[0].element, Element::bytes);
  EXPECT_EQ(result.layout.tensors[0].length, 5);
}

TEST(Safetensors, LeavesOutTensorsWithoutBytesAndKeepsScalars) {
  const Probe result = probe_json(
      R"({"none":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]},"one":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
      4);
  ASSERT_EQ(result.layout.tensors.size(), 1);
  EXPECT_EQ(result.layout.tensors[0].name, "one");
  EXPECT_TRUE(result.layout.tensors[0].shape.empty());
}

TEST(Safetensors, AcceptsMetadataPaddingAndEscapes) {
  const Probe result = probe_json(
      R"({"__metadata__":{"format":"pt","note":"a \"b\" \\ {[é"},"w\"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}      )",
      1);
  EXPECT_FALSE(result.warning) << *result.warning;
  ASSERT_EQ(result.layout.tensors.size(), 1);
  EXPECT_EQ(result.layout.tensors[0].name, "w\"");
}

TEST(Safetensors, IsRecognisedByItsBytesUnderAnyName) {
  const std::string json = R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_EQ(probe_json(json, 1, "weights.bin").layout.tensors.size(), 1);
  EXPECT_EQ(probe_json(json, 1, "dir.d/WEIGHTS.SAFETENSORS").format, "safetensors");
}

TEST(Safetensors, BytesThatFitByChanceUnderAnotherNameAreNoWarning) {
  const Probe result = probe_json("{no header}", 0, "weights.bin");
  EXPECT_EQ(result.format, "");
  EXPECT_FALSE(result.warning);
}

TEST(Safetensors, AnEmptyHeaderIsSoundAndHasNoTensors) {
  const Probe result = probe_json("{}", 0);
  EXPECT_EQ(result.format, "safetensors");
  EXPECT_FALSE(result.warning);
}

TEST(Safetensors, NeverReadsTheWeights) {
  const std::string json = R"({"t":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]}})";
  test::MemoryFile file(file_start(json, json.size()), 8 + json.size() + (std::uint64_t{1} << 40));
  EXPECT_EQ(probe(file, file.size(), "a.safetensors").layout.tensors.size(), 1);
  EXPECT_LT(file.bytes_read(), 16'384);
}

struct BadHeader {
  const char* name;
  const char* json;
  std::uint64_t weights;
  const char* warning;
};
class SafetensorsRefuses : public testing::TestWithParam<BadHeader> {};

TEST_P(SafetensorsRefuses, TheHeader) {
  EXPECT_THAT(warning_of(GetParam().json, GetParam().weights), HasSubstr(GetParam().warning));
}

INSTANTIATE_TEST_SUITE_P(
    Each, SafetensorsRefuses,
    testing::Values(
        BadHeader{"NoObject", "[1,2]", 0, "does not start with '{'"},
        BadHeader{"BrokenJson", R"({"t":)", 0, "not valid JSON at byte"},
        BadHeader{"TextAfterTheObject", "{} {}", 0, "not valid JSON"},
        BadHeader{"BadUtf8", "{\"\xff\":{}}", 0, "not valid JSON"},
        BadHeader{"LoneSurrogate", R"({"\ud800":{}})", 0, "not valid JSON"},
        BadHeader{"EntryIsNoObject", R"({"t":1})", 0, "does not know"},
        BadHeader{"EntryIsAnArray", R"({"t":[1]})", 0, "does not know"},
        BadHeader{"UnknownKey", R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}})", 1,
                  "does not know"},
        BadHeader{"Deep", R"({"t":{"shape":[[1]]}})", 0, "does not know"},
        BadHeader{"NestedInMetadata", R"({"__metadata__":{"a":{}}})", 0, "does not know"},
        BadHeader{"NumberInMetadata", R"({"__metadata__":{"a":1}})", 0, "does not know"},
        BadHeader{"TwoMetadata", R"({"__metadata__":{},"__metadata__":{}})", 0, "does not know"},
        BadHeader{"NoDtype", R"({"t":{"shape":[1],"data_offsets":[0,1]}})", 1, "lacks"},
        BadHeader{"NoShape", R"({"t":{"dtype":"U8","data_offsets":[0,1]}})", 1, "lacks"},
        BadHeader{"NoOffsets", R"({"t":{"dtype":"U8","shape":[1]}})", 1, "lacks"},
        BadHeader{"OneOffset", R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "lacks"},
        BadHeader{"ThreeOffsets", R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1, "lacks"},
        BadHeader{"DtypeTwice", R"({"t":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
                  "does not know"},
        BadHeader{"ShapeTwice", R"({"t":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", 1,
                  "does not know"},
        BadHeader{"NegativeExtent", R"({"t":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1,
                  "does not know"},
        BadHeader{"FractionalExtent", R"({"t":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1,
                  "does not know"},
        BadHeader{"ExtentPast64Bits",
                  R"({"t":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}})", 1,
                  "does not know"},
        BadHeader{"ProductOverflows",
                  R"({"t":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
                  "too large"},
        BadHeader{"BitsOverflow",
                  R"({"t":{"dtype":"F64","shape":[288230376151711744],"data_offsets":[0,0]}})", 0,
                  "too large"},
        BadHeader{"TooManyDimensions",
                  R"({"t":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
                  1, "does not know"},
        BadHeader{"BackwardOffsets", R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}})", 2, "leave"},
        BadHeader{"OffsetsPastTheEnd", R"({"t":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", 8,
                  "leave"},
        BadHeader{"LengthIsNotTheShapes", R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}})", 7,
                  "does not match"},
        BadHeader{"PartOfAByte", R"({"t":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}})", 1,
                  "does not match"},
        BadHeader{
            "Hole",
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
            3, "its tensors take 2 bytes, the file has 3"},
        BadHeader{"BytesAfterTheLast", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2,
                  "its tensors take 1 bytes, the file has 2"},
        BadHeader{
            "HoleHiddenByOverlap",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
            4, "overlaps"},
        BadHeader{
            "SameName",
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
            2, "two tensors are named 'a'"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Safetensors, RefusesANulThatWouldHideWhatFollows) {
  using namespace std::string_view_literals;
  EXPECT_THAT(warning_of("{}\0garbage"sv, 0), HasSubstr("NUL"));
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFile) {
  test::MemoryFile file(file_start("{}", 3));
  EXPECT_THAT(*probe(file, file.size(), "a.safetensors").warning, HasSubstr("longer than the file"));
}

TEST(Safetensors, RefusesAHeaderPastTheCap) {
  test::MemoryFile file(file_start("{}", kMaxHeaderSize + 1), 2 * kMaxHeaderSize);
  EXPECT_THAT(*probe(file, file.size(), "a.safetensors").warning, HasSubstr("too large"));
}

TEST(Safetensors, RefusesAFileTooShortForAHeader) {
  for (const std::size_t size : {0, 1, 8, 9}) {
    test::MemoryFile file(Bytes(size, std::byte{1}));
    EXPECT_THAT(*probe(file, file.size(), "a.safetensors").warning, HasSubstr("too short"));
  }
}

TEST(Safetensors, RefusesADtypeThatIsNoWord) {
  const std::string json =
      fmt::format(R"({{"t":{{"dtype":"{}","shape":[1],"data_offsets":[0,1]}}}})", std::string(33, 'x'));
  EXPECT_THAT(warning_of(json, 1), HasSubstr("dtype"));
}

TEST(Safetensors, RefusesANameThatIsTooLongAndQuotesItsStart) {
  const std::string json = fmt::format(R"({{"{}":{{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}}})",
                                       std::string(kMaxTensorNameSize + 1, 'x'));
  const std::string warning = warning_of(json, 1);
  EXPECT_THAT(warning, HasSubstr("too long"));
  EXPECT_LE(warning.size(), 300);
}

TEST(Safetensors, WarningsAreOnePrintableLine) {
  const std::string warning = warning_of(R"({"a\n\u001b[31mé":1})", 0);
  for (const char c : warning) EXPECT_TRUE(c >= ' ' && c <= '~') << int{c};
}

TEST(Safetensors, RefusesAStringThatOnlyFillsMemory) {
  const std::string json = fmt::format(R"({{"__metadata__":{{"a":"{}"}}}})", std::string(5 << 20, 'x'));
  EXPECT_THAT(warning_of(json, 0), HasSubstr("too long"));
}

TEST(Safetensors, RefusesEscapedQuotesThatOnlyFillMemory) {
  std::string text;
  for (int i = 0; i < 3 << 20; ++i) text += "\\\"";
  EXPECT_THAT(warning_of(fmt::format(R"({{"__metadata__":{{"a":"{}"}}}})", text), 0), HasSubstr("too long"));
}

TEST(Safetensors, RefusesANumberThatOnlyFillsMemory) {
  EXPECT_THAT(warning_of(fmt::format(R"({{"t":{{"shape":[{}]}}}})", std::string(5 << 20, '1')), 0),
              HasSubstr("too long"));
}

TEST(Safetensors, RefusesDepthWithoutRecursion) {
  EXPECT_THAT(warning_of("{\"a\":" + std::string(1 << 20, '['), 0), HasSubstr("does not know"));
}

TEST(Safetensors, RefusesMoreTensorsThanTheTableHolds) {
  std::string json = "{";
  for (int i = 0; i < 260'000; ++i)
    json += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", i == 0 ? "" : ",", i);
  EXPECT_THAT(warning_of(json + "}", 0), HasSubstr("it names more than"));
}

TEST(Safetensors, AFileThatShrinksIsAWarning) {
  const std::string json = R"({"t":{"dtype":"U8","shape":[70000],"data_offsets":[0,70000]}})";
  test::MemoryFile file(file_start(json, json.size()), 20);
  EXPECT_THAT(*probe(file, 8 + json.size() + 70'000, "a.safetensors").warning, HasSubstr("shorter"));
}

TEST(Safetensors, ReadsWhatTheGeneratorWrites) {
  const auto tensors = test::model_tensors({.layers = 3, .hidden = 64, .inter = 176, .vocab = 512, .kv = 16});
  for (const auto type : {test::WeightType::bf16, test::WeightType::f16, test::WeightType::f32}) {
    const auto header = test::safetensors_header(tensors, type, "a note");
    test::MemoryFile file(header.bytes, header.file_size);
    const Probe result = probe(file, file.size(), "model.safetensors");
    ASSERT_FALSE(result.warning) << *result.warning;
    EXPECT_NO_THROW(content::check_layout(result.layout, file.size()));
    ASSERT_EQ(result.layout.tensors.size(), header.layout.tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto &read = result.layout.tensors[i], &written = header.layout.tensors[i];
      EXPECT_EQ(std::tie(read.name, read.dtype, read.element, read.shape, read.offset, read.length),
                std::tie(written.name, written.dtype, written.element, written.shape, written.offset,
                         written.length));
    }
  }
}

// Whatever single byte of a header changes, the answer is a layout that holds or none at all.
TEST(Safetensors, SurvivesEveryChangedByte) {
  const auto tensors = test::model_tensors({.layers = 1, .hidden = 8, .inter = 8, .vocab = 8, .kv = 8});
  const auto header = test::safetensors_header(tensors, test::WeightType::bf16, "");
  std::mt19937 random(1);
  for (std::size_t i = 0; i < header.bytes.size(); ++i) {
    Bytes bytes = header.bytes;
    bytes[i] ^= static_cast<std::byte>(1 + random() % 255);
    test::MemoryFile file(bytes, header.file_size);
    const Probe result = probe(file, file.size(), "model.safetensors");
    EXPECT_NO_THROW(content::check_layout(result.layout, file.size())) << i;
    EXPECT_TRUE(!result.warning || result.layout.tensors.empty());
  }
}

}  // namespace
}  // namespace axon::model
