#include <algorithm>

#include "core/history/git_pack_writer.h"
#include "core/history/pack_copy.h"
#include "core/history/pack_scan.h"
#include "core/history/repository_state.h"

namespace axon::history {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::uint64_t kMaxObject = std::uint64_t{128} << 20;

// A folder for the time of unpacking.
class Scratch {
 public:
  Scratch(fs::FileSystem& fs, const fs::Path& beside)
      : fs_(fs), path_(fs::unique_path(beside.parent_path(), "unpack-")) {
    fs_.make_directory(path_, 0700);
  }
  ~Scratch() {
    try {
      fs::remove_all(fs_, path_);
    } catch (...) {  // swept with the folder it lies in
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::Path& path() const { return path_; }

 private:
  fs::FileSystem& fs_;
  fs::Path path_;
};

void copy_plain(fs::File& pack, const PackScan& scan, GitPackWriter& to, const CancelToken& cancel) {
  const auto end = pack.info().size - kPackTrailer;
  for (std::size_t at = 0; at < scan.objects.size(); ++at) {
    cancel.throw_if_cancelled();
    const auto next = at + 1 < scan.objects.size() ? scan.objects[at + 1].offset : end;
    copy_entry(pack, scan.objects[at], next, to);
  }
}

// libgit2's indexer resolves the deltas, taking bases that the pack lacks from `odb`. Returns the new pack.
fs::Path resolve_deltas(fs::File& pack, const fs::Path& into, git_odb* odb, const CancelToken& cancel) {
  const std::string action = "unpack a git pack";
  git_indexer_options options{};
  check_git(git_indexer_options_init(&options, GIT_INDEXER_OPTIONS_VERSION), action);
  git_indexer_progress progress{};
  const auto indexer = acquire<GitIndexer>(
      action, [&](auto** out) { return git_indexer_new(out, into.c_str(), 0600, odb, &options); });
  Bytes block(kBlock);
  for (std::uint64_t at = 0;;) {
    cancel.throw_if_cancelled();
    const auto got = pack.read_at(at, block);
    if (got == 0) break;
    check_git(git_indexer_append(indexer.get(), block.data(), got, &progress), action);
    at += got;
  }
  check_git(git_indexer_commit(indexer.get(), &progress), action);
  return into / (std::string("pack-") + git_indexer_name(indexer.get()) + ".pack");
}

void copy_resolved(const PackFile& pack, GitPackWriter& to, const CancelToken& cancel) {
  for (std::uint32_t at = 0; at < pack.index().size(); ++at) {
    cancel.throw_if_cancelled();
    const auto object = pack.read(at, kMaxObject);
    to.add(object.type, object.content);
  }
}

std::vector<GitId> names_of(const PackFile& pack) {
  std::vector<GitId> names;
  for (std::uint32_t at = 0; at < pack.index().size(); ++at) names.push_back(pack.index().id(at));
  return names;
}

}  // namespace

std::vector<GitId> Repository::install_pack(const fs::Path& temporary_pack, Random& random,
                                            const CancelToken& cancel) {
  auto& fs = state_->fs;
  GitPackWriter writer(fs, pack_folder(state_->git_dir), random);
  const auto file = fs.open(temporary_pack, {});
  const auto scan = scan_pack(*file, cancel);
  if (!scan.problem.empty()) {
    throw Error(ErrorCode::integrity, "cannot take in git pack '" + temporary_pack.string() + "'")
        .because(scan.problem);
  }
  std::vector<GitId> names;
  if (!scan.deltas) {
    copy_plain(*file, scan, writer, cancel);
    for (const auto& object : scan.objects) names.push_back(object.id);
  } else {
    const Scratch scratch(fs, temporary_pack);
    const auto resolved = [&] {
      const std::lock_guard lock(state_->mutex);
      return resolve_deltas(*file, scratch.path(), state_->odb.get(), cancel);
    }();
    const PackFile pack(fs, resolved, PackFile::KeepOpen::yes);
    copy_resolved(pack, writer, cancel);
    names = names_of(pack);
  }
  writer.finish();
  refresh();
  fs.remove(temporary_pack);
  return names;
}

}  // namespace axon::history
