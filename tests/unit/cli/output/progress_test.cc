#include "cli/output/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/output/format.h"
#include "tests/support/fake_clock.h"

namespace axon::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kMillisecond = 1'000'000;

PhaseState writing() {
  return {"writing", PhaseState::Unit::bytes, 1'100'000'000, 2'200'000'000, 2000 * kMillisecond};
}

TEST(ProgressLine, TellsShareAmountRateAndTimeLeft) {
  EXPECT_EQ(progress_line(writing()), "writing: 50 %, 1.10/2.20 GB, 550 MB/s, 2 s left");
}

TEST(ProgressLine, CountsItems) {
  EXPECT_EQ(progress_line({"files", PhaseState::Unit::items, 5000, 20000, 1000 * kMillisecond}),
            "files: 25 %, 5,000/20,000, 5,000/s, 3 s left");
}

TEST(ProgressLine, WithoutTotalGivesNoShare) {
  EXPECT_EQ(progress_line({"scanning", PhaseState::Unit::items, 12, 0, 1000 * kMillisecond}),
            "scanning: 12, 12/s");
}

TEST(ProgressLine, NeverExceedsAHundredPercent) {
  EXPECT_THAT(progress_line({"x", PhaseState::Unit::bytes, 30, 20, 1000 * kMillisecond}), HasSubstr("100 %"));
}

TEST(ProgressBar, IsHalfFilledAtHalfTheWork) {
  ProgressOptions options{.view = ProgressView::bar, .charset = Charset::ascii, .width = 120};
  EXPECT_EQ(progress_bar(writing(), options),
            "writing  [===============               ]  50 %  1.10/2.20 GB  550 MB/s  2 s left");
}

TEST(ProgressBar, FitsEveryTerminal) {
  for (std::size_t width = 1; width < 120; ++width) {
    for (const Charset charset : {Charset::ascii, Charset::utf8}) {
      const ProgressOptions options{.view = ProgressView::bar, .charset = charset, .width = width};
      EXPECT_LE(display_width(progress_bar(writing(), options)), width);
    }
  }
}

struct Shown {
  explicit Shown(ProgressView view)
      : progress(make_progress(err, clock, {.view = view, .charset = Charset::ascii},
                               [this](std::string_view text) { err << "W:" << text << '\n'; })) {}
  std::ostringstream err;
  test::FakeClock clock;
  std::unique_ptr<Progress> progress;
};

TEST(PlainProgress, WritesALineEachSecond) {
  Shown shown(ProgressView::plain);
  shown.progress->begin("hashing", 1000);
  for (int tenth = 0; tenth < 25; ++tenth) {
    shown.clock.advance_ns(100 * kMillisecond);
    shown.progress->advance(10);
  }
  shown.progress->end();
  EXPECT_EQ(
      shown.err.str(),
      "hashing: 10 %, 0.10/1.00 kB, 100 B/s, 9 s left\nhashing: 20 %, 0.20/1.00 kB, 100 B/s, 8 s left\n");
}

TEST(BarProgress, DoesNotFlashForShortPhases) {
  Shown shown(ProgressView::bar);
  shown.progress->begin("hashing", 1000);
  shown.clock.advance_ns(200 * kMillisecond);
  shown.progress->advance(1000);
  shown.progress->end();
  EXPECT_THAT(shown.err.str(), IsEmpty());
}

TEST(BarProgress, IsGoneWhenThePhaseEnds) {
  Shown shown(ProgressView::bar);
  shown.progress->begin("hashing", 1000);
  shown.clock.advance_ns(300 * kMillisecond);
  shown.progress->advance(500);
  EXPECT_THAT(shown.err.str(), HasSubstr("50 %"));
  shown.progress->end();
  EXPECT_TRUE(shown.err.str().ends_with("\r\033[K"));
}

TEST(BarProgress, StepsAsideForWarnings) {
  Shown shown(ProgressView::bar);
  shown.progress->begin("hashing", 1000);
  shown.clock.advance_ns(300 * kMillisecond);
  shown.progress->advance(500);
  shown.progress->warn("odd");
  EXPECT_TRUE(shown.err.str().ends_with("\r\033[KW:odd\n"));
}

TEST(BarProgress, IgnoresAdvancesOutsideAPhase) {
  Shown shown(ProgressView::bar);
  shown.clock.advance_ns(5000 * kMillisecond);
  shown.progress->advance(500);
  EXPECT_THAT(shown.err.str(), IsEmpty());
}

TEST(NoProgressView, StillPassesWarningsOn) {
  Shown shown(ProgressView::none);
  shown.progress->begin("hashing", 1000);
  shown.clock.advance_ns(5000 * kMillisecond);
  shown.progress->advance(500);
  shown.progress->warn("odd");
  shown.progress->end();
  EXPECT_EQ(shown.err.str(), "W:odd\n");
  EXPECT_THAT(shown.err.str(), Not(HasSubstr("%")));
}

}  // namespace
}  // namespace axon::cli
