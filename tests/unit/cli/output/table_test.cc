#include "cli/output/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output/style.h"

namespace axon::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Table, AlignsColumnsAndTrimsLineEnds) {
  Table table({Align::left, Align::right, Align::left});
  table.row({"config.json", "1.2 kB", ""});
  table.row({"a", "550 MB", "changed"});
  EXPECT_THAT(table.lines("  "), ElementsAre("  config.json  1.2 kB", "  a            550 MB  changed"));
}

TEST(Table, AlignsByWhatIsSeen) {
  const Style style(Color::on);
  Table table({Align::left, Align::left});
  table.row({style.bold("été"), "x"});
  table.row({"abcd", "y"});
  EXPECT_THAT(table.lines(), ElementsAre("\033[1mété\033[0m   x", "abcd  y"));
}

TEST(Table, AcceptsShortRows) {
  Table table({Align::left, Align::left});
  table.row({"one"});
  EXPECT_THAT(table.lines(), ElementsAre("one"));
}

TEST(Table, WithoutRowsHasNoLines) {
  EXPECT_THAT(Table({Align::left}).lines(), IsEmpty());
}

}  // namespace
}  // namespace axon::cli
