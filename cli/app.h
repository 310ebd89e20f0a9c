// The whole program behind main: parse, run, report.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/host.h"

namespace axon::cli {

// Never throws. `words` without the program's name. Returns the exit code (docs/guide/exit-codes.md).
int run_app(const std::vector<Command>& table, const std::vector<std::string>& words, Host& host);

}  // namespace axon::cli
