// The parts of JSON that entries and snapshots of the push log share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "remote/sync/log_entry.h"
#include "remote/sync/strict_json.h"

namespace axon::sync {

constexpr std::uint64_t kMaxNumber = std::uint64_t{1} << 53;  // that canonical JSON can hold

template <class Range>
bool strictly_sorted(const Range& range) {
  return std::ranges::adjacent_find(range, std::ranges::greater_equal{}) == std::ranges::end(range);
}

// What is wrong with the numbers of a listed pack, if anything.
std::optional<std::string> problem_of_pack(const ListedPack& pack);

nlohmann::json pack_to_json(const ListedPack& pack);
// Reads the fields of a pack; the caller may read more and finishes.
ListedPack read_pack(StrictObject& object);

nlohmann::json needs_to_json(const Needs& needs);
Needs read_needs(const nlohmann::json& object, std::string_view document);

nlohmann::json tombstones_to_json(const Tombstones& tombstones);
Tombstones read_tombstones(const nlohmann::json& object, std::string_view document);

}  // namespace axon::sync
