#pragma once

#include "cli/command.h"

namespace axon::cli {

Command log_command();

}  // namespace axon::cli
