#pragma once

#include "cli/command.h"

namespace axon::cli {

Command doctor_command();

}  // namespace axon::cli
