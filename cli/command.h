// Command: one row of the table of commands (commands/table.cc).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/error_report.h"

namespace CLI {
class App;
}

namespace axon::cli {

// Runs a command whose options were parsed: calls a service, then shows its result.
using Action = std::function<ExitCode(Context&)>;

enum class Group { start, work, history, share, store, settings };
const char* title(Group group);  // as the help page heads it

struct Command {
  std::string name;
  Group group;
  std::string summary;  // one line, lower case, no full stop
  // Adds options and arguments to the command's parser. The parser writes their values before the Action is
  // called and is gone by then, so both share what holds the values. May be empty when there are
  // subcommands: then one of them is required.
  std::function<Action(CLI::App&)> declare;
  std::vector<Command> subcommands = {};
  // Shown at the end of the help page: paragraphs on what it does, and command lines after "  $ ".
  std::string more = {};
};

}  // namespace axon::cli
