// Remote: a named destination, as push and fetch see it. Implemented by StoreRemote over a passive storage;
// a daemon speaks the same words over its protocol.
//
// Threads: one at a time. Errors: those of the storage or network below; Error(integrity) for a remote whose
// log or packs are damaged.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/byte_stream.h"
#include "core/content/pack_format.h"
#include "remote/sync/log_entry.h"

namespace axon::sync {

struct Capabilities {
  std::string location;  // for messages; never a credential
  std::string id;        // the same wherever the remote is reached; hex digits
  bool deploys = false;  // a push may change what is served there
};

// Where frames are looked for.
struct Whereabouts {
  std::span<const GitId> near;           // tips of the remote: in the packs that these need
  std::span<const ListedPack> uploaded;  // in packs that were sent and that no entry lists yet
};

// What a remote knows of one frame.
struct Presence {
  bool there = false;
  bool stands_alone = false;  // of several frames of one id, one that does is preferred
  PackId pack;                // that holds it
  FrameId base;               // that it needs, when it does not stand alone
  std::uint64_t size = 0;     // bytes of the frame, as stored there
};

// Takes frames as they arrive: their CRC was checked, their hash was not.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // `frame`: header, base and payload; valid during the call.
  virtual void frame(const content::FrameEntry& entry, ByteSpan frame) = 0;
};

// What a receiver asks for; all of it lies in the packs that `near` need.
struct FrameRequest {
  std::span<const GitId> near;
  std::span<const FrameId> frames;  // each once
  std::span<const Oid> files;       // every recipe of these
};

struct ReceivedPack {
  Digest id;
  fs::Path path;
};

// A tip that refs lead to after a push, and what holds all that it reaches: the packs that the tips `near`
// need, and these.
struct NewTip {
  GitId tip;
  std::vector<GitId> near;
  std::vector<ListedPack> packs;
};

struct RefTransaction {
  OpId op_id;
  std::string actor;
  std::vector<RefChange> updates;
  std::vector<NewTip> tips;       // one for each new target of `updates`
  std::vector<ListedPack> packs;  // sent, not listed yet
  // Makes the signature over a text; empty: entries are not signed.
  std::function<std::string(const std::string& text)> sign;
};

enum class UpdateOutcome {
  committed,  // all refs are updated
  moved,      // a ref is not where `updates` expects it
  stale,      // what a new tip relies on is no longer there: plan again
  unknown,    // it may or may not have happened
};

enum class SendOutcome {
  sent,
  there,    // it was there already, whole
  refused,  // its name was buried: it has to be made anew, with another name
};

class Remote {
 public:
  virtual ~Remote() = default;
  virtual Capabilities capabilities() const = 0;
  // As they are now.
  virtual const std::map<std::string, GitId>& refs() = 0;
  // In the order of `ids`.
  virtual std::vector<Presence> missing(std::span<const FrameId> ids, const Whereabouts& where) = 0;
  // Stores a pack. It means nothing until `update_refs` lists it.
  virtual SendOutcome send(const ListedPack& pack, ByteSource& source) = 0;
  // Hands each requested frame to `sink` once. Error(integrity) when one is not there or stays damaged.
  virtual void receive(const FrameRequest& request, FrameSink& sink) = 0;
  // Writes the git packs that `wants` need, but for those that `have` says are here, into `folder`, checked
  // against their names. The caller removes them.
  virtual std::vector<ReceivedPack> receive_history(std::span<const GitId> wants,
                                                    const std::function<bool(const Digest&)>& have,
                                                    const fs::Path& folder) = 0;
  // All or nothing.
  virtual UpdateOutcome update_refs(const RefTransaction& transaction) = 0;
};

}  // namespace axon::sync
