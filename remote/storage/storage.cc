#include "remote/storage/storage.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/base/error.h"

namespace axon::storage {

namespace {

// Fills a span of known size.
class SpanSink final : public ByteSink {
 public:
  explicit SpanSink(MutableByteSpan into) : left_(into) {}
  void write(ByteSpan bytes) override {
    if (bytes.size() > left_.size()) throw Error(ErrorCode::integrity, "more bytes came than were asked for");
    if (bytes.empty()) return;
    std::memcpy(left_.data(), bytes.data(), bytes.size());
    left_ = left_.subspan(bytes.size());
  }
  bool full() const { return left_.empty(); }

 private:
  MutableByteSpan left_;
};

std::string described(Storage& storage, const Key& key) {
  return "'" + key.text() + "' at '" + storage.location() + "'";
}

}  // namespace

std::optional<Bytes> read_object(Storage& storage, const Key& key, std::uint64_t limit) {
  BytesSink sink(limit);
  try {
    if (!storage.read(key, {}, sink)) return std::nullopt;
  } catch (Error& error) {
    error.within("cannot read " + described(storage, key));
    throw;
  }
  return sink.take();
}

void read_range(Storage& storage, const Key& key, std::uint64_t offset, MutableByteSpan into) {
  SpanSink sink(into);
  const auto found = storage.read(key, {.offset = offset, .length = into.size()}, sink);
  if (!found) throw Error(ErrorCode::not_found, "there is no " + described(storage, key));
  if (!sink.full()) {
    throw Error(ErrorCode::integrity, "cannot read " + described(storage, key))
        .because("fewer bytes came than were asked for");
  }
}

std::vector<ListedObject> list_all(Storage& storage, std::string_view prefix, std::string_view after) {
  std::vector<ListedObject> all;
  std::string last(after);
  for (bool more = true; more;) {
    auto page = storage.list(prefix, last);
    more = page.more && !page.objects.empty();
    if (!page.objects.empty()) {
      // A listing that does not move on would never end.
      if (page.objects.front().key.text() <= last) {
        throw Error(ErrorCode::integrity, "cannot list '" + storage.location() + "'")
            .because("the listing went back to '" + page.objects.front().key.text() + "'");
      }
      last = page.objects.back().key.text();
    }
    std::move(page.objects.begin(), page.objects.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace axon::storage
