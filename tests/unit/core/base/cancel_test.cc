#include "core/base/cancel.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace axon {
namespace {

TEST(CancelToken, ThrowsOnlyAfterItWasCancelled) {
  CancelToken token;
  EXPECT_NO_THROW(token.throw_if_cancelled());
  token.cancel();
  EXPECT_TRUE(token.cancelled());
  try {
    token.throw_if_cancelled();
    FAIL() << "did not throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

}  // namespace
}  // namespace axon
