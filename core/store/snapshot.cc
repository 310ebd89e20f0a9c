#include "core/store/snapshot.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/history/attributes.h"
#include "core/history/pointer.h"
#include "core/history/trailers.h"

namespace axon::store {
namespace {

// Far above what axon writes as blobs (128 KiB; .gitattributes of many pointers); histories from elsewhere
// may have more.
constexpr std::uint64_t kMaxBlob = std::uint64_t{64} << 20;

bool is_attributes(const std::string& path) {
  return path == ".gitattributes" || path.ends_with("/.gitattributes");
}

void describe(VersionFile& file, ByteSpan content) {
  file.size = content.size();
  file.sha256 = content::sha256(content);
}

}  // namespace

std::vector<VersionFile> read_version(Store& store, const GitId& commit) {
  std::vector<VersionFile> files;
  for (auto& entry : store.history().entries(commit)) {
    VersionFile file{std::move(entry.path), entry.mode, entry.id, false, 0, {}};
    const Bytes blob = store.history().blob(file.blob, kMaxBlob);
    const auto pointer =
        file.mode == history::EntryMode::symlink ? std::nullopt : history::parse_pointer(blob);
    if (pointer) {
      file.pointer = true;
      file.size = pointer->size;
      file.sha256 = pointer->oid.as<Digest>();
    } else if (is_attributes(file.path)) {
      const auto user = history::split_user_attributes(blob);
      if (user.empty() && !blob.empty()) continue;  // the user has none
      describe(file, user);
    } else {
      describe(file, blob);
    }
    files.push_back(std::move(file));
  }
  return files;
}

Bytes read_text(Store& store, const VersionFile& file) {
  Bytes blob = store.history().blob(file.blob, kMaxBlob);
  if (!is_attributes(file.path) || file.mode == history::EntryMode::symlink) return blob;
  blob.resize(history::split_user_attributes(blob).size());
  return blob;
}

Digest files_digest(std::vector<VersionFile> files) {
  std::vector<history::DigestedFile> lines;
  lines.reserve(files.size());
  for (auto& file : files) lines.push_back({file.mode, file.size, file.sha256, std::move(file.path)});
  return history::files_digest(std::move(lines));
}

void check_files_digest(Store&, const history::Commit& commit, const std::vector<VersionFile>& files) {
  const auto promised = history::parse_trailers(commit.message).files;
  if (!promised || *promised == files_digest(files)) return;
  throw Error(ErrorCode::integrity, "version '" + commit.id.short_hex() + "' is not what its commit says")
      .because("the trailer Axon-Files does not match the tree")
      .hint("run `axon fsck --full`");
}

}  // namespace axon::store
