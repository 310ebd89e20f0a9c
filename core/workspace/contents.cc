#include "core/workspace/contents.h"

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/utf8.h"
#include "core/history/attributes.h"
#include "core/history/pointer.h"

namespace axon::workspace {

namespace {

Error cannot_read(const std::string& path, const std::string& why) {
  return Error(ErrorCode::failed, "cannot read '" + path + "'")
      .because(why)
      .hint("wait until nothing writes to the files, and try again");
}

bool is_text(ByteSpan content) {
  const auto text = as_text(content);
  return text.find('\0') == std::string_view::npos && content::is_utf8(text);
}

}  // namespace

bool may_be_blob(std::string_view path, std::uint64_t size) {
  return size <= kMaxTextBlob || history::is_attributes_path(path);
}

StoredAs stored_as(std::string_view path, ByteSpan content) {
  if (history::is_attributes_path(path)) {
    if (content.size() <= kMaxAttributes) return StoredAs::blob;
    throw Error(ErrorCode::usage, "cannot store '" + std::string(path) + "'")
        .because("it is longer than 1 MiB");
  }
  if (content.size() < history::kMaxPointer && history::looks_like_pointer(content)) return StoredAs::pointer;
  if (content.size() <= kMaxSmallBlob) return StoredAs::blob;
  return content.size() <= kMaxTextBlob && is_text(content) ? StoredAs::blob : StoredAs::pointer;
}

history::EntryMode mode_of(const fs::FileInfo& info) {
  if (info.type == fs::FileType::symlink) return history::EntryMode::symlink;
  return (info.mode & 0100) != 0 ? history::EntryMode::executable : history::EntryMode::file;
}

KnownContent blob_content(ByteSpan content) {
  return {history::object_id(history::ObjectType::blob, content), content::sha256(content), content.size(),
          false};
}

KnownContent pointer_content(const Oid& oid, std::uint64_t size) {
  const auto pointer = history::encode_pointer({oid, size});
  return {history::object_id(history::ObjectType::blob, as_bytes(pointer)), oid.as<Digest>(), size, true};
}

StableFile::StableFile(fs::FileSystem& fs, const fs::Path& root, const std::string& path,
                       std::uint64_t expected_size)
    : path_(path) {
  fs::OpenOptions options;
  if (!may_be_blob(path, expected_size)) options.caching = fs::Caching::read_past;
  try {
    file_ = fs.open(root / path, options);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) throw cannot_read(path, "it has vanished meanwhile");
    throw;
  }
  info_ = file_->info();
  if (info_.type != fs::FileType::regular) throw cannot_read(path, "it is no regular file any more");
}

Bytes StableFile::read_all() {
  if (info_.size > kMaxAttributes) throw cannot_read(path_, "it is longer than 1 MiB");
  Bytes content(info_.size);
  if (file_->read_at(0, content) != content.size()) throw cannot_read(path_, "it changed while it was read");
  return content;
}

std::int64_t StableFile::check_unchanged(const Clock& clock) {
  const auto now = file_->info();
  const bool same =
      now.size == info_.size && now.mtime_ns == info_.mtime_ns && now.ctime_ns == info_.ctime_ns;
  if (!same) throw cannot_read(path_, "it changed while it was read");
  return clock.now_ns();
}

KnownContent read_content(StableFile& file, const std::string& path, AlignedBuffer& buffer,
                          const CancelToken& cancel) {
  const auto size = file.info().size;
  if (may_be_blob(path, size)) {
    const auto content = file.read_all();
    if (stored_as(path, content) == StoredAs::blob) return blob_content(content);
    return pointer_content(content::sha256(content).as<Oid>(), size);
  }
  content::Sha256 hasher;
  for (std::uint64_t offset = 0; offset < size;) {
    cancel.throw_if_cancelled();
    const auto got = file.file().read_at(offset, buffer.span());
    if (got == 0) throw cannot_read(path, "it changed while it was read");
    hasher.update({buffer.data(), got});
    offset += got;
  }
  return pointer_content(hasher.finish().as<Oid>(), size);
}

}  // namespace axon::workspace
