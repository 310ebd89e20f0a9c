// What the files of a workspace hold, and what a version stores them as.
//
// Git blobs: text (valid UTF-8 without NUL) up to 128 KiB, `.gitattributes`, anything up to 4 KiB; the target
// of a link. Everything else, and whatever Git LFS would take for a pointer, becomes a pointer and content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "core/history/types.h"
#include "core/workspace/stat_cache.h"

namespace axon::workspace {

inline constexpr std::uint64_t kMaxTextBlob = 128 * 1024;
inline constexpr std::uint64_t kMaxSmallBlob = 4 * 1024;
inline constexpr std::uint64_t kMaxAttributes = 1024 * 1024;  // of a .gitattributes

enum class StoredAs { blob, pointer };

// True when it takes the bytes to tell how a file is stored; others become pointers.
bool may_be_blob(std::string_view path, std::uint64_t size);
// `content`: all of a file for which may_be_blob holds. Error(usage) for a .gitattributes that is too long.
StoredAs stored_as(std::string_view path, ByteSpan content);

history::EntryMode mode_of(const fs::FileInfo& info);

KnownContent blob_content(ByteSpan content);
KnownContent pointer_content(const Oid& oid, std::uint64_t size);

// A file that must not change while it is read.
class StableFile {
 public:
  // Error(failed) when it has vanished or is no regular file any more.
  StableFile(fs::FileSystem& fs, const fs::Path& root, const std::string& path, std::uint64_t expected_size);
  fs::File& file() { return *file_; }
  const fs::FileInfo& info() const { return info_; }
  // All of it, at most kMaxAttributes bytes.
  Bytes read_all();
  // To be called after reading: throws Error(failed) when the file is not what it was when it was opened,
  // else returns the moment of the look.
  std::int64_t check_unchanged(const Clock& clock);

 private:
  std::string path_;
  std::unique_ptr<fs::File> file_;
  fs::FileInfo info_;
};

// Reads a file to know it, without storing it. `buffer`: scratch, at least 4096 bytes.
KnownContent read_content(StableFile& file, const std::string& path, AlignedBuffer& buffer,
                          const CancelToken& cancel);

}  // namespace axon::workspace
