// The axon program: gathers what the process was given, and hands it to run_app.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/app.h"
#include "cli/commands/table.h"
#include "cli/signals.h"

namespace {

using namespace axon;

std::optional<std::string> read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::optional<std::string>(value) : std::nullopt;
}

cli::Terminal terminal_of(int descriptor) {
  cli::Terminal terminal;
  terminal.interactive = isatty(descriptor) == 1;
  winsize size{};
  if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
  }
  return terminal;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CancelToken cancel;
  cli::cancel_on_signals(cancel);
  std::error_code ignored;  // a working directory that was removed: only commands without -C will notice
  cli::Host host{.out = std::cout,
                 .err = std::cerr,
                 .out_terminal = terminal_of(STDOUT_FILENO),
                 .err_terminal = terminal_of(STDERR_FILENO),
                 .environment = read_environment,
                 .working_directory = std::filesystem::current_path(ignored),
                 .fs = fs::posix(),
                 .clock = system_clock(),
                 .random = system_random(),
                 .cancel = cancel};
  return cli::run_app(cli::all_commands(), std::vector<std::string>(argv + 1, argv + argc), host);
}
