#include "cli/commands/table.h"

#include "cli/commands/branch.h"
#include "cli/commands/checkout.h"
#include "cli/commands/clone.h"
#include "cli/commands/commit.h"
#include "cli/commands/config.h"
#include "cli/commands/diff.h"
#include "cli/commands/doctor.h"
#include "cli/commands/fsck.h"
#include "cli/commands/gc.h"
#include "cli/commands/help.h"
#include "cli/commands/init.h"
#include "cli/commands/log.h"
#include "cli/commands/models.h"
#include "cli/commands/push.h"
#include "cli/commands/remote.h"
#include "cli/commands/restore.h"
#include "cli/commands/show.h"
#include "cli/commands/stats.h"
#include "cli/commands/status.h"
#include "cli/commands/switch.h"
#include "cli/commands/tag.h"
#include "cli/commands/version.h"

namespace axon::cli {

std::vector<Command> all_commands() {
  // clang-format off: one row each
  return {
      init_command(),    clone_command(),  status_command(), commit_command(), checkout_command(),
      restore_command(), switch_command(), log_command(),    show_command(),   diff_command(),
      tag_command(),     branch_command(), remote_command(), push_command(),   models_command(),
      stats_command(),   fsck_command(),   gc_command(),     config_command(), doctor_command(),
      version_command(), help_command(),
  };
  // clang-format on
}

}  // namespace axon::cli
