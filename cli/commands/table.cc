#include "cli/commands/table.h"

#include "cli/commands/help.h"
#include "cli/commands/version.h"

namespace axon::cli {

std::vector<Command> all_commands() {
  return {
      version_command(),
      help_command(),
  };
}

}  // namespace axon::cli
