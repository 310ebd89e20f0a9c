#include "cli/output/format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace axon::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(FormatSize, HasThreeDigitsAndDecimalUnits) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(999), "999 B");
  EXPECT_EQ(format_size(1000), "1.00 kB");
  EXPECT_EQ(format_size(12'345), "12.3 kB");
  EXPECT_EQ(format_size(112'900'000), "113 MB");
  EXPECT_EQ(format_size(2'200'000'000), "2.20 GB");
}

TEST(FormatSize, NeverPrintsAThousandOfAUnit) {
  EXPECT_EQ(format_size(999'499), "999 kB");
  EXPECT_EQ(format_size(999'500), "1.00 MB");
  EXPECT_EQ(format_size(9'994'999), "9.99 MB");
  EXPECT_EQ(format_size(9'996'000), "10.0 MB");
  EXPECT_EQ(format_size(99'960'000), "100 MB");
}

TEST(FormatSize, KnowsTheLargestNumber) {
  EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "18.4 EB");
}

TEST(FormatSizeOf, PrintsBothInTheTotalsUnit) {
  EXPECT_EQ(format_size_of(1'390'000'000, 2'200'000'000), "1.39/2.20 GB");
  EXPECT_EQ(format_size_of(0, 2'200'000'000), "0.00/2.20 GB");
  EXPECT_EQ(format_size_of(5, 10), "5/10 B");
}

TEST(FormatRate, IsPerSecond) {
  EXPECT_EQ(format_rate(2'200'000'000, 3 * kSecond + kSecond / 3), "660 MB/s");
  EXPECT_EQ(format_rate(100, kSecond), "100 B/s");
}

TEST(FormatRate, SaysNothingWithoutTimeOrBytes) {
  EXPECT_EQ(format_rate(100, 0), "");
  EXPECT_EQ(format_rate(100, -5), "");
  EXPECT_EQ(format_rate(0, kSecond), "");
}

TEST(FormatPace, HasARateWhereThereIsEnoughToTell) {
  EXPECT_EQ(format_pace(2'200'000'000, 4 * kSecond), " in 4.0 s, 550 MB/s");
  EXPECT_EQ(format_pace(2'000, kSecond), " in 1.0 s");
  EXPECT_EQ(format_pace(2'000'000, 0), " in 0 ms");
}

TEST(FormatDuration, GrowsCoarserWithLength) {
  EXPECT_EQ(format_duration(-1), "0 ms");
  EXPECT_EQ(format_duration(3'000'000), "3 ms");
  EXPECT_EQ(format_duration(420'000'000), "0.42 s");
  EXPECT_EQ(format_duration(996'000'000), "1.0 s");
  EXPECT_EQ(format_duration(3'300'000'000), "3.3 s");
  EXPECT_EQ(format_duration(59'400'000'000), "59 s");
  EXPECT_EQ(format_duration(59'600'000'000), "1 min 00 s");
  EXPECT_EQ(format_duration(125 * kSecond), "2 min 05 s");
  EXPECT_EQ(format_duration(4320 * kSecond), "1 h 12 min");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(FormatCount, AgreesWithItsNoun) {
  EXPECT_EQ(format_count(1, "file"), "1 file");
  EXPECT_EQ(format_count(0, "file"), "0 files");
  EXPECT_EQ(format_count(20000, "file"), "20,000 files");
  EXPECT_EQ(format_count(2, "branch", "branches"), "2 branches");
}

TEST(FormatPercent, ShowsSmallSharesWithoutRoundingThemAway) {
  EXPECT_EQ(format_percent(0, 0), "0 %");
  EXPECT_EQ(format_percent(0, 10), "0 %");
  EXPECT_EQ(format_percent(1, 3), "33 %");
  EXPECT_EQ(format_percent(7, 10'000), "0.07 %");
  EXPECT_EQ(format_percent(1, 1'000'000'000), "0.01 %");
  EXPECT_EQ(format_percent(10, 10), "100 %");
}

TEST(FormatAge, UsesTheLargestFittingUnit) {
  constexpr std::int64_t kNow = 1'800'000'000, kHour = 3600, kDay = 24 * kHour;
  EXPECT_EQ(format_age(kNow - 3, kNow), "just now");
  EXPECT_EQ(format_age(kNow - 59, kNow), "59 seconds ago");
  EXPECT_EQ(format_age(kNow - 60, kNow), "1 minute ago");
  EXPECT_EQ(format_age(kNow - 5 * kHour, kNow), "5 hours ago");
  EXPECT_EQ(format_age(kNow - 30 * kHour, kNow), "yesterday");
  EXPECT_EQ(format_age(kNow - 3 * kDay, kNow), "3 days ago");
  EXPECT_EQ(format_age(kNow - 21 * kDay, kNow), "3 weeks ago");
  EXPECT_EQ(format_age(kNow - 100 * kDay, kNow), "3 months ago");
  EXPECT_EQ(format_age(kNow - 1000 * kDay, kNow), "2 years ago");
}

TEST(FormatAge, ForgivesClocksThatDifferALittle) {
  EXPECT_EQ(format_age(1030, 1000), "just now");
  EXPECT_EQ(format_age(2000, 1000), "in the future");
}

TEST(FormatTime, ShowsTheTimeInTheGivenZone) {
  EXPECT_EQ(format_time(0, 0), "1970-01-01 00:00:00 +0000");
  EXPECT_EQ(format_time(1'795'207'267, 60), "2026-11-20 21:41:07 +0100");
  EXPECT_EQ(format_time(1'795'207'267, -210), "2026-11-20 17:11:07 -0330");
}

TEST(Printable, KeepsTextOfAnyLanguage) {
  EXPECT_EQ(printable("modèle/模型 🙂.bin"), "modèle/模型 🙂.bin");
}

TEST(Printable, DisarmsEscapeSequences) {
  EXPECT_EQ(printable("a\033[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "2Jb"),
            "a\\x9b2Jb");
  EXPECT_EQ(printable("two\nlines\ttab\x7F"), "two\\nlines\\x09tab\\x7f");
}

TEST(Printable, ShowsBytesThatAreNoText) {
  EXPECT_EQ(printable("\xFF"
                      "a\xC3"),
            "\\xffa\\xc3");
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");           // an overlong slash
}

TEST(DisplayWidth, CountsCharactersAndNoEscapes) {
  EXPECT_EQ(display_width("été"), 3u);
  EXPECT_EQ(display_width("\033[1mbold\033[0m"), 4u);
}

}  // namespace
}  // namespace axon::cli
