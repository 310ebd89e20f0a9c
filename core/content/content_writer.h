// ContentWriter: new frames on their way into the store. Nothing is visible before `publish`.
//
// Frames go into packs of kPackTargetSize at temporary paths; `publish` (under the store's publish.lock)
// renames the packs to their places, syncs the folders and adds them to the index. Without it the destructor
// removes them. Threads: claim and add are thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include "core/content/content_store.h"
#include "core/content/pack_writer.h"

namespace axon::content {

class ContentWriter {
 public:
  explicit ContentWriter(ContentStore& store);
  ~ContentWriter();
  ContentWriter(const ContentWriter&) = delete;
  ContentWriter& operator=(const ContentWriter&) = delete;

  // True when neither the store nor this writer has the object: the caller now owes an add. Others get false.
  bool claim(const FrameId& id);
  // Adds a frame; see PackWriter::append. Rotates packs.
  void add(const FrameEntry& entry, ByteSpan payload);
  // Adds a frame exactly as another pack or remote holds it, already CRC-checked.
  void add_copy(const FrameEntry& entry, ByteSpan frame);
  // Makes all data durable (footers, fsync) without publishing: the slow part, done before publish.lock is
  // taken.
  void finish();
  // Requires finish. Renames, syncs folders, indexes; returns the new packs.
  std::vector<PackFooter> publish();

  struct Totals {
    std::uint64_t frames = 0, raw = 0, stored = 0;  // stored: as in the packs, headers included
  };
  Totals totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace axon::content
