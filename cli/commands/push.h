#pragma once

#include "cli/command.h"

namespace axon::cli {

Command push_command();

}  // namespace axon::cli
