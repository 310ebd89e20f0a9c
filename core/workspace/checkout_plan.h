// CheckoutPlan: what a checkout does to the files of a workspace, decided before anything is written.
//
// A file that the user changed is kept where base and target agree on it, as git does; where they do not, it
// is a conflict. One that the user removed counts as absent and is written again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/workspace/checkout.h"
#include "core/workspace/obstacles.h"
#include "core/workspace/scan.h"
#include "core/workspace/stat_cache.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {

struct CheckoutPlan {
  std::vector<store::VersionFile> to_write;
  std::vector<store::VersionFile> there;  // as wanted already
  std::vector<std::string> to_remove;     // sorted
  std::vector<std::string> kept;          // changed by the user, sorted
  std::vector<std::string> conflicts;     // changes that writing and removing would lose, sorted
  std::vector<Obstacle> obstacles;
};

// Whole: the workspace goes to the target, and files of the base that it has not are removed. Parts: the
// wanted files alone are restored, over any change.
enum class CheckoutExtent { whole, parts };

struct CheckoutGoal {
  const VersionTree& base;    // what the workspace's files came from
  const VersionTree& target;  // where `wanted` come from
  std::vector<store::VersionFile> wanted;
  CheckoutExtent extent = CheckoutExtent::whole;
  Overwrite overwrite = Overwrite::no;
};

// `found`: the workspace at `root`. Reads files that the cache does not know, and changes nothing.
CheckoutPlan plan_checkout(store::Store& store, const fs::Path& root, const Scan& found,
                           const StatCache& cache, CheckoutGoal goal);

// Error(failed) that lists the conflicts, unless there are none.
void refuse_conflicts(const CheckoutPlan& plan);

}  // namespace axon::workspace
