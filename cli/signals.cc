#include "cli/signals.h"

#include <csignal>
#include <cstring>

#include <unistd.h>

namespace axon::cli {

namespace {

// A signal handler is given nothing but the signal's number: this is the only way to hand it the token.
CancelToken* watched = nullptr;

extern "C" void stop(int) {
  if (watched->cancelled()) _exit(130);
  watched->cancel();
}

}  // namespace

void cancel_on_signals(CancelToken& token) {
  watched = &token;
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_handler = stop;
  action.sa_flags = SA_RESTART;  // whoever waits looks at the token; no call has to expect EINTR
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction inherited;
    // nohup and shells' background jobs ignore signals on purpose.
    if (sigaction(signal, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace axon::cli
