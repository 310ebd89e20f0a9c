// advance: the files of a workspace from one version to a later one, where the user has not changed them.
//
// What others committed comes in; a file that is as in `from` becomes as in `to`; one that the user changed,
// removed or has outside of every version stays. Ends with the files durable; the caller then saves the base.
// Running it again after a crash finishes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.h"
#include "core/workspace/compare.h"
#include "core/workspace/workspace.h"

namespace axon::workspace {

struct Advance {
  std::vector<std::string> written, removed;
  std::vector<std::string> kept;  // differ from `to` because the user changed them
};

// `compared`: the workspace beside `from`. Records in `cache` what it wrote.
Advance advance(store::Store& store, Workspace& workspace, const std::vector<ComparedFile>& compared,
                const VersionTree& from, const VersionTree& to, StatCache& cache, Progress& progress,
                const CancelToken& cancel);

}  // namespace axon::workspace
