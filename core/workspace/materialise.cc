#include "core/workspace/materialise.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/workspace/scan.h"

namespace axon::workspace {
namespace {

// From here on writing past the page cache is cheaper than through it.
constexpr std::uint64_t kDirectFrom = std::uint64_t{8} << 20;

// As a user's own programs would make them; the umask takes its share.
std::uint32_t creation_mode(history::EntryMode mode) {
  return mode == history::EntryMode::executable ? 0777 : 0666;
}

fs::OpenOptions creation(const store::VersionFile& file) {
  fs::OpenOptions options;
  options.access = fs::Access::create;
  options.mode = creation_mode(file.mode);
  if (file.pointer && file.size >= kDirectFrom) options.caching = fs::Caching::direct;
  return options;
}

bool is_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

Materialiser::Materialiser(store::Store& store, fs::Path root, fs::Path staging)
    : store_(store), fs_(store.environment().fs), root_(std::move(root)), staging_(std::move(staging)) {}

Materialiser::~Materialiser() {
  try {
    fs::remove_all(fs_, staging_);
  } catch (const std::exception&) {  // the next checkout or gc meets it as a leftover
  }
}

void Materialiser::write(std::vector<store::VersionFile> files, Progress& progress,
                         const CancelToken& cancel) {
  files_ = std::move(files);
  std::ranges::sort(files_, {}, &store::VersionFile::path);
  make_staging_folders();
  std::vector<std::size_t> order(files_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // The largest first: at the end many small ones keep all threads busy.
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return files_[a].size > files_[b].size; });
  std::uint64_t total = 0;
  for (const auto& file : files_) total += file.size;
  progress.begin("checking out", total);
  content::RestorePool pool(store_.content(), 2 * store_.threads(), progress, cancel);
  pool.run(order.size(), [&](std::size_t item, content::RestoreWorker& worker) {
    const auto number = order[item];
    write_one(files_[number], staging_ / files_[number].path, worker, progress);
  });
  fs_.sync_all(staging_);
  progress.end();
}

// One folder for all would make every thread wait for its lock.
void Materialiser::make_staging_folders() {
  fs::make_directories(fs_, staging_);
  std::unordered_set<std::string_view> made;
  for (const auto& file : files_) {
    const std::string_view path = file.path;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      const auto folder = path.substr(0, slash);
      if (made.insert(folder).second) fs_.make_directory(staging_ / folder, 0777);
    }
  }
}

void Materialiser::write_one(const store::VersionFile& file, const fs::Path& target,
                             content::RestoreWorker& worker, Progress& progress) {
  try {
    if (file.mode == history::EntryMode::symlink) {
      const Bytes text = store::read_text(store_, file);
      const std::string link(as_text(text));
      if (!stays_inside(file.path, link)) {
        throw Error(ErrorCode::integrity, "the link points out of the version, to '" + link + "'");
      }
      return fs_.make_symlink(link, target);
    }
    const auto out = fs_.open(target, creation(file));
    if (file.pointer) {
      worker.restore(file.sha256.as<Oid>(), file.size, *out);
    } else {
      const Bytes text = store::read_text(store_, file);
      if (!text.empty()) out->write_at(0, text);
      progress.advance(text.size());
    }
    out->close();
  } catch (Error& error) {
    if (error.code() != ErrorCode::interrupted) error.within("cannot check out '" + file.path + "'");
    throw;
  }
}

bool Materialiser::place_folders(const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (folders_.contains(folder)) continue;
    const auto info = fs_.stat(root_ / folder);
    if (!info) {
      fs_.rename(staging_ / folder, root_ / folder);
      changed_root_ = true;
      placed_ = folder + "/";
      return true;
    }
    if (info->type != fs::FileType::directory) {
      throw Error(ErrorCode::failed, "cannot write '" + path + "'")
          .because("'" + folder + "' is " + (info->type == fs::FileType::symlink ? "a link" : "no folder"))
          .hint("move '" + folder + "' away and try again");
    }
    folders_.insert(folder);
  }
  return false;
}

// A folder that became empty, or holds only such folders, may stand where a file is to be.
void Materialiser::clear_place(const fs::Path& place) {
  const auto info = fs_.stat(place);
  if (!info || info->type != fs::FileType::directory) return;
  for (const auto& entry : fs_.list(place)) {
    if (entry.type == fs::FileType::directory) {
      clear_place(place / entry.name);
    } else {
      throw Error(ErrorCode::failed, "cannot write '" + place.string() + "'")
          .because("a folder of that name holds files that are in no version")
          .hint("move the folder away and try again");
    }
  }
  fs_.remove_directory(place);
  changed_root_ = true;
}

void Materialiser::place() {
  placed_.clear();
  for (const auto& file : files_) {
    if (!placed_.empty() && file.path.starts_with(placed_)) continue;
    if (place_folders(file.path)) continue;
    const auto target = root_ / file.path;
    const auto staged = staging_ / file.path;
    try {
      fs_.rename(staged, target);
    } catch (const Error&) {
      clear_place(target);
      fs_.rename(staged, target);
    }
    changed_root_ = true;
  }
}

void Materialiser::remove(const std::string& path) {
  const auto info = fs_.stat(root_ / path);
  if (info && info->type != fs::FileType::directory) {
    fs_.remove(root_ / path);
    changed_root_ = true;
  }
  for (auto folder = fs::Path(path).parent_path(); !folder.empty(); folder = folder.parent_path()) {
    const auto above = fs_.stat(root_ / folder);
    if (!above) continue;
    if (above->type != fs::FileType::directory || !fs_.list(root_ / folder).empty()) return;
    fs_.remove_directory(root_ / folder);
    changed_root_ = true;
    folders_.erase(folder.string());
  }
}

std::vector<store::VersionFile> select_files(std::vector<store::VersionFile> files,
                                             const std::vector<std::string>& paths) {
  if (paths.empty()) return files;
  std::vector<bool> used(paths.size(), false);
  std::erase_if(files, [&](const store::VersionFile& file) {
    bool wanted = false;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (!paths[i].empty() && file.path != paths[i] && !is_below(file.path, paths[i])) continue;
      wanted = used[i] = true;
    }
    return !wanted;
  });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (used[i]) continue;
    throw Error(ErrorCode::not_found, "the version has no file '" + paths[i] + "'")
        .hint("run `axon show` to see its files");
  }
  return files;
}

}  // namespace axon::workspace
