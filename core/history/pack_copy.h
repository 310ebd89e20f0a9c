// Copying entries between packs as they lie, without inflating them.
#pragma once

#include <cstdint>

#include "core/base/fs/file_system.h"
#include "core/history/git_pack_index.h"
#include "core/history/git_pack_writer.h"

namespace axon::history {

// An entry is held in memory once. Above this, nothing here writes it, and nothing takes it in.
inline constexpr std::uint64_t kMaxEntry = std::uint64_t{128} << 20;

// Appends the entry in [object.offset, end) of `pack`, after comparing its CRC-32. Error(integrity) when it
// differs, Error(unsupported) above kMaxEntry.
void copy_entry(fs::File& pack, const PackedObject& object, std::uint64_t end, GitPackWriter& to);

}  // namespace axon::history
