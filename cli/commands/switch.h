#pragma once

#include "cli/command.h"

namespace axon::cli {

Command switch_command();

}  // namespace axon::cli
