// IdTable: which place in a list an object's name has; half the memory of std::unordered_map, for millions.
//
// Open addressing over positions, so the names themselves stay in the caller's list. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/ids.h"

namespace axon::history {

class IdTable {
 public:
  // `name_of(position)` is the name that was inserted for a position.
  template <class NameOf>
  std::optional<std::uint32_t> find(const GitId& id, NameOf name_of) const {
    if (slots_.empty()) return std::nullopt;
    for (auto slot = start(id); slots_[slot] != kEmpty; slot = (slot + 1) & (slots_.size() - 1))
      if (name_of(slots_[slot]) == id) return slots_[slot];
    return std::nullopt;
  }

  // The caller has made sure that `id` is not in the table.
  template <class NameOf>
  void insert(const GitId& id, std::uint32_t position, NameOf name_of) {
    if ((count_ + 1) * 3 > slots_.size() * 2) grow(name_of);
    place(id, position);
    ++count_;
  }

  void clear() {
    slots_.clear();
    count_ = 0;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xffffffff;

  // Names are hashes: any of their bits are as good as a hash function's.
  std::size_t start(const GitId& id) const { return std::hash<GitId>{}(id) & (slots_.size() - 1); }

  void place(const GitId& id, std::uint32_t position) {
    auto slot = start(id);
    while (slots_[slot] != kEmpty) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = position;
  }

  template <class NameOf>
  void grow(NameOf name_of) {
    const auto old = std::move(slots_);
    slots_.assign(old.empty() ? 64 : old.size() * 2, kEmpty);
    for (const auto position : old)
      if (position != kEmpty) place(name_of(position), position);
  }

  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace axon::history
