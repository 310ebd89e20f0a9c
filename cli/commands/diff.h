#pragma once

#include "cli/command.h"

namespace axon::cli {

Command diff_command();

}  // namespace axon::cli
