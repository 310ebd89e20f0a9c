#pragma once

#include "cli/command.h"

namespace axon::cli {

// Only the row for the overview: parse() turns `help X` into `X --help`.
Command help_command();

}  // namespace axon::cli
