#pragma once

#include "cli/command.h"

namespace axon::cli {

Command stats_command();

}  // namespace axon::cli
