#pragma once

#include "cli/command.h"

namespace axon::cli {

Command restore_command();

}  // namespace axon::cli
