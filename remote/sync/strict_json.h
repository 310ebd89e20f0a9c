// StrictObject: reads a JSON object field by field and refuses what is missing, of another type, too large,
// or left over. Throws Error(integrity) that names the document and the field.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/ids.h"

namespace axon::sync {

[[noreturn]] void refuse_document(std::string_view document, const std::string& reason);

class StrictObject {
 public:
  // `document` names the whole document, `place` this object in it ("", "packs[3]"). References outlive it.
  StrictObject(const nlohmann::json& value, std::string_view document, std::string place = {});

  bool has(const char* field) const;
  std::uint64_t number(const char* field, std::uint64_t max);
  std::string text(const char* field, std::size_t max_size);
  const nlohmann::json& array(const char* field);
  const nlohmann::json& object(const char* field);
  const nlohmann::json& any(const char* field);
  template <class IdType>
  IdType id(const char* field) {
    const auto parsed = IdType::parse(text(field, IdType::kSize * 2));
    if (!parsed) refuse(field, "is no lower-case hex of " + std::to_string(IdType::kSize) + " bytes");
    return *parsed;
  }
  // Refuses fields that nobody has asked for.
  void finish() const;
  [[noreturn]] void refuse(const std::string& field, const std::string& reason) const;

 private:
  const nlohmann::json& value_;
  std::string_view document_;
  std::string place_;
  std::set<std::string> read_;
};

// An id from an array's element or an object's key.
template <class IdType>
IdType parse_id(std::string_view text, std::string_view document, const std::string& place) {
  const auto parsed = IdType::parse(text);
  if (!parsed) refuse_document(document, "'" + place + "' holds no hex id");
  return *parsed;
}

}  // namespace axon::sync
