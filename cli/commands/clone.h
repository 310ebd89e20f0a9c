#pragma once

#include "cli/command.h"

namespace axon::cli {

Command clone_command();

}  // namespace axon::cli
