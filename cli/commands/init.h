#pragma once

#include "cli/command.h"

namespace axon::cli {

Command init_command();

}  // namespace axon::cli
