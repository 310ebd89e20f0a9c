#include "remote/storage/adapters/memory.h"

#include <algorithm>

#include "core/base/error.h"
#include "remote/storage/range.h"

namespace axon::storage {

Traits MemoryStorage::traits() const {
  return {.write_if_absent = true,
          .write_if_matches = true,
          .ranged_reads = true,
          .strong_listing = true,
          .modified_times = true};
}

std::optional<ObjectInfo> MemoryStorage::stat(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return found->second.info;
}

std::optional<ObjectInfo> MemoryStorage::read(const Key& key, const ByteRange& range, ByteSink& sink) {
  ObjectInfo info;
  Bytes bytes;  // a copy, so that the sink may be slow, or call us
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return std::nullopt;
    info = found->second.info;
    const auto length = length_within(range, info.size, key);
    const auto from = ByteSpan(found->second.bytes).subspan(range.offset, length);
    bytes.assign(from.begin(), from.end());
  }
  sink.write(bytes);
  return info;
}

bool MemoryStorage::holds(const Key& key, const Condition& condition) const {
  const auto found = objects_.find(key);
  switch (condition.kind) {
    case Condition::Kind::always:
      return true;
    case Condition::Kind::if_absent:
      return found == objects_.end();
    case Condition::Kind::if_matches:
      return found != objects_.end() && found->second.info.etag == condition.etag;
  }
  return false;
}

WriteResult MemoryStorage::write(const Key& key, ByteSource& source, const Condition& condition) {
  Object object;
  object.bytes.resize(source.size());
  source.read_at(0, object.bytes);
  const std::lock_guard lock(mutex_);
  if (!holds(key, condition)) return {};
  object.info = {
      .size = object.bytes.size(), .etag = std::to_string(++writes_), .modified_ns = clock_.now_ns()};
  const auto etag = object.info.etag;
  objects_.insert_or_assign(key, std::move(object));
  return {.written = true, .etag = etag};
}

void MemoryStorage::remove(const Key& key) {
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
}

ListPage MemoryStorage::list(std::string_view prefix, std::string_view after) {
  const std::lock_guard lock(mutex_);
  ListPage page;
  for (const auto& [key, object] : objects_) {
    if (key.text() <= after || !key.text().starts_with(prefix)) continue;
    if (page.objects.size() == page_size_) {
      page.more = true;
      break;
    }
    page.objects.push_back({key, object.info});
  }
  return page;
}

}  // namespace axon::storage
