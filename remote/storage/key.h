// Key: the name of an object in a storage. Valid by construction.
//
//   key     = segment *( "/" segment )          at most 1,024 bytes
//   segment = 1*255 bytes of UTF-8 without control characters, "/" and "\"; not "." or "..", and not starting
//             with ".axon-", which adapters use for what is no object (temporary files, locks)
// A key is relative and cannot leave the storage's place. Ordered by its bytes.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace axon::storage {

class Key {
 public:
  static constexpr std::size_t kMaxSize = 1024;
  static constexpr std::string_view kReservedPrefix = ".axon-";

  // Throws Error(usage) that quotes the text.
  explicit Key(std::string_view text);
  static bool valid(std::string_view text);
  const std::string& text() const { return text_; }
  // The part after the last '/'.
  std::string_view name() const;
  auto operator<=>(const Key&) const = default;

 private:
  std::string text_;
};

}  // namespace axon::storage
