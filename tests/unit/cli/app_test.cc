#include "cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/cli/test_host.h"

namespace axon::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Runs command lines against a table of two commands and remembers what reached them.
class AppTest : public testing::Test {
 protected:
  AppTest() { host.variables["HOME"] = "/home/ann"; }

  int run(const std::vector<std::string>& words) { return run_app(table(), words, host.host); }

  std::vector<Command> table() {
    struct Save {
      std::string message;
      std::vector<std::string> paths;
      bool all = false;
    };
    Command save{"save", Group::work, "save the files", [this](CLI::App& app) {
                   auto options = std::make_shared<Save>();
                   app.add_option("-m,--message", options->message, "say why")->type_name("TEXT");
                   app.add_flag("--all", options->all, "all of them");
                   app.add_option("PATH", options->paths, "only these");
                   return Action([this, options](Context& context) {
                     message = options->message;
                     paths = options->paths;
                     seen = context.options();
                     home = context.home();
                     if (thrown) throw *thrown;
                     context.printer().line("saved");
                     return ExitCode::ok;
                   });
                 }};
    Command add{"add", Group::share, "add a remote", [](CLI::App& app) {
                  auto url = std::make_shared<std::string>();
                  app.add_option("URL", *url, "where it is")->required();
                  return Action([url](Context&) { return ExitCode::differences; });
                }};
    Command version{"version", Group::settings, "print the version",
                    [](CLI::App&) { return Action([](Context&) { return ExitCode::ok; }); }};
    return {save, {"remote", Group::share, "remotes", {}, {add}}, version};
  }

  test::TestHost host;
  std::ostringstream& out = host.out;
  std::ostringstream& err = host.err;
  std::string message;
  std::vector<std::string> paths;
  GlobalOptions seen;
  fs::Path home;
  std::optional<Error> thrown;
};

TEST_F(AppTest, RunsACommandWithItsOptions) {
  EXPECT_EQ(run({"save", "-m", "why", "a", "b/c"}), 0);
  EXPECT_EQ(message, "why");
  EXPECT_THAT(paths, testing::ElementsAre("a", "b/c"));
  EXPECT_EQ(out.str(), "saved\n");
}

TEST_F(AppTest, TakesGlobalOptionsBeforeAndAfterTheCommand) {
  EXPECT_EQ(run({"-q", "save", "a", "--lock-timeout", "0.5", "b", "--progress", "plain"}), 0);
  EXPECT_EQ(seen.verbosity, Verbosity::quiet);
  EXPECT_EQ(seen.progress, ProgressMode::plain);
  EXPECT_EQ(seen.lock_timeout, "0.5");
  EXPECT_THAT(paths, testing::ElementsAre("a", "b"));
}

TEST_F(AppTest, TakesPathsThatLookLikeCommandsAndLists) {
  EXPECT_EQ(run({"save", "save", "remote", "[a,b]", "--", "--all"}), 0);
  EXPECT_THAT(paths, testing::ElementsAre("save", "remote", "[a,b]", "--all"));
}

TEST_F(AppTest, TakesMessagesThatLookLikeOptions) {
  EXPECT_EQ(run({"save", "-m", "--all"}), 0);
  EXPECT_EQ(message, "--all");
  EXPECT_EQ(run({"save", "-m", ""}), 0);
  EXPECT_EQ(message, "");
}

TEST_F(AppTest, ReturnsTheCommandsExitCode) {
  EXPECT_EQ(run({"remote", "add", "x"}), 4);
}

TEST_F(AppTest, ReportsAThrownErrorWithItsExitCode) {
  thrown = Error(ErrorCode::moved, "the line moved");
  EXPECT_EQ(run({"save"}), 12);
  EXPECT_EQ(err.str(), "error: the line moved\n");
}

TEST_F(AppTest, ReportsErrorsAsJsonWhenAsked) {
  thrown = Error(ErrorCode::integrity, "bad bytes");
  EXPECT_EQ(run({"save", "--json"}), 13);
  EXPECT_EQ(nlohmann::json::parse(err.str())["error"]["code"], "integrity");
  EXPECT_THAT(out.str(), IsEmpty());
}

TEST_F(AppTest, ReportsUsageErrorsAsJsonToo) {
  EXPECT_EQ(run({"svae", "--json"}), 2);
  EXPECT_EQ(nlohmann::json::parse(err.str())["error"]["exit"], 2);
}

TEST_F(AppTest, GuessesTheCommandThatWasMeant) {
  EXPECT_EQ(run({"svae"}), 2);
  EXPECT_EQ(
      err.str(),
      "error: unknown command 'svae'\nhint: did you mean 'save'?\nhint: `axon help` lists all commands\n");
}

TEST_F(AppTest, GuessesTheOptionThatWasMeant) {
  EXPECT_EQ(run({"save", "--mesage=x"}), 2);
  EXPECT_THAT(
      err.str(),
      StartsWith("error: unknown option '--mesage' of `axon save`\nhint: did you mean '--message'?\n"));
}

TEST_F(AppTest, GuessesSubcommands) {
  EXPECT_EQ(run({"remote", "addd", "x"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: unknown command 'remote addd'\nhint: did you mean 'add'?\n"));
}

TEST_F(AppTest, NamesTheArgumentThatIsMissing) {
  EXPECT_EQ(run({"remote", "add"}), 2);
  EXPECT_EQ(err.str(), "error: `axon remote add` needs URL\nhint: `axon help remote add` tells more\n");
}

TEST_F(AppTest, NamesTheSubcommandsWhenOneIsMissing) {
  EXPECT_EQ(run({"remote"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: `axon remote` needs a command: add\n"));
}

TEST_F(AppTest, NamesTheOptionWhoseValueIsMissing) {
  EXPECT_EQ(run({"save", "-m"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: option '--message' needs a value\n"));
}

TEST_F(AppTest, RefusesACommandAfterDashes) {
  EXPECT_EQ(run({"--", "save"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: unknown command 'save'\n"));
}

TEST_F(AppTest, RefusesAnArgumentTooMany) {
  EXPECT_EQ(run({"remote", "add", "x", "y"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: `axon remote add` does not take the argument 'y'\n"));
}

TEST_F(AppTest, RefusesBadValuesOfGlobalOptions) {
  for (const auto& value : {"", "x", "-1", "nan", "1e300", "5h"}) {
    EXPECT_EQ(run({"save", "--lock-timeout", value}), 2) << value;
  }
  EXPECT_EQ(run({"save", "--progress", "fancy"}), 2);
  EXPECT_EQ(run({"save", "-q", "-v"}), 2);
  EXPECT_EQ(run({"save", "-C", "/nonexistent"}), 2);
}

TEST_F(AppTest, WithoutCommandPrintsTheOverview) {
  EXPECT_EQ(run({}), 0);
  EXPECT_THAT(out.str(), HasSubstr("save     save the files\n"));
  EXPECT_THAT(out.str(), HasSubstr("--lock-timeout TIME"));
}

TEST_F(AppTest, HelpPrintsTheCommandsPageThreeWays) {
  for (const auto& words : {std::vector<std::string>{"help", "remote", "add"},
                            {"remote", "add", "--help"},
                            {"remote", "add", "-h"}}) {
    out.str("");
    EXPECT_EQ(run(words), 0);
    EXPECT_THAT(
        out.str(),
        StartsWith("axon remote add: add a remote\n\nusage: axon remote add URL\n\n  URL  where it is\n"));
  }
}

TEST_F(AppTest, HelpOfAnUnknownCommandIsAnError) {
  EXPECT_EQ(run({"help", "svae"}), 2);
  EXPECT_THAT(err.str(), StartsWith("error: unknown command 'svae'\nhint: did you mean 'save'?\n"));
}

TEST_F(AppTest, HelpShowsWhatMayBeLeftOut) {
  EXPECT_EQ(run({"help", "save"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("usage: axon save [OPTION…] [PATH…]\n"));
  EXPECT_THAT(out.str(), HasSubstr("  -m, --message TEXT  say why\n      --all           all of them\n"));
}

TEST_F(AppTest, HomeIsTheOptionThenTheVariableThenAFolderAtHome) {
  run({"save"});
  EXPECT_EQ(home, "/home/ann/.axon");
  host.variables["AXON_HOME"] = "/srv/axon/";
  run({"save"});
  EXPECT_EQ(home, "/srv/axon");
  run({"save", "--home", "here"});
  EXPECT_EQ(home, host.folder / "here");
}

TEST_F(AppTest, WithoutAnyHomeSaysWhatToSet) {
  host.variables.clear();
  EXPECT_EQ(run({"save"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("AXON_HOME"));
}

TEST_F(AppTest, OutputThatCannotBeWrittenIsAnError) {
  out.setstate(std::ios::badbit);
  EXPECT_EQ(run({"save"}), 1);
  EXPECT_EQ(err.str(), "error: cannot write the output\n");
}

}  // namespace
}  // namespace axon::cli
