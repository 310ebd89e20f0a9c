// open_storage: from the address of a place to its adapter. The only list of the kinds of storage that there
// are.
#pragma once

#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/fs/file_system.h"
#include "remote/storage/storage.h"

namespace axon::storage {

// What adapters are given to work with; references outlive the storage.
struct StorageContext {
  fs::FileSystem& fs;
  const Clock& clock;
};

// True for "scheme://…"; anything else is a path.
bool is_url(std::string_view address);

// `address`: a path, or file://[localhost]/path with percent escapes. Nothing is read or made yet. Throws
// Error(usage) for an address that cannot be one, Error(unsupported) for an unknown scheme, with the known
// ones.
std::unique_ptr<Storage> open_storage(const std::string& address, const StorageContext& context);

}  // namespace axon::storage
