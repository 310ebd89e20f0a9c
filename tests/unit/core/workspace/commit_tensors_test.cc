// Commits of files with tensors: what their messages tell, and which content lends bases to deltas.

#include <nlohmann/json.hpp>

#include "core/content/recipe.h"
#include "tests/unit/core/workspace/workspace_fixture.h"

namespace axon::workspace {
namespace {

constexpr std::size_t kWeights = 512 * 1024;  // bytes of a tensor with chunks of its own
static_assert(kWeights >= content::kTensorChunkThreshold);

using Tensors = std::map<std::string, std::string>;

std::string safetensors(const Tensors& tensors) {
  nlohmann::json header = nlohmann::json::object();
  std::size_t offset = 0;
  std::string data;
  for (const auto& [name, bytes] : tensors) {
    header[name] = {
        {"dtype", "BF16"}, {"shape", {bytes.size() / 2}}, {"data_offsets", {offset, offset + bytes.size()}}};
    offset += bytes.size();
    data += bytes;
  }
  const auto text = header.dump();
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>((text.size() >> (8 * i)) & 0xff);
  return length + text + data;
}

// One number in eight is a little different.
std::string tuned(std::string weights, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t at = 0; at < weights.size(); at += 2) {
    if (random() % 8 == 0) weights[at] = static_cast<char>(weights[at] ^ 1);
  }
  return weights;
}

class CommitTensorsTest : public WorkspaceFixture {
 protected:
  void name_line(Session& session, const std::string& model, const std::optional<GitId>& lineage) {
    auto state = session.workspace->state();
    state.line = {ModelName::parse(model), std::nullopt};
    state.lineage = lineage;
    session.workspace->save(state);
  }

  Tensors tensors_{{"embed", noise(kWeights, 1)}, {"head", noise(kWeights, 2)}, {"norm", noise(512, 3)}};
};

TEST_F(CommitTensorsTest, TheMessageCountsTheTensorsThatChanged) {
  write(first(), "model.safetensors", safetensors(tensors_));
  EXPECT_EQ(first().commit().message, "add model.safetensors");
  tensors_["head"] = noise(kWeights, 4);
  write(first(), "model.safetensors", safetensors(tensors_));
  EXPECT_EQ(first().commit().message, "1 of 3 tensors changed in 1 file");
}

TEST_F(CommitTensorsTest, TheMessageTellsOfFilesWithoutTensorsToo) {
  write(first(), "a.safetensors", safetensors(tensors_));
  write(first(), "b.safetensors", safetensors({{"b", noise(kWeights, 5)}}));
  first().commit();
  tensors_["head"] = noise(kWeights, 4);
  tensors_["norm"] = noise(512, 6);
  write(first(), "a.safetensors", safetensors(tensors_));
  write(first(), "b.safetensors", safetensors({{"b", noise(kWeights, 7)}}));
  write(first(), "config.json", "{}");
  EXPECT_EQ(first().commit().message, "3 of 4 tensors changed in 2 files, add config.json");
}

TEST_F(CommitTensorsTest, TheMessageTellsOfTensorsThatCameAndWent) {
  write(first(), "model.safetensors", safetensors(tensors_));
  first().commit();
  tensors_.erase("embed");
  tensors_["adapter"] = noise(kWeights, 8);
  tensors_["bias"] = noise(512, 9);
  write(first(), "model.safetensors", safetensors(tensors_));
  EXPECT_EQ(first().commit().message, "add 2 tensors, remove 1 tensor");
}

TEST_F(CommitTensorsTest, AFineTuneOfItsBaseTakesLittleRoom) {
  write(first(), "model.safetensors", safetensors(tensors_));
  const auto whole = first().commit().bytes_stored;
  for (auto& [name, weights] : tensors_) weights = tuned(weights, 1);
  write(first(), "model.safetensors", safetensors(tensors_));
  EXPECT_LT(first().commit().bytes_stored, whole / 3);
}

TEST_F(CommitTensorsTest, AFineTuneOfAnotherModelTakesLittleRoomByItsLineage) {
  write(first(), "model.safetensors", safetensors(tensors_));
  const auto origin = first().commit();
  for (auto& [name, weights] : tensors_) weights = tuned(weights, 1);

  name_line(second(), "hf/tuned", origin.id);
  write(second(), "tuned.safetensors", safetensors(tensors_));
  EXPECT_LT(second().commit().bytes_stored, origin.bytes_stored / 3);
  EXPECT_EQ(files(second())["tuned.safetensors"], safetensors(tensors_));
  test::TempDir out;
  export_version(*second().store, *second().workspace->state().base, out / "out", {}, Overwrite::no,
                 no_progress(), second().cancel);
  EXPECT_EQ(read_files(out / "out"), files(second()));
}

TEST_F(CommitTensorsTest, WithoutLineageItIsStoredWhole) {
  write(first(), "model.safetensors", safetensors(tensors_));
  const auto origin = first().commit();
  for (auto& [name, weights] : tensors_) weights = tuned(weights, 1);
  name_line(second(), "hf/tuned", std::nullopt);
  write(second(), "tuned.safetensors", safetensors(tensors_));
  EXPECT_GT(second().commit().bytes_stored, origin.bytes_stored / 2);
}

TEST_F(CommitTensorsTest, TheBaseThatACommitNamesLendsToItToo) {
  write(first(), "model.safetensors", safetensors(tensors_));
  const auto origin = first().commit();
  for (auto& [name, weights] : tensors_) weights = tuned(weights, 1);
  name_line(second(), "hf/tuned", std::nullopt);
  write(second(), "config.json", "{}");
  second().commit();
  write(second(), "tuned.safetensors", safetensors(tensors_));
  CommitOptions options;
  options.lineage = origin.id;
  EXPECT_LT(second().commit(options).bytes_stored, origin.bytes_stored / 3);
}

}  // namespace
}  // namespace axon::workspace
