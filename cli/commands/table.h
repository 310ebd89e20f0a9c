// Every command of axon, in the order of the help page.
#pragma once

#include <vector>

#include "cli/command.h"

namespace axon::cli {

std::vector<Command> all_commands();

}  // namespace axon::cli
