#pragma once

#include "cli/command.h"

namespace axon::cli {

Command gc_command();

}  // namespace axon::cli
