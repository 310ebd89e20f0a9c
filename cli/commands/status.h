#pragma once

#include "cli/command.h"

namespace axon::cli {

Command status_command();

}  // namespace axon::cli
