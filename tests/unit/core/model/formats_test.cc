#include "core/model/formats.h"

#include <gtest/gtest.h>

#include "core/model/probe.h"
#include "tests/support/memory_file.h"

namespace axon::model {
namespace {

using namespace std::string_view_literals;

std::string format_of(std::string_view content, std::string_view path) {
  test::MemoryFile file(as_bytes(content));
  const Probe result = probe(file, file.size(), path);
  EXPECT_TRUE(result.layout.tensors.empty());
  EXPECT_FALSE(result.warning);
  return result.format;
}

std::string number(std::uint64_t value, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

enum class Zip { plain, zip64 };

// A zip of empty members: local headers, directory, end record; `junk` precedes the directory.
std::string zip_of(std::initializer_list<std::string_view> names, Zip kind = Zip::plain,
                   const std::string& junk = "") {
  std::string file, directory;
  for (const auto name : names) {
    file += "PK\3\4"sv;
    file += std::string(22, '\0') + number(name.size(), 2) + number(0, 2) + std::string(name);
    directory += "PK\1\2"sv;
    directory += std::string(24, '\0') + number(name.size(), 2) + std::string(16, '\0') + std::string(name);
  }
  file += junk;
  const std::uint64_t offset = file.size();
  file += directory;
  if (kind == Zip::zip64) {
    const std::uint64_t end = file.size();
    file += "PK\6\6"sv;
    file += std::string(44, '\0') + number(offset, 8);
    file += "PK\6\7"sv;
    file += number(0, 4) + number(end, 8) + number(1, 4);
  }
  file += "PK\5\6"sv;
  return file + std::string(12, '\0') + number(kind == Zip::zip64 ? 0xFFFFFFFF : offset, 4) + number(0, 2);
}

TEST(Formats, ExtensionsAreLowerCaseAndOfTheLastComponent) {
  EXPECT_EQ(extension_of("a/b.C/model.SafeTensors"), "safetensors");
  EXPECT_EQ(extension_of("a.b/model"), "");
  EXPECT_EQ(extension_of(""), "");
}

TEST(Formats, PyTorchZipsAreToldByTheirPickle) {
  EXPECT_EQ(format_of(zip_of({"archive/data.pkl", "archive/data/0"}), "model.bin"), "pytorch");
  EXPECT_EQ(format_of(zip_of({"archive/.format_version", "archive/data.pkl"}), "model.pt"), "pytorch");
}

TEST(Formats, ZipsPastFourGigabytesHaveTheirDirectoryElsewhere) {
  EXPECT_EQ(format_of(zip_of({"x/data.pkl"}, Zip::zip64, std::string(5000, 'j')), "model.pt"), "pytorch");
}

TEST(Formats, KerasNumpyAndPlainZipsDiffer) {
  EXPECT_EQ(format_of(zip_of({"metadata.json", "config.json", "model.weights.h5"}), "a.keras"), "keras");
  EXPECT_EQ(format_of(zip_of({"a.npy", "b.npy"}), "a.npz"), "numpy");
  EXPECT_EQ(format_of(zip_of({"a.npy", "b.txt"}), "a.zip"), "");
}

TEST(Formats, ABrokenZipIsNone) {
  const std::string whole = zip_of({"archive/data.pkl"});
  EXPECT_EQ(format_of(whole.substr(0, whole.size() - 22), "model.pt"), "");
  std::string astray = whole;
  astray.replace(astray.size() - 6, 4, "\xf0\xff\xff\x7f");
  EXPECT_EQ(format_of(astray, "model.pt"), "");
}

TEST(Formats, MarksAreFoundUnderAnyName) {
  EXPECT_EQ(format_of("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e."sv, "pytorch_model.bin"),
            "pytorch");
  EXPECT_EQ(format_of("\x80\x04\x95\x10\0\0\0\0\0\0\0"sv, "thing"), "pickle");
  EXPECT_EQ(format_of("\x93NUMPY\1\0v\0{'descr': '<f4'"sv, "a.bin"), "numpy");
  EXPECT_EQ(format_of("\x1c\0\0\0TFL3\x14\0\x20\0"sv, "a.bin"), "tflite");
  EXPECT_EQ(format_of("\x89HDF\r\n\x1a\n\0\0\0\0"sv, "a.h5"), "hdf5");
}

TEST(Formats, Hdf5MayStartAfterAUsersBlock) {
  EXPECT_EQ(format_of(std::string(1024, 'u') + "\x89HDF\r\n\x1a\n", "a.bin"), "hdf5");
  EXPECT_EQ(format_of(std::string(700, 'u') + "\x89HDF\r\n\x1a\n", "a.bin"), "");
}

TEST(Formats, OnnxNeedsItsNameBecauseItHasNoMark) {
  const auto start = "\x08\x08\x12\x07pytorch\x1a\x03"sv;
  EXPECT_EQ(format_of(start, "model.onnx"), "onnx");
  EXPECT_EQ(format_of(start, "model.bin"), "");
}

TEST(Formats, OldPicklesAreToldByTheirNameAlone) {
  EXPECT_EQ(format_of("(dp0\nS'a'\n.", "a.pkl"), "pickle");
  EXPECT_EQ(format_of("(dp0\nS'a'\n.", "a.txt"), "");
}

TEST(Formats, TextAndEmptyFilesAreNone) {
  EXPECT_EQ(format_of("", "a.onnx"), "");
  EXPECT_EQ(format_of("hello", "README.md"), "");
  EXPECT_EQ(format_of("\x08", "a.onnx"), "");
}

}  // namespace
}  // namespace axon::model
