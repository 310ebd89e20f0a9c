// Ctrl-C: the first asks the running command to stop (it keeps what is stored and exits with 130), the second
// stops at once.
#pragma once

#include "core/base/cancel.h"

namespace axon::cli {

// For SIGINT, SIGTERM and SIGHUP. `token` lives as long as the process. Called once, by main.
void cancel_on_signals(CancelToken& token);

}  // namespace axon::cli
