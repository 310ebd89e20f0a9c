// scan_pack: a whole pack from its first byte to its last, believing nothing: inflates each object, names it
// by its hash, checks the pack's own checksum. For packs from strangers and packs whose idx is bad.
//
// Memory: 512 KiB and 32 bytes per object, whatever the objects' sizes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/fs/file_system.h"
#include "core/history/git_pack_index.h"

namespace axon::history {

struct PackScan {
  std::vector<PackedObject> objects;  // in the order of the pack; of deltas none
  bool deltas = false;                // entries that are deltas were passed over
  GitId checksum;                     // the pack's last 20 bytes
  std::string problem;                // empty: all is well; else why `objects` ends before the pack does
};

PackScan scan_pack(fs::File& pack, const CancelToken& cancel);

}  // namespace axon::history
