#include "remote/sync/log_json.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace axon::sync {

namespace {

using Json = nlohmann::json;

const char* to_string(PackKind kind) {
  return kind == PackKind::content ? "content" : "history";
}

std::vector<Digest> read_names(const Json& array, std::string_view document, const std::string& place) {
  std::vector<Digest> names;
  for (const auto& each : array) {
    if (!each.is_string()) refuse_document(document, "'" + place + "' holds something that is no string");
    names.push_back(parse_id<Digest>(each.get_ref<const std::string&>(), document, place));
  }
  return names;
}

std::vector<std::uint32_t> read_indexes(const Json& array, std::string_view document) {
  if (!array.is_array()) refuse_document(document, "'needs' holds something that is no array");
  std::vector<std::uint32_t> indexes;
  indexes.reserve(array.size());
  for (const auto& each : array) {
    if (!each.is_number_unsigned() || each.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
      refuse_document(document, "'needs' holds something that is no index");
    }
    indexes.push_back(each.get<std::uint32_t>());
  }
  return indexes;
}

}  // namespace

std::optional<std::string> problem_of_pack(const ListedPack& pack) {
  const bool content = pack.kind == PackKind::content;
  if (pack.id.is_zero()) return "a pack's id is zeros";
  if (pack.size == 0) return "the pack " + pack.id.hex() + " is empty";
  if (content ? pack.footer == 0 || pack.footer > pack.size : pack.footer != 0)
    return "the footer of the pack " + pack.id.hex() + " cannot have this size";
  return std::nullopt;
}

Json pack_to_json(const ListedPack& pack) {
  return {
      {"id", pack.id.hex()}, {"kind", to_string(pack.kind)}, {"size", pack.size}, {"footer", pack.footer}};
}

ListedPack read_pack(StrictObject& object) {
  ListedPack pack;
  pack.id = object.id<Digest>("id");
  const auto kind = object.text("kind", 16);
  if (kind != "content" && kind != "history") object.refuse("kind", "is neither 'content' nor 'history'");
  pack.kind = kind == "content" ? PackKind::content : PackKind::history;
  pack.size = object.number("size", kMaxNumber);
  pack.footer =
      static_cast<std::uint32_t>(object.number("footer", std::numeric_limits<std::uint32_t>::max()));
  return pack;
}

Json needs_to_json(const Needs& needs) {
  Json json = Json::object();
  for (const auto& [tip, packs] : needs) json[tip.hex()] = packs;
  return json;
}

Needs read_needs(const Json& object, std::string_view document) {
  Needs needs;
  for (const auto& [tip, packs] : object.items())
    needs.emplace(parse_id<GitId>(tip, document, "needs"), read_indexes(packs, document));
  return needs;
}

Json tombstones_to_json(const Tombstones& tombstones) {
  const auto names = [](const std::vector<Digest>& ids) {
    Json array = Json::array();
    for (const auto& id : ids) array.push_back(id.hex());
    return array;
  };
  return {{"content", names(tombstones.content)}, {"history", names(tombstones.history)}};
}

Tombstones read_tombstones(const Json& json, std::string_view document) {
  StrictObject object(json, document, "tombstones");
  Tombstones tombstones;
  tombstones.content = read_names(object.array("content"), document, "tombstones.content");
  tombstones.history = read_names(object.array("history"), document, "tombstones.history");
  object.finish();
  return tombstones;
}

}  // namespace axon::sync
