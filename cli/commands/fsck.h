#pragma once

#include "cli/command.h"

namespace axon::cli {

Command fsck_command();

}  // namespace axon::cli
