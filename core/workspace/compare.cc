#include "core/workspace/compare.h"

#include <algorithm>

#include "core/workspace/contents.h"

namespace axon::workspace {

namespace {

Verdict compare_link(const ScannedFile& file, const history::TreeEntry& base) {
  if (base.mode != history::EntryMode::symlink) return Verdict::differs;
  const auto id = history::object_id(history::ObjectType::blob, as_bytes(file.target));
  return id == base.id ? Verdict::same : Verdict::differs;
}

Verdict compare_file(store::Store& store, const VersionTree& tree, const StatCache& cache,
                     const ComparedFile& compared) {
  const auto& file = *compared.file;
  const auto& base = *compared.base;
  if (file.info.type == fs::FileType::symlink) return compare_link(file, base);
  if (mode_of(file.info) != base.mode) return Verdict::differs;
  if (const auto* known = cache.unchanged(file.path, file.info)) return judge(store, tree, compared, *known);
  // The blob that the base has was known once: another size is another content.
  const auto* remembered = cache.find(file.path);
  if (remembered != nullptr && remembered->blob == base.id && remembered->size != file.info.size) {
    return Verdict::differs;
  }
  return Verdict::unread;
}

}  // namespace

std::vector<ComparedFile> compare(store::Store& store, const Scan& scan, const VersionTree& base,
                                  const StatCache& cache) {
  std::vector<ComparedFile> compared;
  compared.reserve(std::max(scan.files.size(), base.files.size()));
  auto file = scan.files.begin();
  auto entry = base.files.begin();
  while (file != scan.files.end() || entry != base.files.end()) {
    ComparedFile next{nullptr, nullptr, Verdict::differs};
    const bool take_file =
        entry == base.files.end() || (file != scan.files.end() && file->path <= entry->path);
    const bool take_entry =
        file == scan.files.end() || (entry != base.files.end() && entry->path <= file->path);
    if (take_file) next.file = &*file++;
    if (take_entry) next.base = &*entry++;
    if (take_file && take_entry) next.verdict = compare_file(store, base, cache, next);
    compared.push_back(next);
  }
  return compared;
}

Verdict judge(store::Store& store, const VersionTree& tree, const ComparedFile& file,
              const KnownContent& content) {
  const bool same = mode_of(file.file->info) == file.base->mode && holds(store, tree, *file.base, content);
  return same ? Verdict::same : Verdict::differs;
}

}  // namespace axon::workspace
