#include "cli/error_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace axon::cli {
namespace {

Error moved() {
  return Error(ErrorCode::moved, "cannot push 'hf/bert' to 'prod'")
      .because("the remote moved to 4f2c1a9be0d1")
      .hint("run `axon pull`, then push again");
}

std::string report(const Error& error, OutputForm form, Color color = Color::off) {
  std::ostringstream err;
  report_error(err, error, form, color);
  return err.str();
}

TEST(ErrorReport, TellsWhatWhyAndWhatHelps) {
  EXPECT_EQ(report(moved(), OutputForm::text),
            "error: cannot push 'hf/bert' to 'prod'\n"
            "because: the remote moved to 4f2c1a9be0d1\n"
            "hint: run `axon pull`, then push again\n");
}

TEST(ErrorReport, ColorsOnlyTheHeads) {
  EXPECT_TRUE(report(moved(), OutputForm::text, Color::on).starts_with("\033[31merror:\033[0m cannot push"));
}

TEST(ErrorReport, DisarmsForeignText) {
  EXPECT_EQ(report(Error(ErrorCode::failed, "cannot read 'a\033[2J\nb'"), OutputForm::text),
            "error: cannot read 'a\\x1b[2J\\nb'\n");
}

TEST(ErrorReport, JsonIsOneObjectOnOneLine) {
  const std::string text = report(moved(), OutputForm::json);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto error = nlohmann::json::parse(text)["error"];
  EXPECT_EQ(error["code"], "moved");
  EXPECT_EQ(error["exit"], 12);
  EXPECT_EQ(error["message"], "cannot push 'hf/bert' to 'prod'");
  EXPECT_EQ(error["because"], nlohmann::json({"the remote moved to 4f2c1a9be0d1"}));
  EXPECT_EQ(error["hints"], nlohmann::json({"run `axon pull`, then push again"}));
}

TEST(ErrorReport, JsonSurvivesBytesThatAreNoText) {
  const std::string text = report(Error(ErrorCode::io, "cannot read 'a\xFF'"), OutputForm::json);
  EXPECT_TRUE(nlohmann::json::accept(text));
}

// The numbers are a promise to scripts: docs/guide/exit-codes.md.
TEST(ExitCode, IsAsDocumented) {
  const auto number = [](ErrorCode code) { return static_cast<int>(exit_code(code)); };
  EXPECT_EQ(number(ErrorCode::failed), 1);
  EXPECT_EQ(number(ErrorCode::not_found), 1);
  EXPECT_EQ(number(ErrorCode::already_exists), 1);
  EXPECT_EQ(number(ErrorCode::no_space), 1);
  EXPECT_EQ(number(ErrorCode::permission), 1);
  EXPECT_EQ(number(ErrorCode::io), 1);
  EXPECT_EQ(number(ErrorCode::unsupported), 1);
  EXPECT_EQ(number(ErrorCode::usage), 2);
  EXPECT_EQ(number(ErrorCode::partial), 3);
  EXPECT_EQ(number(ErrorCode::not_a_workspace), 10);
  EXPECT_EQ(number(ErrorCode::locked), 11);
  EXPECT_EQ(number(ErrorCode::moved), 12);
  EXPECT_EQ(number(ErrorCode::integrity), 13);
  EXPECT_EQ(number(ErrorCode::refused), 14);
  EXPECT_EQ(number(ErrorCode::network), 15);
  EXPECT_EQ(number(ErrorCode::rolled_back), 16);
  EXPECT_EQ(number(ErrorCode::unknown_outcome), 17);
  EXPECT_EQ(number(ErrorCode::interrupted), 130);
}

TEST(AsError, KeepsOurOwn) {
  EXPECT_EQ(as_error(moved()).code(), ErrorCode::moved);
}

TEST(AsError, NamesLackOfMemory) {
  EXPECT_EQ(as_error(std::bad_alloc()).message(), "out of memory");
}

TEST(AsError, KeepsTheTextOfAnyOther) {
  const Error error = as_error(std::runtime_error("vector::at"));
  EXPECT_EQ(error.code(), ErrorCode::failed);
  ASSERT_EQ(error.causes().size(), 1u);
  EXPECT_EQ(error.causes()[0], "vector::at");
}

}  // namespace
}  // namespace axon::cli
