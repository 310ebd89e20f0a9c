#pragma once

#include "cli/command.h"

namespace axon::cli {

Command commit_command();

}  // namespace axon::cli
