#include "core/model/tensor_diff.h"

#include <gtest/gtest.h>

namespace axon::model {
namespace {

TensorId id(int number) {
  TensorId result;
  result.bytes[0] = static_cast<std::byte>(number);
  return result;
}

ModelTensor tensor(std::string name, int content, std::string file = "a", std::string dtype = "F32",
                   std::vector<std::uint64_t> shape = {4}) {
  return {std::move(name), std::move(dtype), std::move(shape), 16, id(content), std::move(file)};
}

using Tensors = std::vector<ModelTensor>;

TEST(TensorDiff, EqualVersionsHaveNoDifference) {
  const Tensors both{tensor("a", 1), tensor("b", 2)};
  const TensorDiff diff = diff_tensors(both, both);
  EXPECT_FALSE(diff.any());
  EXPECT_EQ(diff.unchanged, 2);
}

TEST(TensorDiff, FindsWhatWasAddedAndRemovedByName) {
  const Tensors before{tensor("old", 1), tensor("kept", 2)}, after{tensor("new", 3), tensor("kept", 2)};
  const TensorDiff diff = diff_tensors(before, after);
  ASSERT_EQ(diff.added.size(), 1);
  EXPECT_EQ(diff.added[0]->name, "new");
  ASSERT_EQ(diff.removed.size(), 1);
  EXPECT_EQ(diff.removed[0]->name, "old");
  EXPECT_EQ(diff.unchanged, 1);
  EXPECT_TRUE(diff.any());
}

TEST(TensorDiff, ToldApartAreRetypedReshapedAndChanged) {
  const Tensors before{tensor("t", 1), tensor("s", 2), tensor("c", 3)};
  const Tensors after{tensor("t", 4, "a", "BF16", {2}), tensor("s", 2, "a", "F32", {2, 2}), tensor("c", 5)};
  const TensorDiff diff = diff_tensors(before, after);
  ASSERT_EQ(diff.retyped.size(), 1);
  EXPECT_EQ(diff.retyped[0].before->dtype, "F32");
  EXPECT_EQ(diff.retyped[0].after->dtype, "BF16");
  ASSERT_EQ(diff.reshaped.size(), 1);
  EXPECT_EQ(diff.reshaped[0].after->name, "s");
  ASSERT_EQ(diff.changed.size(), 1);
  EXPECT_EQ(diff.changed[0].after->name, "c");
  EXPECT_EQ(diff.unchanged, 0);
}

TEST(TensorDiff, AnotherShardIsNoChange) {
  const Tensors before{tensor("a", 1, "one")}, after{tensor("a", 1, "two")};
  EXPECT_FALSE(diff_tensors(before, after).any());
}

TEST(TensorDiff, EqualContentUnderAnotherNameIsARename) {
  const Tensors before{tensor("old", 1), tensor("gone", 2)}, after{tensor("new", 1), tensor("fresh", 3)};
  const TensorDiff diff = diff_tensors(before, after);
  ASSERT_EQ(diff.renamed.size(), 1);
  EXPECT_EQ(diff.renamed[0].before->name, "old");
  EXPECT_EQ(diff.renamed[0].after->name, "new");
  EXPECT_EQ(diff.added.size(), 1);
  EXPECT_EQ(diff.removed.size(), 1);
}

TEST(TensorDiff, EqualBytesOfAnotherTypeAreNoRename) {
  const Tensors before{tensor("old", 1)}, after{tensor("new", 1, "a", "I32")};
  const TensorDiff diff = diff_tensors(before, after);
  EXPECT_TRUE(diff.renamed.empty());
  EXPECT_EQ(diff.added.size(), 1);
}

TEST(TensorDiff, ManyEqualTensorsAreRenamedOneToOne) {
  const Tensors before{tensor("n.1", 1), tensor("n.2", 1)},
      after{tensor("m.1", 1), tensor("m.2", 1), tensor("m.3", 1)};
  const TensorDiff diff = diff_tensors(before, after);
  ASSERT_EQ(diff.renamed.size(), 2);
  EXPECT_EQ(diff.renamed[0].before->name, "n.1");
  EXPECT_EQ(diff.renamed[0].after->name, "m.1");
  ASSERT_EQ(diff.added.size(), 1);
  EXPECT_EQ(diff.added[0]->name, "m.3");
}

TEST(TensorDiff, ANameInTwoFilesIsMatchedInItsFile) {
  const Tensors before{tensor("a", 1, "x"), tensor("a", 2, "y")};
  const Tensors after{tensor("a", 3, "y"), tensor("a", 1, "x")};
  const TensorDiff diff = diff_tensors(before, after);
  ASSERT_EQ(diff.changed.size(), 1);
  EXPECT_EQ(diff.changed[0].before->file, "y");
  EXPECT_EQ(diff.unchanged, 1);
}

TEST(TensorDiff, ANameInTwoMovedFilesIsMatchedByItsContent) {
  const Tensors before{tensor("a", 1, "x"), tensor("a", 2, "y")};
  const Tensors after{tensor("a", 2, "v"), tensor("a", 1, "w")};
  EXPECT_FALSE(diff_tensors(before, after).any());
}

TEST(TensorDiff, ListsAreSortedByName) {
  const Tensors after{tensor("c", 1), tensor("a", 3), tensor("b", 2)};
  const TensorDiff diff = diff_tensors({}, after);
  ASSERT_EQ(diff.added.size(), 3);
  EXPECT_EQ(diff.added[0]->name, "a");
  EXPECT_EQ(diff.added[2]->name, "c");
}

}  // namespace
}  // namespace axon::model
