#pragma once

#include "cli/command.h"

namespace axon::cli {

Command tag_command();

}  // namespace axon::cli
