#pragma once

#include "cli/command.h"

namespace axon::cli {

Command show_command();

}  // namespace axon::cli
