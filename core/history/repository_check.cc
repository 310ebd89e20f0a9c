#include <algorithm>

#include "core/history/pack_scan.h"
#include "core/history/repository_state.h"

namespace axon::history {

namespace {

// What a reader who goes by the idx would not find where the pack has it.
std::string compare_with_idx(const PackScan& scan, const GitPackIndex& index) {
  for (const auto& object : scan.objects) {
    const auto at = index.find(object.id);
    if (!at) return "its idx lacks object '" + object.id.hex() + "'";
  }
  if (!scan.deltas && scan.objects.size() < index.size()) return "its idx names objects that it has not";
  return {};
}

std::string problem_of(fs::FileSystem& fs, const PackFile& pack, Repository::PackCheck depth,
                       const CancelToken& cancel) {
  if (!pack.problem().empty() || depth == Repository::PackCheck::opening) return pack.problem();
  const auto scan = scan_pack(*fs.open(pack.path(), {}), cancel);
  return scan.problem.empty() ? compare_with_idx(scan, pack.index()) : scan.problem;
}

}  // namespace

std::vector<Repository::PackProblem> Repository::check_packs(PackCheck depth, const CancelToken& cancel) {
  std::vector<PackProblem> problems;
  for (const auto& pack : *state_->objects.all_packs()) {
    cancel.throw_if_cancelled();
    auto problem = problem_of(state_->fs, *pack, depth, cancel);
    if (!problem.empty()) problems.push_back({pack->path(), std::move(problem)});
  }
  return problems;
}

}  // namespace axon::history
