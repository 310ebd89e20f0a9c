#include "core/base/progress.h"

#include <gtest/gtest.h>

namespace axon {
namespace {

TEST(NoProgress, IsOneObjectThatSaysNothing) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto& progress = no_progress();
  progress.begin("hashing", 10);
  progress.advance(10);
  progress.warn("careful");
  progress.end();
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(&progress, &no_progress());
}

}  // namespace
}  // namespace axon
