#include "core/workspace/working_version.h"

#include "core/store/compare.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

// Two tensors: "big" of 150,000 bytes, cut into chunks of its own, and "small" of 100.
std::string safetensors(std::uint32_t seed) {
  const std::string header = R"({"big":{"dtype":"U8","shape":[150000],"data_offsets":[0,150000]},)"
                             R"("small":{"dtype":"U8","shape":[10,10],"data_offsets":[150000,150100]}})";
  Bytes length;
  append_le<std::uint64_t>(length, header.size());
  return std::string(as_text(length)) + header + noise(150'000, seed) + noise(100, 7);
}

class WorkingVersionTest : public WorkspaceFixture {
 protected:
  WorkingVersionTest() {
    write(first(), ".gitattributes", "*.txt text\n");
    write(first(), "config.json", "{}\n");
    write(first(), "model.safetensors", safetensors(1));
    write(first(), "run.sh", "#!/bin/sh\n");
    fs::posix().make_symlink("config.json", first().root / "link");
  }
  WorkingVersion now() {
    return read_working_version(*first().store, *first().workspace, no_progress(), first().cancel);
  }
  std::vector<model::ModelTensor> tensors_now() {
    return read_working_tensors(*first().store, *first().workspace, now(), no_progress(), first().cancel);
  }
};

std::string told(const std::vector<store::VersionFile>& files) {
  std::string text;
  for (const auto& file : files) {
    text += file.path + " " + to_string(file.mode) + " " + std::to_string(file.size) + " " +
            file.sha256.hex() + (file.pointer ? " pointer\n" : " blob\n");
  }
  return text;
}

std::string told(std::vector<model::ModelTensor> tensors) {
  std::string text;
  for (const auto& tensor : tensors) {
    text += tensor.file + ":" + tensor.name + " " + tensor.dtype + " " + std::to_string(tensor.length) + " " +
            tensor.id.hex() + "\n";
  }
  return text;
}

TEST_F(WorkingVersionTest, IsWhatACommitThenRecords) {
  const auto before = told(now().files);
  const auto id = first().commit().id;
  EXPECT_EQ(before, told(store::read_version(*first().store, id)));
}

TEST_F(WorkingVersionTest, IsTheSameAfterTheCommit) {
  const auto id = first().commit().id;
  EXPECT_EQ(told(now().files), told(store::read_version(*first().store, id)));
}

TEST_F(WorkingVersionTest, SeesChangesSinceTheBase) {
  const auto id = first().commit().id;
  write(first(), "config.json", "{\"layers\": 3}\n");
  write(first(), "new.txt", "new\n");
  remove(first(), "run.sh");
  const auto differences = store::compare_files(store::read_version(*first().store, id), now().files);
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[0].path(), "config.json");
  EXPECT_EQ(differences[1].path(), "new.txt");
  EXPECT_EQ(differences[2].path(), "run.sh");
}

TEST_F(WorkingVersionTest, TensorsHaveTheIdsThatACommitGivesThem) {
  const auto before = told(tensors_now());
  const auto id = first().commit().id;
  const auto stored = store::read_tensors(*first().store, store::read_version(*first().store, id));
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(before, told(stored));
  EXPECT_EQ(told(tensors_now()), told(stored));
}

TEST_F(WorkingVersionTest, OnlyTensorsThatChangedDiffer) {
  const auto id = first().commit().id;
  write(first(), "model.safetensors", safetensors(2));
  const auto before = store::read_tensors(*first().store, store::read_version(*first().store, id));
  const auto after = tensors_now();
  const auto diff = model::diff_tensors(before, after);
  ASSERT_EQ(diff.changed.size(), 1U);
  EXPECT_EQ(diff.changed[0].after->name, "big");
  EXPECT_EQ(diff.unchanged, 1U);
}

TEST_F(WorkingVersionTest, TensorsAreReadFromTheFiles) {
  const auto tensors = tensors_now();
  ASSERT_EQ(tensors.size(), 2U);
  const auto reader = working_tensor_reader(*first().workspace, tensors[0]);
  std::string read;
  Bytes block(40'000);
  while (const auto count = reader(block)) read += as_text(ByteSpan(block).first(count));
  EXPECT_EQ(read, noise(150'000, 1));
}

TEST_F(WorkingVersionTest, TellsWhatIsLeftOut) {
  fs::posix().make_symlink("/etc/passwd", first().root / "outside");
  const auto version = now();
  ASSERT_EQ(version.warnings.size(), 1U);
  EXPECT_NE(version.warnings[0].find("outside"), std::string::npos);
}

}  // namespace
}  // namespace axon::workspace
