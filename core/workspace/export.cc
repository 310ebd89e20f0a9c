// export_version of checkout.h.

#include "core/base/error.h"
#include "core/workspace/checkout.h"
#include "core/workspace/materialise.h"
#include "core/workspace/obstacles.h"
#include "core/workspace/version_tree.h"

namespace axon::workspace {
namespace {

void prepare_folder(fs::FileSystem& fs, const fs::Path& directory, Overwrite overwrite) {
  const auto info = fs.stat(directory);
  if (!info) return fs::make_directories(fs, directory);
  if (info->type != fs::FileType::directory) {
    throw Error(ErrorCode::already_exists, "cannot check out to '" + directory.string() + "'")
        .because("it is no folder");
  }
  if (overwrite == Overwrite::no && !fs.list(directory).empty()) {
    throw Error(ErrorCode::already_exists, "cannot check out to '" + directory.string() + "'")
        .because("the folder is not empty")
        .hint("name a new folder, or write over its files with `--force`");
  }
}

}  // namespace

CheckoutResult export_version(store::Store& store, const GitId& commit, const fs::Path& directory,
                              const std::vector<std::string>& paths, Overwrite overwrite, Progress& progress,
                              const CancelToken& cancel) {
  auto& fs = store.environment().fs;
  const auto started = store.environment().clock.now_ns();
  const auto content_lock = store.lock_content(cancel);
  const auto nothing_known = [](std::string_view) -> const KnownContent* { return nullptr; };
  auto files = describe_all(store, read_tree(store, commit), nothing_known, cancel);
  store::check_files_digest(store, store.history().commit(commit), files);
  files = select_files(std::move(files), paths);
  prepare_folder(fs, directory, overwrite);
  if (overwrite == Overwrite::yes) {
    const auto nothing_goes = [](const std::string&) { return false; };
    refuse_obstacles(find_obstacles(fs, directory, files, nothing_goes));
  }
  CheckoutResult result;
  for (const auto& file : files) {
    result.written.push_back(file.path);
    result.bytes_written += file.size;
  }
  {
    Materialiser materialiser(store, directory, fs::unique_path(directory, ".axon-partial-"));
    materialiser.write(std::move(files), progress, cancel);
    materialiser.place();
  }
  fs.sync_all(directory);
  result.elapsed_ns = store.environment().clock.now_ns() - started;
  return result;
}

}  // namespace axon::workspace
