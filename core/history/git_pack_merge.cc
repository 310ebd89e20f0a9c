#include "core/history/git_pack_merge.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/history/git_pack_writer.h"
#include "core/history/pack_copy.h"
#include "core/history/pack_file.h"

namespace axon::history {

namespace {

constexpr std::size_t kWorthTheirFsyncs = 8;

struct Candidate {
  fs::Path path;
  std::uint64_t size;
};

std::set<std::string> names_in(fs::FileSystem& fs, const fs::Path& folder) {
  std::set<std::string> names;
  for (auto& entry : fs.list(folder)) names.insert(std::move(entry.name));
  return names;
}

bool is_pack(const std::string& name) {
  return name.starts_with("pack-") && name.ends_with(".pack");
}

std::string with_extension(const std::string& name, const char* extension) {
  return fs::Path(name).replace_extension(extension).string();
}

// Smallest first.
std::vector<Candidate> candidates_in(fs::FileSystem& fs, const fs::Path& folder) {
  const auto names = names_in(fs, folder);
  std::vector<Candidate> packs;
  for (const auto& name : names) {
    if (!is_pack(name) || !names.contains(with_extension(name, ".idx"))) continue;
    if (names.contains(with_extension(name, ".keep"))) continue;
    if (const auto info = fs.stat(folder / name)) packs.push_back({folder / name, info->size});
  }
  std::sort(packs.begin(), packs.end(), [](const Candidate& a, const Candidate& b) {
    return a.size != b.size ? a.size < b.size : a.path < b.path;
  });
  return packs;
}

// How many of the smallest must go, so that each of the others is at least twice the sum of all smaller ones.
std::size_t breakers_of(const std::vector<Candidate>& packs) {
  std::size_t breakers = 0;
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < packs.size(); ++at) {
    if (at > 0 && packs[at].size < 2 * sum) breakers = at + 1;
    sum += packs[at].size;
  }
  return breakers;
}

bool has_deltas(const PackFile& pack) {
  for (std::uint32_t at = 0; at < pack.index().size(); ++at)
    if (pack.is_delta(at)) return true;
  return false;
}

using Packs = std::vector<std::unique_ptr<PackFile>>;

// Those that can be copied entry by entry; a damaged one stays for fsck to look at.
Packs open_mergeable(fs::FileSystem& fs, const std::vector<Candidate>& packs, std::size_t count) {
  Packs open;
  for (std::size_t at = 0; at < count; ++at) {
    auto pack = std::make_unique<PackFile>(fs, packs[at].path, PackFile::KeepOpen::no);
    if (pack->problem().empty() && !has_deltas(*pack)) open.push_back(std::move(pack));
  }
  return open;
}

void copy_pack(fs::FileSystem& fs, const PackFile& pack, GitPackWriter& to, const CancelToken& cancel) {
  const auto& index = pack.index();
  std::vector<PackedObject> objects;
  for (std::uint32_t at = 0; at < index.size(); ++at)
    objects.push_back({index.id(at), index.crc(at), index.offset(at)});
  std::sort(objects.begin(), objects.end(),
            [](const PackedObject& a, const PackedObject& b) { return a.offset < b.offset; });
  const auto file = fs.open(pack.path(), {});
  for (std::size_t at = 0; at < objects.size(); ++at) {
    cancel.throw_if_cancelled();
    const auto end = at + 1 < objects.size() ? objects[at + 1].offset : pack.size() - kPackTrailer;
    copy_entry(*file, objects[at], end, to);
  }
}

// Deleting what cannot be had back: only after looking at what stands for it.
void check_holds_all(const PackFile& merged, const Packs& old) {
  for (const auto& pack : old) {
    for (std::uint32_t at = 0; at < pack->index().size(); ++at) {
      if (merged.index().find(pack->index().id(at))) continue;
      throw Error(ErrorCode::failed, "cannot merge git packs")
          .because("'" + merged.path().string() + "' lacks an object of '" + pack->path().string() + "'");
    }
  }
}

void remove_if_there(fs::FileSystem& fs, const fs::Path& path) {
  try {
    fs.remove(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

// The idx first: a pack without it is found by nobody, an idx without its pack misleads.
void remove_pack(fs::FileSystem& fs, const fs::Path& pack) {
  for (const char* extension : {".idx", ".rev", ".bitmap", ".mtimes", ".pack"})
    remove_if_there(fs, fs::Path(pack).replace_extension(extension));
}

bool is_temporary(const std::string& name) {
  return name.starts_with("tmp_pack_") || name.starts_with("tmp_idx_") || name.starts_with(".tmp-");
}

}  // namespace

PackMerge merge_small_packs(fs::FileSystem& fs, const fs::Path& git_dir, Random& random,
                            const CancelToken& cancel, MergeEffort effort) {
  const auto folder = pack_folder(git_dir);
  const auto candidates = candidates_in(fs, folder);
  PackMerge result{candidates.size(), candidates.size(), 0};
  const auto breakers = breakers_of(candidates);
  if (breakers < (effort == MergeEffort::thorough ? 2 : kWorthTheirFsyncs)) return result;
  const auto old = open_mergeable(fs, candidates, breakers);
  if (old.size() < 2) return result;

  GitPackWriter writer(fs, folder, random);
  for (const auto& pack : old) copy_pack(fs, *pack, writer, cancel);
  result.objects_copied = writer.objects();
  const auto name = writer.finish();
  if (!name) return result;
  const auto merged = folder / ("pack-" + name->hex() + ".pack");
  check_holds_all(PackFile(fs, merged, PackFile::KeepOpen::no), old);
  result.packs_after = result.packs_before + 1;
  for (const auto& pack : old) {
    --result.packs_after;
    if (pack->path() != merged) remove_pack(fs, pack->path());
  }
  fs.sync_directory(folder);
  return result;
}

std::uint64_t sweep_pack_folder(fs::FileSystem& fs, const fs::Path& git_dir) {
  const auto folder = pack_folder(git_dir);
  const auto names = names_in(fs, folder);
  std::uint64_t freed = 0;
  for (const auto& name : names) {
    const bool orphan =
        name.starts_with("pack-") && name.ends_with(".idx") && !names.contains(with_extension(name, ".pack"));
    if (is_temporary(name) || orphan) {
      if (const auto info = fs.stat(folder / name)) freed += info->size;
      remove_if_there(fs, folder / name);
    } else if (is_pack(name) && !names.contains(with_extension(name, ".idx"))) {
      PackFile(fs, folder / name, PackFile::KeepOpen::no);  // makes the idx
    }
  }
  fs.sync_directory(folder);
  return freed;
}

}  // namespace axon::history
