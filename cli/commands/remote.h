#pragma once

#include "cli/command.h"

namespace axon::cli {

Command remote_command();

}  // namespace axon::cli
