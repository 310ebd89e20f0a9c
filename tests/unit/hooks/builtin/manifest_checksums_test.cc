#include "hooks/builtin/manifest_checksums.h"

#include <gtest/gtest.h>

namespace axon::hooks {
namespace {

std::vector<store::VersionFile> one_file(std::uint64_t size, char digit) {
  store::VersionFile file;
  file.path = "model.bin";
  file.size = size;
  file.sha256 = Digest::parse(std::string(64, digit)).value();
  return {file};
}

std::string manifest(const std::string& path, const std::string& size, const std::string& sha256) {
  return "spec:\n  format:\n    files:\n      - path: " + path + "\n        size: " + size +
         "\n        sha256: \"" + sha256 + "\"\n";
}

TEST(ManifestChecksums, ATrueManifestIsSilent) {
  EXPECT_TRUE(false_statements(manifest("model.bin", "5", std::string(64, 'a')), one_file(5, 'a')).empty());
}

TEST(ManifestChecksums, AFalseChecksumIsNamed) {
  const auto problems = false_statements(manifest("model.bin", "5", std::string(64, 'b')), one_file(5, 'a'));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("sha256"), std::string::npos);
}

TEST(ManifestChecksums, AFalseSizeIsNamed) {
  const auto problems = false_statements(manifest("model.bin", "6", std::string(64, 'a')), one_file(5, 'a'));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("6 bytes"), std::string::npos);
}

TEST(ManifestChecksums, WhatIsNotStatedIsNotFalse) {
  EXPECT_TRUE(false_statements(manifest("model.bin", "0", ""), one_file(5, 'a')).empty());
}

TEST(ManifestChecksums, AFileThatIsMissingIsNamed) {
  EXPECT_EQ(false_statements(manifest("gone.bin", "6", ""), one_file(5, 'a')).size(), 1u);
}

TEST(ManifestChecksums, BrokenYamlIsAWarning) {
  EXPECT_EQ(false_statements("spec: [", one_file(5, 'a')).size(), 1u);
}

TEST(ManifestChecksums, OtherShapesAreLeftAlone) {
  for (const char* text : {"", "just text", "spec: 5", "spec: {format: [1]}", "spec: {format: {files: 7}}",
                           "spec: {format: {files: [1, {path: [a]}]}}"}) {
    EXPECT_TRUE(false_statements(text, one_file(5, 'a')).empty()) << text;
  }
}

}  // namespace
}  // namespace axon::hooks
