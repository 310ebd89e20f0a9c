#include "core/workspace/commit_look.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/workspace/contents.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kMostListed = 10;
constexpr std::size_t kReadBlock = std::size_t{1} << 20;

bool names(const std::string& selected, const std::string& path) {
  if (selected.empty() || selected == path) return true;
  return path.size() > selected.size() && path.starts_with(selected) && path[selected.size()] == '/';
}

bool is_selected(const CommitRun& run, const std::string& path) {
  if (run.options.paths.empty()) return true;
  return std::ranges::any_of(run.options.paths,
                             [&](const std::string& selection) { return names(selection, path); });
}

void refuse_problems(const Scan& scan) {
  if (scan.problems.empty()) return;
  Error error(ErrorCode::failed, "a version cannot hold these files");
  for (std::size_t i = 0; i < scan.problems.size() && i < kMostListed; ++i) error.because(scan.problems[i]);
  throw error.hint("rename them, or name them in '.axonignore'");
}

void refuse_unmatched_paths(const CommitRun& run, const Findings& found) {
  for (const auto& selection : run.options.paths) {
    const bool matched = std::ranges::any_of(
        found.compared, [&](const ComparedFile& compared) { return names(selection, compared.path()); });
    if (matched) continue;
    Error error(ErrorCode::not_found, "there is no file '" + selection + "' to commit");
    if (fs::exists(run.fs, run.root / selection)) error.because("it is ignored, or cannot be in a version");
    throw error;
  }
}

}  // namespace

Findings look(CommitRun& run) {
  run.progress.begin("looking at the files", 0);
  Findings found;
  const auto rules = IgnoreRules::read(run.fs, run.root / store::WorkspaceLayout::kIgnore);
  found.scan = scan(run.fs, run.root, run.store.layout().root, rules, run.cancel);
  refuse_problems(found.scan);
  found.base = read_tree(run.store, run.base());
  found.compared = compare(run.store, found.scan, found.base, run.cache);
  for (std::size_t i = 0; i < found.compared.size(); ++i) {
    const auto& compared = found.compared[i];
    if (compared.verdict == Verdict::same || !is_selected(run, compared.path())) continue;
    found.changed.push_back(i);
    if (compared.file != nullptr && compared.file->info.type == fs::FileType::regular)
      found.to_read.push_back(i);
  }
  refuse_unmatched_paths(run, found);
  run.progress.end();
  return found;
}

void read_unread(CommitRun& run, Findings& found) {
  AlignedBuffer buffer(kReadBlock);
  std::erase_if(found.changed, [&](std::size_t i) {
    auto& compared = found.compared[i];
    if (compared.verdict != Verdict::unread) return false;
    StableFile file(run.fs, run.root, compared.path(), compared.file->info.size);
    const auto content = read_content(file, compared.path(), buffer, run.cancel);
    file.check_unchanged(run.store.environment().clock);
    compared.verdict = judge(run.store, found.base, compared, content);
    return compared.verdict == Verdict::same;
  });
}

}  // namespace axon::workspace
