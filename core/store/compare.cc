#include "core/store/compare.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/content/restore.h"

namespace axon::store {
namespace {

bool same(const VersionFile& before, const VersionFile& after) {
  return before.sha256 == after.sha256 && before.mode == after.mode;
}

// Merges two lists that are sorted by path.
std::vector<FileDifference> compare_by_path(const std::vector<VersionFile>& before,
                                            const std::vector<VersionFile>& after) {
  std::vector<FileDifference> differences;
  auto old = before.begin();
  for (auto now = after.begin(); old != before.end() || now != after.end();) {
    const bool gone = now == after.end() || (old != before.end() && old->path < now->path);
    const bool fresh = !gone && (old == before.end() || now->path < old->path);
    if (gone) {
      differences.push_back({FileDifferenceKind::removed, *old++, std::nullopt});
    } else if (fresh) {
      differences.push_back({FileDifferenceKind::added, std::nullopt, *now++});
    } else {
      if (!same(*old, *now)) differences.push_back({FileDifferenceKind::changed, *old, *now});
      ++old;
      ++now;
    }
  }
  return differences;
}

// Turns pairs of a removed and an added file with one content into renames. Of several, the first by path.
void find_renames(std::vector<FileDifference>& differences) {
  std::multimap<Digest, std::size_t> removed;
  for (std::size_t at = 0; at < differences.size(); ++at) {
    const auto& each = differences[at];
    if (each.kind == FileDifferenceKind::removed && each.before->size > 0) {
      removed.emplace(each.before->sha256, at);
    }
  }
  for (auto& each : differences) {
    if (each.kind != FileDifferenceKind::added) continue;
    const auto found = removed.lower_bound(each.after->sha256);
    if (found == removed.end() || found->first != each.after->sha256) continue;
    each.kind = FileDifferenceKind::renamed;
    each.before = std::exchange(differences[found->second].before, std::nullopt);
    removed.erase(found);
  }
  std::erase_if(differences, [](const auto& each) { return !each.before && !each.after; });
}

content::Recipe recipe_of(Store& store, const VersionFile& file) {
  auto found = store.content().recipe(file.sha256.as<Oid>());
  if (found) return std::move(found->recipe);
  throw Error(ErrorCode::integrity, "cannot read the tensors of '" + file.path + "'")
      .because("the store has no recipe of its content")
      .hint("run `axon fsck --full`");
}

}  // namespace

std::vector<FileDifference> compare_files(const std::vector<VersionFile>& before,
                                          const std::vector<VersionFile>& after) {
  auto differences = compare_by_path(before, after);
  find_renames(differences);
  return differences;
}

std::vector<model::ModelTensor> read_tensors(Store& store, const std::vector<VersionFile>& files) {
  std::vector<model::ModelTensor> tensors;
  for (const auto& file : files) {
    if (!file.pointer) continue;
    for (auto& tensor : recipe_of(store, file).tensors) {
      tensors.push_back({std::move(tensor.name), std::move(tensor.dtype), std::move(tensor.shape),
                         tensor.length, tensor.id, file.path});
    }
  }
  return tensors;
}

model::TensorReader tensor_reader(Store& store, const std::vector<VersionFile>& files,
                                  const model::ModelTensor& tensor) {
  const auto file =
      std::find_if(files.begin(), files.end(), [&](const auto& each) { return each.path == tensor.file; });
  if (file == files.end()) throw Error(ErrorCode::failed, "no file '" + tensor.file + "' in this version");
  struct Source {
    content::Recipe recipe;
    content::ContentStore::Scratch scratch;
    std::uint64_t at = 0, left = 0;
  };
  // A std::function is copied; its copies read one tensor on, as copies of a descriptor would.
  auto source = std::make_shared<Source>();
  source->recipe = recipe_of(store, *file);
  for (const auto& each : source->recipe.tensors) {
    if (each.name != tensor.name || each.id != tensor.id) continue;
    source->at = each.offset;
    source->left = each.length;
  }
  return [&store, source](MutableByteSpan into) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), source->left));
    content::read_file_range(store.content(), source->recipe, source->at, into.first(length),
                             source->scratch);
    source->at += length;
    source->left -= length;
    return length;
  };
}

}  // namespace axon::store
