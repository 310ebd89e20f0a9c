#pragma once

#include "cli/command.h"

namespace axon::cli {

Command config_command();

}  // namespace axon::cli
