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

enum class Order { little, big };

// Writes headers field by field, right or wrong.
class Writer {
 public:
  explicit Writer(Order order = Order::little, std::uint32_t version = 3) : order_(order) {
    append(bytes_, as_bytes("GGUF"));
    u32(version);
  }
  Writer& u32(std::uint32_t value) { return number(value); }
  Writer& u64(std::uint64_t value) { return number(value); }
  Writer& text(std::string_view text) {
    u64(text.size());
    append(bytes_, as_bytes(text));
    return *this;
  }
  Writer& counts(std::uint64_t tensors, std::uint64_t entries) { return u64(tensors).u64(entries); }
  Writer& alignment(std::uint32_t value) { return text("general.alignment").u32(4).u32(value); }
  Writer& tensor(std::string_view name, std::vector<std::uint64_t> extents, std::uint32_t type,
                 std::uint64_t offset) {
    text(name).u32(static_cast<std::uint32_t>(extents.size()));
    for (const auto extent : extents) u64(extent);
    return u32(type).u64(offset);
  }
  Writer& raw(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }
  std::uint64_t weights(std::uint64_t alignment = 32) const {
    return (bytes_.size() + alignment - 1) / alignment * alignment;
  }
  Probe probe_with(std::uint64_t weights_size) const {
    test::MemoryFile file(bytes_, weights() + weights_size);
    return probe(file, file.size(), "a.gguf");
  }

 private:
  template <class T>
  Writer& number(T value) {
    const auto at = bytes_.size();
    append_le(bytes_, value);
    if (order_ == Order::big) std::reverse(bytes_.begin() + static_cast<std::ptrdiff_t>(at), bytes_.end());
    return *this;
  }
  Order order_;
  Bytes bytes_;
};

std::string warning_of(const Writer& writer, std::uint64_t weights_size = 1024) {
  const Probe result = writer.probe_with(weights_size);
  EXPECT_EQ(result.format, "gguf");
  EXPECT_TRUE(result.layout.tensors.empty());
  return result.warning.value_or("no warning");
}

TEST(Gguf, ReadsNamesShapesAndPlaces) {
  Writer writer;
  writer.counts(2, 0).tensor("a", {3, 2}, 0, 0).tensor("b", {4}, 30, 32);
  const Probe result = writer.probe_with(64);
  ASSERT_FALSE(result.warning) << *result.warning;
  ASSERT_EQ(result.layout.tensors.size(), 2);
  const auto& a = result.layout.tensors[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.dtype, "F32");
  EXPECT_EQ(a.element, Element::f32);
  EXPECT_EQ(a.shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(a.offset, writer.weights());
  EXPECT_EQ(a.length, 24);
  EXPECT_EQ(result.layout.tensors[1].element, Element::bf16);
  EXPECT_EQ(result.layout.tensors[1].offset, writer.weights() + 32);
}

struct TypeCase {
  std::uint32_t id;
  const char* name;
  std::uint64_t elements, bytes;
  Element element = Element::bytes;
};
class GgufType : public testing::TestWithParam<TypeCase> {};

TEST_P(GgufType, HasItsSize) {
  const auto& [id, name, elements, bytes, element] = GetParam();
  const Probe result = Writer().counts(1, 0).tensor("t", {elements, 3}, id, 0).probe_with(3 * bytes);
  ASSERT_FALSE(result.warning) << *result.warning;
  EXPECT_EQ(result.layout.tensors.at(0).dtype, name);
  EXPECT_EQ(result.layout.tensors.at(0).length, 3 * bytes);
  EXPECT_EQ(result.layout.tensors.at(0).element, element);
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {elements, 3}, id, 0), 3 * bytes - 1),
              HasSubstr("ends after the file"));
}

INSTANTIATE_TEST_SUITE_P(
    All, GgufType,
    testing::Values(TypeCase{0, "F32", 1, 4, Element::f32}, TypeCase{1, "F16", 1, 2, Element::f16},
                    TypeCase{30, "BF16", 1, 2, Element::bf16}, TypeCase{28, "F64", 1, 8, Element::f64},
                    TypeCase{24, "I8", 1, 1}, TypeCase{25, "I16", 1, 2, Element::i16},
                    TypeCase{26, "I32", 1, 4, Element::i32}, TypeCase{27, "I64", 1, 8, Element::i64},
                    TypeCase{2, "Q4_0", 32, 18}, TypeCase{3, "Q4_1", 32, 20}, TypeCase{6, "Q5_0", 32, 22},
                    TypeCase{7, "Q5_1", 32, 24}, TypeCase{8, "Q8_0", 32, 34}, TypeCase{9, "Q8_1", 32, 36},
                    TypeCase{10, "Q2_K", 256, 84}, TypeCase{11, "Q3_K", 256, 110},
                    TypeCase{12, "Q4_K", 256, 144}, TypeCase{13, "Q5_K", 256, 176},
                    TypeCase{14, "Q6_K", 256, 210}, TypeCase{15, "Q8_K", 256, 292},
                    TypeCase{16, "IQ2_XXS", 256, 66}, TypeCase{20, "IQ4_NL", 32, 18},
                    TypeCase{23, "IQ4_XS", 256, 136}, TypeCase{29, "IQ1_M", 256, 56},
                    TypeCase{34, "TQ1_0", 256, 54}, TypeCase{35, "TQ2_0", 256, 66},
                    TypeCase{39, "MXFP4", 32, 17}, TypeCase{40, "NVFP4", 64, 36},
                    TypeCase{41, "Q1_0", 128, 18}, TypeCase{42, "Q2_0", 64, 18}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Gguf, SkipsEntriesOfEveryType) {
  Writer writer;
  writer.counts(1, 14);
  const std::array<std::size_t, 13> sizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  for (std::uint32_t type = 0; type < sizes.size(); ++type) {
    if (type == 8 || type == 9) continue;
    writer.text(std::string(1, static_cast<char>('a' + type))).u32(type).raw(sizes[type]);
  }
  writer.text("string").u32(8).text("a value");
  writer.text("strings").u32(9).u32(8).u64(2).text("one").text("");
  writer.text("numbers").u32(9).u32(6).u64(100'000).raw(400'000);
  writer.tensor("t", {2}, 0, 0);
  const Probe result = writer.probe_with(8);
  ASSERT_FALSE(result.warning) << *result.warning;
  EXPECT_EQ(result.layout.tensors.size(), 1);
}

TEST(Gguf, TakesTheAlignmentFromItsEntry) {
  Writer writer;
  writer.counts(1, 1).alignment(4096).tensor("t", {1}, 0, 0);
  const Probe result = writer.probe_with(8192);
  ASSERT_FALSE(result.warning) << *result.warning;
  EXPECT_EQ(result.layout.tensors.at(0).offset, 4096);
}

TEST(Gguf, AcceptsVersionTwo) {
  const Probe result = Writer(Order::little, 2).counts(1, 0).tensor("t", {1}, 0, 0).probe_with(4);
  EXPECT_EQ(result.layout.tensors.size(), 1);
}

TEST(Gguf, ReadsBigEndianFilesAndDoesNotCallTheirNumbersOurs) {
  const Probe result =
      Writer(Order::big).counts(2, 0).tensor("t", {2, 3}, 0, 0).tensor("q", {32}, 8, 32).probe_with(128);
  ASSERT_FALSE(result.warning) << *result.warning;
  const auto& tensor = result.layout.tensors.at(0);
  EXPECT_EQ(tensor.dtype, "F32_BE");
  EXPECT_EQ(tensor.element, Element::i32);
  EXPECT_EQ(tensor.shape, (std::vector<std::uint64_t>{3, 2}));
}

TEST(Gguf, LeavesOutTensorsWithoutBytesAndKeepsScalars) {
  const Probe result =
      Writer().counts(2, 0).tensor("none", {0, 4}, 0, 0).tensor("one", {}, 0, 0).probe_with(4);
  ASSERT_EQ(result.layout.tensors.size(), 1);
  EXPECT_EQ(result.layout.tensors[0].name, "one");
}

TEST(Gguf, AFileOfEntriesAloneIsSound) {
  const Probe result = Writer().counts(0, 1).alignment(64).probe_with(0);
  EXPECT_EQ(result.format, "gguf");
  EXPECT_FALSE(result.warning);
}

TEST(Gguf, RefusesVersionsThatItDoesNotKnow) {
  for (const std::uint32_t version : {0U, 1U, 4U, 0x01000000U})
    EXPECT_THAT(warning_of(Writer(Order::little, version).counts(0, 0)), HasSubstr("version"));
}

TEST(Gguf, RefusesAHeaderThatIsCutShortAnywhere) {
  Writer writer;
  writer.counts(1, 2).alignment(32).text("k").u32(8).text("v").tensor("t", {2}, 0, 0);
  for (std::size_t size = 4; size < writer.bytes().size(); ++size) {
    test::MemoryFile file(ByteSpan(writer.bytes()).first(size));
    const Probe result = probe(file, file.size(), "a.gguf");
    EXPECT_TRUE(result.warning && result.layout.tensors.empty()) << size;
  }
}

TEST(Gguf, RefusesHugeCountsWithoutAllocating) {
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  EXPECT_THAT(warning_of(Writer().counts(0, kHuge)), HasSubstr("entries are too many"));
  EXPECT_THAT(warning_of(Writer().counts(kHuge, 0), 20), HasSubstr("cut short"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).u64(kHuge)), HasSubstr("too long"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(8).u64(kHuge)), HasSubstr("cut short"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(9).u32(8).u64(kHuge)), HasSubstr("cut short"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(9).u32(0).u64(kHuge)), HasSubstr("cut short"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(9).u32(10).u64(kHuge)), HasSubstr("too large"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).u64(kHuge)), HasSubstr("too long"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).text("t").u32(0xFFFFFFFF)), HasSubstr("dimensions"));
}

TEST(Gguf, RefusesEntriesThatItCannotSkip) {
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(13)), HasSubstr("type 13"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(9).u32(9).u64(1)), HasSubstr("array of type 9"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("k").u32(9).u32(99).u64(1)), HasSubstr("array of type"));
}

TEST(Gguf, RefusesAKeyThatOccursTwice) {
  EXPECT_THAT(warning_of(Writer().counts(0, 2).alignment(32).alignment(32)), HasSubstr("occurs twice"));
}

TEST(Gguf, RefusesAlignmentsThatAreNoPowerOfTwo) {
  for (const std::uint32_t alignment : {0U, 3U, 48U})
    EXPECT_THAT(warning_of(Writer().counts(0, 1).alignment(alignment)), HasSubstr("power of two"));
  EXPECT_THAT(warning_of(Writer().counts(0, 1).text("general.alignment").u32(10).u64(32)), HasSubstr("u32"));
}

TEST(Gguf, RefusesTensorsThatContradictTheFormat) {
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {1}, 4, 0)), HasSubstr("unknown type 4"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {33}, 8, 0)), HasSubstr("whole blocks"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {}, 8, 0)), HasSubstr("whole blocks"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {1}, 0, 8)), HasSubstr("not aligned"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {1, 1, 1, 1, 1}, 0, 0)), HasSubstr("dimensions"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("\xff", {1}, 0, 0)), HasSubstr("UTF-8"));
}

TEST(Gguf, RefusesTensorsThatOverlapLeaveTheFileOrShareAName) {
  EXPECT_THAT(warning_of(Writer().counts(2, 0).tensor("a", {9}, 0, 0).tensor("b", {1}, 0, 32)),
              HasSubstr("overlaps"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("a", {257}, 0, 0)), HasSubstr("ends after"));
  EXPECT_THAT(warning_of(Writer().counts(2, 0).tensor("a", {1}, 0, 0).tensor("a", {1}, 0, 32)),
              HasSubstr("two tensors are named 'a'"));
}

TEST(Gguf, RefusesNumbersThatOverflow) {
  constexpr std::uint64_t k32 = std::uint64_t{1} << 32, k62 = std::uint64_t{1} << 62;
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {k32, k32}, 0, 0)), HasSubstr("too large"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {k62}, 0, 0)), HasSubstr("too large"));
  EXPECT_THAT(warning_of(Writer().counts(1, 0).tensor("t", {1}, 0, ~std::uint64_t{31})),
              HasSubstr("too large"));
}

TEST(Gguf, TheExtensionAloneIsAWarning) {
  test::MemoryFile file(as_bytes("not one of them"));
  EXPECT_THAT(*probe(file, file.size(), "a.gguf").warning, HasSubstr("'GGUF'"));
}

TEST(Gguf, ReadsWhatTheGeneratorWrites) {
  const auto tensors = test::model_tensors({.layers = 2, .hidden = 64, .inter = 176, .vocab = 512, .kv = 16});
  const auto header = test::gguf_header(tensors, test::WeightType::f16, {"some", "words"});
  test::MemoryFile file(header.bytes, header.file_size);
  const Probe result = probe(file, file.size(), "model.gguf");
  ASSERT_FALSE(result.warning) << *result.warning;
  ASSERT_EQ(result.layout.tensors.size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto &read = result.layout.tensors[i], &written = header.layout.tensors[i];
    EXPECT_EQ(std::tie(read.name, read.dtype, read.element, read.shape, read.offset, read.length),
              std::tie(written.name, written.dtype, written.element, written.shape, written.offset,
                       written.length));
  }
}

TEST(Gguf, SurvivesEveryChangedByte) {
  const auto tensors = test::model_tensors({.layers = 1, .hidden = 8, .inter = 8, .vocab = 8, .kv = 8});
  const auto header = test::gguf_header(tensors, test::WeightType::bf16, {"a", "b"});
  std::mt19937 random(1);
  for (std::size_t i = 0; i < header.bytes.size(); ++i) {
    Bytes bytes = header.bytes;
    bytes[i] ^= static_cast<std::byte>(1 + random() % 255);
    test::MemoryFile file(bytes, header.file_size);
    const Probe result = probe(file, file.size(), "model.gguf");
    EXPECT_NO_THROW(content::check_layout(result.layout, file.size())) << i;
    EXPECT_TRUE(!result.warning || result.layout.tensors.empty());
  }
}

}  // namespace
}  // namespace axon::model
