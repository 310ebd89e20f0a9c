// Repository: a bare git repository, as plain git sees it; reading objects, walking, and moving refs.
//
// Objects are read from packs by axon's own reader, which checks each object against its name, and handed to
// libgit2 for walks: libgit2 never opens a pack or an idx, because its idx reader crashes on flipped bits and
// its loose reader can spin for ever. Before an idx is used, its checksum and its pack's trailer are checked;
// a bad or missing idx is rebuilt from its pack, in place when this user may write, else in memory. Packs
// with deltas and loose objects, which only plain git makes, are read too. Nothing here writes objects: see
// git_pack_writer.h.
//
// User and system git configuration are ignored. Refs are written by libgit2 with fsync, and with a reflog.
// Threads: all members are thread-safe; blobs and raw objects are read in parallel, the rest is serialised.
// Packs that other processes add are found when an object is missing; `refresh` looks at once.
// Errors: Error(integrity) for damage, which includes an object that is not there where no optional is
// returned (ask `contains`); Error(locked) when another process holds a ref's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "core/history/types.h"

namespace axon::history {

class Repository {
 public:
  // An empty repository: HEAD on refs/heads/main, config (bare, reflogs for all refs), objects/pack, refs.
  // Durable when it returns. `git_dir` does not exist, its parent does; git's templates are not used.
  static void create(fs::FileSystem& fs, const fs::Path& git_dir);

  Repository(fs::FileSystem& fs, fs::Path git_dir);
  ~Repository();
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;

  // --- objects ---
  bool contains(const GitId& id);
  RawObject read_raw(const GitId& id, std::uint64_t limit = std::uint64_t{64} << 20);
  // Error(failed) when the blob is longer than `limit` bytes, before it is read.
  Bytes blob(const GitId& id, std::uint64_t limit);
  Commit commit(const GitId& id);
  // All files of a commit's or tree's tree, recursively, sorted by path bytes. Refuses, by Error(integrity),
  // paths against path_rules.h, modes other than EntryMode's, trees out of order or deeper than a path can
  // be, and more than a million entries.
  std::vector<TreeEntry> entries(const GitId& commit_or_tree);
  // Commits whose names start with these hex digits (at least 4, else Error(usage)), sorted.
  std::vector<GitId> find_commits(const std::string& hex_prefix);
  // Follows annotated tags; nullopt when they end at something else, or at a missing object.
  std::optional<GitId> peel_to_commit(const GitId& id);

  // --- walks; ids may be commits or annotated tags; hidden ids that are not here are passed over ---
  // Commits reachable from `tips` and not from `hidden`, newest first, never a parent before its child.
  std::vector<GitId> walk(std::span<const GitId> tips, std::span<const GitId> hidden);
  std::optional<GitId> merge_base(const GitId& one, const GitId& other);
  // True for a commit and itself.
  bool is_ancestor(const GitId& ancestor, const GitId& of);
  // Commits of `local` that `upstream` has not, and the reverse.
  std::pair<std::size_t, std::size_t> ahead_behind(const GitId& local, const GitId& upstream);
  // Every object (tag, commit, tree, blob) reachable from `tips` and not from `hidden`, each once: what a
  // push must carry.
  std::vector<GitId> objects(std::span<const GitId> tips, std::span<const GitId> hidden);

  // --- refs ---
  std::optional<Ref> ref(const std::string& name);
  // Sorted by name; those that start with `prefix`. A ref whose file is damaged or whose object is missing is
  // Error(integrity) that names it, never passed over.
  std::vector<Ref> refs(const std::string& prefix);
  // The same without stopping at damage: the good ones, and what is wrong with each bad one, sorted.
  struct RefProblem {
    std::string name, problem;
  };
  struct RefCheck {
    std::vector<Ref> good;
    std::vector<RefProblem> bad;
  };
  RefCheck check_refs();
  // All or nothing: locks all, compares all with `expected_old`, then writes, with a reflog entry each
  // (`who` and one line of text); should a write fail, those already made are undone. Error(moved) names the
  // ref and where it is; Error(usage) for a name that git refuses or that is a folder of another ref's name.
  // The caller holds the store's publish.lock: *.lock files of these refs are leftovers of a crash and are
  // removed.
  void update_refs(std::span<const RefUpdate> updates, const Person& who, const std::string& reflog_message);
  // Newest first; empty when the ref has none.
  std::vector<ReflogEntry> reflog(const std::string& ref);
  // The ref that HEAD names, whether it exists or not.
  std::string head();
  void set_head(const std::string& ref);

  // --- packs ---
  // Packs that came or went since become visible.
  void refresh();
  // What is wrong with the packs, as far as opening them tells; `every_byte` reads them whole, inflates and
  // hashes each object and compares the packs' own checksums. Sorted by path; damage is reported, not thrown.
  enum class PackCheck { opening, every_byte };
  struct PackProblem {
    fs::Path pack;
    std::string problem;
  };
  std::vector<PackProblem> check_packs(PackCheck depth, const CancelToken& cancel);
  // Takes in a foreign git pack (complete, or thin against what is here): each object is unpacked and hashed,
  // the pack's own checksum compared, and all objects are written as a pack of ours, without deltas. Returns
  // the names of its objects. `temporary_pack` is removed, unless it throws; scratch files lie beside it.
  std::vector<GitId> install_pack(const fs::Path& temporary_pack, Random& random, const CancelToken& cancel);
  const fs::Path& git_dir() const;

  struct State;  // for the sources of this class alone

 private:
  std::unique_ptr<State> state_;
};

}  // namespace axon::history
