#include "core/history/pack_copy.h"

#include <isa-l.h>

#include "core/base/error.h"

namespace axon::history {

void copy_entry(fs::File& pack, const PackedObject& object, std::uint64_t end, GitPackWriter& to) {
  if (to.contains(object.id)) return;
  if (end - object.offset > kMaxEntry) {
    throw Error(ErrorCode::unsupported, "git object '" + object.id.hex() + "' is too large")
        .because("it takes more than 128 MiB in its pack")
        .hint("keep files of this size as Git LFS pointers: `git lfs migrate import`");
  }
  Bytes entry(end - object.offset);
  const auto got = pack.read_at(object.offset, entry);
  const auto crc = crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(entry.data()), got);
  if (got != entry.size() || crc != object.crc) {
    throw Error(ErrorCode::integrity, "git object '" + object.id.hex() + "' is damaged")
        .because("its bytes in the pack do not match their checksum")
        .hint("run `axon fsck`");
  }
  to.add_entry(object.id, entry);
}

}  // namespace axon::history
