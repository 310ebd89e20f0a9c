#include "cli/output/printer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace axon::cli {
namespace {

struct Output {
  explicit Output(const PrinterOptions& options) : printer(out, err, options) {}
  std::ostringstream out, err;
  Printer printer;

  void say_all() {
    printer.show(
        [] {
          return nlohmann::json{{"answer", 42}};
        },
        [this] {
          printer.line("asked");
          printer.note("happened");
          printer.detail("more");
        });
  }
};

TEST(Printer, LeavesOutDetailsByDefault) {
  Output output({});
  output.say_all();
  EXPECT_EQ(output.out.str(), "asked\nhappened\n");
}

TEST(Printer, QuietPrintsOnlyWhatWasAskedFor) {
  Output output({.verbosity = Verbosity::quiet});
  output.say_all();
  EXPECT_EQ(output.out.str(), "asked\n");
}

TEST(Printer, VerbosePrintsAll) {
  Output output({.verbosity = Verbosity::verbose});
  output.say_all();
  EXPECT_EQ(output.out.str(), "asked\nhappened\nmore\n");
}

TEST(Printer, JsonPrintsTheDocumentAndNothingElse) {
  Output output({.form = OutputForm::json});
  output.printer.line("no text in this form");
  output.say_all();
  EXPECT_EQ(nlohmann::json::parse(output.out.str()), (nlohmann::json{{"answer", 42}}));
}

TEST(Printer, JsonSurvivesNamesThatAreNoText) {
  Output output({.form = OutputForm::json});
  output.printer.show([] { return nlohmann::json{{"path", "a\xFF"}}; }, [] {});
  EXPECT_EQ(nlohmann::json::parse(output.out.str())["path"], "a\xEF\xBF\xBD");
}

TEST(Printer, WarnsOnStandardErrorEvenWhenQuiet) {
  Output output({.verbosity = Verbosity::quiet});
  output.printer.warn("a link was left out: 'a\033b'");
  EXPECT_EQ(output.err.str(), "warning: a link was left out: 'a\\x1bb'\n");
  EXPECT_EQ(output.out.str(), "");
}

TEST(Printer, JsonWarningsAreObjectsOnALineEach) {
  Output output({.form = OutputForm::json});
  output.printer.warn("odd");
  EXPECT_EQ(output.err.str(), "{\"warning\":\"odd\"}\n");
}

}  // namespace
}  // namespace axon::cli
