// MemoryStorage: objects in memory, for tests and as the plainest example of the contract.
#pragma once

#include <map>
#include <mutex>

#include "core/base/clock.h"
#include "remote/storage/storage.h"

namespace axon::storage {

class MemoryStorage final : public Storage {
 public:
  // `page_size`: how many objects one listing returns at most.
  explicit MemoryStorage(const Clock& clock, std::size_t page_size = 1000)
      : clock_(clock), page_size_(page_size) {}

  Traits traits() const override;
  std::string location() const override { return "memory:"; }
  std::optional<ObjectInfo> stat(const Key& key) override;
  std::optional<ObjectInfo> read(const Key& key, const ByteRange& range, ByteSink& sink) override;
  WriteResult write(const Key& key, ByteSource& source, const Condition& condition) override;
  void remove(const Key& key) override;
  ListPage list(std::string_view prefix, std::string_view after) override;

 private:
  struct Object {
    Bytes bytes;
    ObjectInfo info;
  };
  bool holds(const Key& key, const Condition& condition) const;

  const Clock& clock_;
  const std::size_t page_size_;
  std::mutex mutex_;
  std::map<Key, Object> objects_;
  std::uint64_t writes_ = 0;
};

}  // namespace axon::storage
