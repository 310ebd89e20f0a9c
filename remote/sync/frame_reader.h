// FrameReader: reads wanted frames out of packs at a storage, in as few requests as make sense, and checks
// their CRCs. A frame that arrives damaged is asked for again, alone.
//
// Threads: one at a time.
#pragma once

#include <vector>

#include "remote/storage/storage.h"
#include "remote/sync/remote.h"

namespace axon::sync {

class FrameReader {
 public:
  FrameReader(storage::Storage& storage, FrameSink& sink) : storage_(storage), sink_(sink) {}

  // `wanted`: entries of this pack's footer.
  void read(const ListedPack& pack, std::vector<content::FrameEntry> wanted);

  // Bytes of a pack, read in one request.
  struct Extent {
    std::uint64_t begin = 0, end = 0;
    std::vector<content::FrameEntry> frames;  // wanted ones in it, by offset
  };
  // Frames with little between them share a request; when most of a stretch is wanted, all of it is read.
  static std::vector<Extent> plan(std::vector<content::FrameEntry> wanted);

 private:
  void read_extent(const ListedPack& pack, const Extent& extent);
  void read_again(const ListedPack& pack, const content::FrameEntry& entry);

  storage::Storage& storage_;
  FrameSink& sink_;
};

}  // namespace axon::sync
