#pragma once

#include "cli/command.h"

namespace axon::cli {

Command branch_command();

}  // namespace axon::cli
