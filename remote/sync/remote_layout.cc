#include "remote/sync/remote_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace axon::sync {

namespace {

constexpr std::size_t kDigits = 20;  // of 2^64 − 1
constexpr std::string_view kSuffix = ".json";

storage::Key numbered(std::string_view prefix, std::uint64_t seq) {
  return storage::Key(fmt::format("{}{:0{}}{}", prefix, seq, kDigits, kSuffix));
}

std::optional<std::uint64_t> number_in(std::string_view text, std::string_view prefix) {
  if (text.size() != prefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  if (!text.starts_with(prefix) || !text.ends_with(kSuffix)) return std::nullopt;
  const auto digits = text.substr(prefix.size(), kDigits);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + kDigits, number);
  if (error != std::errc{} || end != digits.data() + kDigits) return std::nullopt;
  return number;
}

}  // namespace

storage::Key config_key() {
  return storage::Key("axon.json");
}
storage::Key log_key(std::uint64_t seq) {
  return numbered(kLogPrefix, seq);
}
storage::Key snapshot_key(std::uint64_t seq) {
  return numbered(kSnapshotPrefix, seq);
}

storage::Key pack_key(PackKind kind, const Digest& id) {
  const auto hex = id.hex();
  if (kind == PackKind::history) return storage::Key(fmt::format("{}{}.pack", kHistoryPrefix, hex));
  return storage::Key(fmt::format("{}{}/{}.pack", kContentPrefix, hex.substr(0, 2), hex));
}

std::optional<std::uint64_t> log_seq(const storage::Key& key) {
  return number_in(key.text(), kLogPrefix);
}
std::optional<std::uint64_t> snapshot_seq(const storage::Key& key) {
  return number_in(key.text(), kSnapshotPrefix);
}

}  // namespace axon::sync
