#include "core/base/subprocess.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace axon {
namespace {

using namespace std::chrono_literals;

ProcessResult shell(const std::string& script, const ProcessOptions& options = {}) {
  const CancelToken cancel;
  return run_process({"sh", "-c", script}, options, cancel);
}

Error error_of(const std::vector<std::string>& argv, const ProcessOptions& options = {}) {
  const CancelToken cancel;
  try {
    run_process(argv, options, cancel);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::usage, "nothing was thrown");
}

TEST(RunProcess, ReturnsBothOutputsAndTheExitCode) {
  const auto result = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.standard_output, "out\n");
  EXPECT_EQ(result.standard_error, "err\n");
}

TEST(RunProcess, PassesArgumentsWithoutAShell) {
  const CancelToken cancel;
  const auto result = run_process({"printf", "%s|", "a b", "$HOME", "*", "'"}, {}, cancel);
  EXPECT_EQ(result.standard_output, "a b|$HOME|*|'|");
}

TEST(RunProcess, FeedsMoreInputThanAPipeHoldsWhileReadingTheOutput) {
  ProcessOptions options;
  for (int i = 0; i < 300'000; ++i) options.standard_input += "line\n";
  const auto result = shell("cat; cat </dev/null >&2", options);
  EXPECT_EQ(result.standard_output, options.standard_input);
}

TEST(RunProcess, SurvivesAChildThatDoesNotReadItsInput) {
  ProcessOptions options;
  options.standard_input.assign(1'000'000, 'x');
  EXPECT_EQ(shell("exec 0<&-; exit 0", options).exit_code, 0);
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(RunProcess, GivesAnEmptyInputAtOnce) {
  EXPECT_EQ(shell("cat").standard_output, "");
}

TEST(RunProcess, ReportsADeathBySignalAs128PlusItsNumber) {
  EXPECT_EQ(shell("kill -9 $$").exit_code, 137);
}

TEST(RunProcess, SetsAndUnsetsVariables) {
  ::setenv("AXON_TEST_UNSET", "was here", 1);
  ProcessOptions options;
  options.environment = {{"AXON_TEST_SET", "a=b"}, {"AXON_TEST_UNSET", ""}};
  EXPECT_EQ(shell("echo $AXON_TEST_SET ${AXON_TEST_UNSET-gone}", options).standard_output, "a=b gone\n");
  ::unsetenv("AXON_TEST_UNSET");
}

TEST(RunProcess, RunsInTheWorkingDirectory) {
  const test::TempDir folder;
  ProcessOptions options;
  options.working_directory = folder.path().string();
  EXPECT_EQ(shell("pwd -P", options).standard_output,
            std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(RunProcess, SaysWhenThereIsNoSuchProgram) {
  const auto error = error_of({"axon-no-such-program"});
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_EQ(error.message(), "cannot run 'axon-no-such-program'");
}

TEST(RunProcess, SaysWhenTheFileIsNoProgram) {
  EXPECT_EQ(error_of({"/dev/null"}).code(), ErrorCode::not_found);
}

TEST(RunProcess, SaysWhenTheWorkingDirectoryIsMissing) {
  ProcessOptions options;
  options.working_directory = "/no/such/folder";
  const auto error = error_of({"true"}, options);
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_EQ(error.causes().at(0), "no folder '/no/such/folder'");
}

TEST(RunProcess, RefusesAnEmptyCommand) {
  EXPECT_EQ(error_of({}).code(), ErrorCode::usage);
  EXPECT_EQ(error_of({""}).code(), ErrorCode::usage);
}

TEST(RunProcess, KillsAProcessThatTakesTooLong) {
  ProcessOptions options;
  options.timeout = 100ms;
  const auto before = std::chrono::steady_clock::now();
  const auto error = error_of({"sh", "-c", "sleep 60"}, options);
  EXPECT_EQ(error.code(), ErrorCode::failed);
  EXPECT_EQ(error.causes().at(0), "it did not finish in 0.1 s");
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

TEST(RunProcess, KillsTheWholeGroupEvenWhenItIgnoresTheFirstSignal) {
  const test::TempDir folder;
  ProcessOptions options;
  options.timeout = 200ms;
  const auto file = (folder / "pid").string();
  error_of(
      {"sh", "-c", "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ >" + file + "; sleep 60 & wait' & wait"},
      options);
  pid_t grandchild = 0;
  std::ifstream(file) >> grandchild;
  ASSERT_GT(grandchild, 0);
  // Its reaping is init's affair; dead is enough (a zombie's command line is empty).
  for (int i = 0; i < 200 && ::kill(grandchild, 0) == 0; ++i) {
    std::ifstream command("/proc/" + std::to_string(grandchild) + "/cmdline");
    if (command.peek() == std::ifstream::traits_type::eof()) break;
    std::this_thread::sleep_for(10ms);
  }
  std::ifstream command("/proc/" + std::to_string(grandchild) + "/cmdline");
  EXPECT_EQ(command.peek(), std::ifstream::traits_type::eof());
}

TEST(RunProcess, KillsAProcessThatWritesTooMuch) {
  ProcessOptions options;
  options.output_limit = 1000;
  const auto error = error_of({"sh", "-c", "yes"}, options);
  EXPECT_EQ(error.code(), ErrorCode::failed);
  EXPECT_EQ(error.causes().at(0), "it wrote more than 1000 bytes");
  EXPECT_EQ(error_of({"sh", "-c", "yes >&2"}, options).causes().at(0), "it wrote more than 1000 bytes");
}

TEST(RunProcess, AllowsOutputOfExactlyTheLimit) {
  ProcessOptions options;
  options.output_limit = 1000;
  EXPECT_EQ(shell("printf %1000s x", options).standard_output.size(), 1000u);
  EXPECT_EQ(error_of({"sh", "-c", "printf %1001s x"}, options).code(), ErrorCode::failed);
}

TEST(RunProcess, StopsWhenCancelled) {
  CancelToken cancel;
  std::thread canceller([&] {
    std::this_thread::sleep_for(50ms);
    cancel.cancel();
  });
  const auto before = std::chrono::steady_clock::now();
  try {
    run_process({"sleep", "60"}, {}, cancel);
    ADD_FAILURE() << "did not throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
  canceller.join();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(RunProcess, StopsAProcessThatAsksAtTheTerminal) {
  // What reading from the terminal does to a program in the background: a passphrase prompt would wait for
  // ever.
  const auto error = error_of({"sh", "-c", "kill -TTIN $$"});
  EXPECT_EQ(error.code(), ErrorCode::failed);
  EXPECT_EQ(error.causes().at(0), "it asked for input at the terminal");
}

TEST(RunProcess, DoesNotWaitForAGrandchildThatKeepsThePipesOpen) {
  const auto before = std::chrono::steady_clock::now();
  const auto result = shell("echo $$; sleep 5 & echo done");
  EXPECT_NE(result.standard_output.find("done\n"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(RunProcess, WaitsForAChildThatClosesItsOutputsEarly) {
  EXPECT_EQ(shell("exec >&- 2>&-; sleep 0.1; exit 7").exit_code, 7);
}

}  // namespace
}  // namespace axon
