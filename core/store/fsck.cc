#include "core/store/fsck.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"
#include "core/store/reach.h"
#include "core/store/snapshot.h"

namespace axon::store {
namespace {

class Fsck {
 public:
  Fsck(Store& store, content::CheckDepth depth, Progress& progress, const CancelToken& cancel)
      : store_(store), depth_(depth), progress_(progress), cancel_(cancel) {}

  FsckReport run() {
    check_packs();
    check_refs();
    check_commits();
    if (depth_ == content::CheckDepth::full) check_objects();
    std::sort(files_.begin(), files_.end());
    files_.erase(std::unique(files_.begin(), files_.end()), files_.end());
    report_.files = files_.size();
    auto found = content::check(store_.content(), files_, depth_, store_.threads(), progress_, cancel_);
    std::move(found.begin(), found.end(), std::back_inserter(report_.damage));
    return std::move(report_);
  }

 private:
  // Runs one look; damage becomes a line of the report.
  template <class Look>
  void look(const std::string& subject, const Look& action) {
    cancel_.throw_if_cancelled();
    try {
      action();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      report_.damage.push_back({subject, error.causes().empty() ? error.message() : error.causes().back()});
    }
  }

  void check_packs() {
    using PackCheck = history::Repository::PackCheck;
    const auto depth = depth_ == content::CheckDepth::full ? PackCheck::every_byte : PackCheck::opening;
    for (const auto& bad : store_.history().check_packs(depth, cancel_)) {
      report_.damage.push_back({"git pack '" + bad.pack.string() + "'", bad.problem});
    }
  }

  void check_refs() {
    const auto checked = store_.history().check_refs();
    for (const auto& bad : checked.bad) report_.damage.push_back({"ref '" + bad.name + "'", bad.problem});
    for (const auto& ref : checked.good) tips_.push_back(ref.target);
    report_.refs = tips_.size();
  }

  void check_commits() {
    std::vector<GitId> commits;
    look("history", [&] { commits = store_.history().walk(tips_, {}); });
    report_.commits = commits.size();
    progress_.begin("checking versions", commits.size());
    for (const auto& id : commits) {
      look("version '" + id.hex() + "'", [&] {
        const auto files = read_version(store_, id);
        check_files_digest(store_, store_.history().commit(id), files);
        for (const auto& file : files) {
          if (file.pointer) files_.push_back(file.sha256.as<Oid>());
        }
      });
      progress_.advance(1);
    }
    progress_.end();
  }

  void check_objects() {
    std::vector<GitId> objects;
    look("history", [&] { objects = store_.history().objects(tips_, {}); });
    for (const auto& id : objects) {
      look("git object '" + id.hex() + "'", [&] { store_.history().read_raw(id); });
    }
  }

  Store& store_;
  const content::CheckDepth depth_;
  Progress& progress_;
  const CancelToken& cancel_;
  FsckReport report_;
  std::vector<GitId> tips_;
  std::vector<Oid> files_;
};

}  // namespace

FsckReport fsck(Store& store, content::CheckDepth depth, Progress& progress, const CancelToken& cancel) {
  const auto lock = store.lock_content(cancel);
  return Fsck(store, depth, progress, cancel).run();
}

}  // namespace axon::store
