#pragma once

#include "cli/command.h"

namespace axon::cli {

Command checkout_command();

}  // namespace axon::cli
