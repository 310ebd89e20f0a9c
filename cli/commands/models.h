#pragma once

#include "cli/command.h"

namespace axon::cli {

Command models_command();

}  // namespace axon::cli
