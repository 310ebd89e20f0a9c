#pragma once

#include "cli/command.h"

namespace axon::cli {

Command version_command();

}  // namespace axon::cli
