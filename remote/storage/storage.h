// Storage: keys and bytes at some place: a folder, a bucket, memory. What every adapter implements; retry,
// limits, caching and encryption are wrappers over the same interface. tests/contract/storage_contract.h says
// the same in code.
//
// An object is written whole or not at all: readers see the old bytes or the new ones. What `write` and
// `remove` have acknowledged survives a power cut at the storage. Threads: all members are thread-safe.
// Errors, of all members:
//   network          no usable answer; a write or remove may have happened or may yet happen: read back
//   unknown_outcome  a write or remove can be seen but may not last; reading back proves nothing
//   integrity        the object is shorter than a range asks for, or the place is not what it should be
//   anything else    the call did not happen
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/byte_stream.h"
#include "remote/storage/key.h"

namespace axon::storage {

// What a storage can do beyond the least. Found out by the adapter, not by asking the user.
struct Traits {
  bool write_if_absent = false;   // without it a storage cannot hold a push log
  bool write_if_matches = false;  //
  bool ranged_reads = false;      // false: a range costs as much as the whole object
  bool strong_listing = false;    // a listing shows every write that was acknowledged before it began
  bool modified_times = false;    // ObjectInfo::modified_ns is set, by the storage's own clock
  std::uint64_t max_object_size = std::numeric_limits<std::uint64_t>::max();
};

struct ObjectInfo {
  std::uint64_t size = 0;
  std::string etag;              // differs whenever the bytes may differ; means nothing else
  std::int64_t modified_ns = 0;  // since 1970, by the storage's clock
};

// Bytes [offset, offset + length) of an object; they must be there.
struct ByteRange {
  static constexpr std::uint64_t kToEnd = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t offset = 0;
  std::uint64_t length = kToEnd;
};

struct Condition {
  enum class Kind { always, if_absent, if_matches };
  Kind kind = Kind::always;
  std::string etag;  // of if_matches

  static Condition always() { return {}; }
  static Condition if_absent() { return {Kind::if_absent, {}}; }
  static Condition if_matches(std::string etag) { return {Kind::if_matches, std::move(etag)}; }
};

struct WriteResult {
  bool written = false;  // false: the condition did not hold; nothing was changed
  std::string etag;      // of the new object, when written
};

struct ListedObject {
  Key key;
  ObjectInfo info;
};
struct ListPage {
  std::vector<ListedObject> objects;  // sorted by key bytes
  bool more = false;                  // there may be keys after the last of `objects`
};

class Storage {
 public:
  virtual ~Storage() = default;
  virtual Traits traits() const = 0;
  // Where it is, for messages. Never holds a credential.
  virtual std::string location() const = 0;
  // nullopt: no such object.
  virtual std::optional<ObjectInfo> stat(const Key& key) = 0;
  // Streams the range into `sink`; nullopt, and nothing streamed, when there is no such object. After an
  // error the sink may have got a part.
  virtual std::optional<ObjectInfo> read(const Key& key, const ByteRange& range, ByteSink& sink) = 0;
  virtual WriteResult write(const Key& key, ByteSource& source, const Condition& condition) = 0;
  // Nothing happens when there is no such object.
  virtual void remove(const Key& key) = 0;
  // The objects whose keys start with `prefix` and sort after `after` ("" = from the first). A page has at
  // least one object, unless there are none.
  virtual ListPage list(std::string_view prefix, std::string_view after) = 0;
};

// --- built on the interface, in storage.cc ---

// The whole object; nullopt when there is none; Error(integrity) when it is longer than `limit`.
std::optional<Bytes> read_object(Storage& storage, const Key& key, std::uint64_t limit);
// Exactly `into.size()` bytes from `offset` on; Error(not_found) when there is no such object.
void read_range(Storage& storage, const Key& key, std::uint64_t offset, MutableByteSpan into);
// Every object under `prefix` after `after`, page by page.
std::vector<ListedObject> list_all(Storage& storage, std::string_view prefix, std::string_view after = {});

}  // namespace axon::storage
