#include "cli/commands/help.h"

namespace axon::cli {

Command help_command() {
  return {"help", Group::settings, "print the page of a command",
          [](CLI::App&) { return Action([](Context&) { return ExitCode::ok; }); }};
}

}  // namespace axon::cli
