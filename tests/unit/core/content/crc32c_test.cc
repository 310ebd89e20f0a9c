#include "core/content/crc32c.h"

#include <gtest/gtest.h>

namespace axon::content {
namespace {

TEST(Crc32c, GivesTheKnownValue) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
}

TEST(Crc32c, OfNothingIsZero) {
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, GoesOnWhereItStopped) {
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xE3069283U);
}

}  // namespace
}  // namespace axon::content
