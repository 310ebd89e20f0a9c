#include "remote/sync/strict_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace axon::sync {

void refuse_document(std::string_view document, const std::string& reason) {
  throw Error(ErrorCode::integrity, "cannot read " + std::string(document)).because(reason);
}

StrictObject::StrictObject(const nlohmann::json& value, std::string_view document, std::string place)
    : value_(value), document_(document), place_(std::move(place)) {
  if (!value_.is_object())
    refuse_document(document_, place_.empty() ? "it is no JSON object" : "'" + place_ + "' is no object");
}

void StrictObject::refuse(const std::string& field, const std::string& reason) const {
  const auto where = place_.empty() ? field : place_ + "." + field;
  refuse_document(document_, "'" + where + "' " + reason);
}

bool StrictObject::has(const char* field) const {
  return value_.contains(field);
}

const nlohmann::json& StrictObject::any(const char* field) {
  const auto found = value_.find(field);
  if (found == value_.end()) refuse(field, "is missing");
  read_.insert(field);
  return *found;
}

std::uint64_t StrictObject::number(const char* field, std::uint64_t max) {
  const auto& value = any(field);
  if (!value.is_number_unsigned()) refuse(field, "is no whole number");
  const auto number = value.get<std::uint64_t>();
  if (number > max) refuse(field, "is larger than " + std::to_string(max));
  return number;
}

std::string StrictObject::text(const char* field, std::size_t max_size) {
  const auto& value = any(field);
  if (!value.is_string()) refuse(field, "is no string");
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > max_size) refuse(field, "is longer than " + std::to_string(max_size) + " bytes");
  return text;
}

const nlohmann::json& StrictObject::array(const char* field) {
  const auto& value = any(field);
  if (!value.is_array()) refuse(field, "is no array");
  return value;
}

const nlohmann::json& StrictObject::object(const char* field) {
  const auto& value = any(field);
  if (!value.is_object()) refuse(field, "is no object");
  return value;
}

void StrictObject::finish() const {
  for (const auto& [key, value] : value_.items()) {
    if (!read_.contains(key)) refuse(key, "is no field that this program knows");
  }
}

}  // namespace axon::sync
