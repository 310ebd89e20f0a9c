#include "core/base/clock.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/support/fake_clock.h"

namespace axon {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMoment = 1'795'205'943;  // 2026-11-20T20:19:03Z
constexpr std::int64_t kMidnight = 1'795'132'800;

TEST(FormatRfc3339, WritesWholeSecondsInUtc) {
  EXPECT_EQ(format_rfc3339(kMoment * kSecond + 999'999'999), "2026-11-20T20:19:03Z");
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(951'782'400 * kSecond), "2000-02-29T00:00:00Z");
}

TEST(FormatRfc3339, RoundsDownBefore1970) {
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59Z");
}

TEST(ParseTime, ReadsRfc3339) {
  EXPECT_EQ(parse_time("2026-11-20T20:19:03Z", 0), kMoment);
  EXPECT_EQ(parse_time("2026-11-20t20:19:03.25z", 0), kMoment);
  EXPECT_EQ(parse_time("2026-11-20 22:19:03+02:00", 0), kMoment);
  EXPECT_EQ(parse_time("2026-11-20T14:49:03-05:30", 0), kMoment);
}

TEST(ParseTime, ReadsADateAsItsMidnight) {
  EXPECT_EQ(parse_time("2026-11-20", 0), kMidnight);
}

TEST(ParseTime, ReadsDurationsAsTimeBeforeNow) {
  const auto now = kMoment * kSecond + 5;
  EXPECT_EQ(parse_time("90s", now), kMoment - 90);
  EXPECT_EQ(parse_time("15m", now), kMoment - 900);
  EXPECT_EQ(parse_time("12h", now), kMoment - 12 * 3600);
  EXPECT_EQ(parse_time("3d", now), kMoment - 3 * 86400);
  EXPECT_EQ(parse_time("2w", now), kMoment - 14 * 86400);
  EXPECT_EQ(parse_time("2 days ago", now), kMoment - 2 * 86400);
  EXPECT_EQ(parse_time("1 hour", now), kMoment - 3600);
}

TEST(ParseTime, ReadsBackWhatFormatWrites) {
  for (const std::int64_t second :
       {std::int64_t{0}, std::int64_t{-86401}, kMoment, std::int64_t{4'102'444'800}})
    EXPECT_EQ(parse_time(format_rfc3339(second * kSecond), 0), second);
}

class NotATime : public testing::TestWithParam<const char*> {};

TEST_P(NotATime, IsRefusedWithTheAcceptedForms) {
  try {
    parse_time(GetParam(), 0);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(error.message().find(GetParam()), std::string::npos);
    ASSERT_EQ(error.hints().size(), 1u);
    EXPECT_NE(error.hints()[0].find("12h"), std::string::npos);
  }
}
INSTANTIATE_TEST_SUITE_P(Texts, NotATime,
                         testing::Values("", "now", "3", "3x", "d3", "-3d", "3d ", "99999999999d",
                                         "2026-13-01", "2026-02-29", "2026-2-2", "2026-11-20T",
                                         "2026-11-20T20:19Z", "2026-11-20T20:19:03", "2026-11-20T25:19:03Z",
                                         "2026-11-20T20:19:03.Z", "2026-11-20T20:19:03Zx", "2026-11-20x"));

TEST(SystemClock, TellsAPlausibleTimeAndSleeps) {
  const auto before = system_clock().now_ns();
  EXPECT_GT(before, 1'700'000'000 * kSecond);
  system_clock().sleep_ns(1'000'000);
  EXPECT_GE(system_clock().now_ns() - before, 1'000'000);
}

TEST(SystemRandom, FillsAllBytesDifferentlyEachTime) {
  Bytes one(64), two(64);
  system_random().fill(one);
  system_random().fill(two);
  EXPECT_NE(one, two);
  EXPECT_NE(Bytes(one.begin() + 32, one.end()), Bytes(32));
}

TEST(FakeClock, MovesOnlyWhenToldOrSlept) {
  test::FakeClock clock(1000);
  EXPECT_EQ(clock.now_ns(), 1000);
  clock.sleep_ns(5);
  clock.advance_ns(10);
  EXPECT_EQ(clock.now_ns(), 1015);
  EXPECT_EQ(clock.slept_ns(), 5);
  EXPECT_EQ(format_rfc3339(test::FakeClock().now_ns()), "2026-01-01T00:00:00Z");
}

TEST(SeededRandom, GivesTheSameBytesHoweverTheyAreAskedFor) {
  test::SeededRandom one(7), two(7), other(8);
  Bytes whole(40), parts(40), different(40);
  one.fill(whole);
  two.fill(MutableByteSpan(parts).first(3));
  two.fill(MutableByteSpan(parts).subspan(3));
  other.fill(different);
  EXPECT_EQ(whole, parts);
  EXPECT_NE(whole, different);
}

}  // namespace
}  // namespace axon
