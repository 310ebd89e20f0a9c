// Files that only save time: replaced whole, but not synced, because losing them in a power cut costs nothing
// that cannot be read again. Whoever reads one back checks that it is whole.
#pragma once

#include "core/base/fs/file_system.h"

namespace axon::sync {

// Nothing happens when it is there.
void make_folder_lazily(fs::FileSystem& fs, const fs::Path& folder);
// Makes the file's folder if needed; the folder above that exists.
void replace_lazily(fs::FileSystem& fs, const fs::Path& path, ByteSpan content);

}  // namespace axon::sync
