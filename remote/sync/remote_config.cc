#include "remote/sync/remote_config.h"

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "remote/sync/strict_json.h"

namespace axon::sync {

namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::uint64_t kMaxConfigSize = 64 * 1024;

std::string encode_config(const RemoteConfig& config) {
  return canonical_json({{"format", kFormat}, {"kind", "remote"}, {"remote_id", config.id.hex()}}) + "\n";
}

Error local_store(const std::string& location) {
  return Error(ErrorCode::already_exists, "'" + location + "' is no remote")
      .because("it is somebody's local store")
      .hint("name another, empty folder");
}

RemoteConfig decode_config(std::string_view bytes, const std::string& location) {
  const auto name = "'axon.json' at '" + location + "'";
  const auto json = parse_json(bytes, name);
  StrictObject object(json, name);
  const auto kind = object.text("kind", 64);
  if (kind == "local") throw local_store(location);
  if (kind != "remote" || object.number("format", 1'000'000) != kFormat) {
    throw Error(ErrorCode::unsupported, "cannot use the remote at '" + location + "'")
        .because("its axon.json is of a kind or format that this program does not know")
        .hint("use a newer axon");
  }
  RemoteConfig config{object.id<RemoteId>("remote_id")};
  if (config.id.is_zero()) object.refuse("remote_id", "is zeros");
  object.finish();
  if (encode_config(config) != bytes) refuse_document(name, "it is no canonical JSON (RFC 8785)");
  return config;
}

}  // namespace

std::optional<RemoteConfig> find_remote(storage::Storage& storage) {
  if (const auto bytes = storage::read_object(storage, config_key(), kMaxConfigSize))
    return decode_config(as_text(*bytes), storage.location());
  const auto page = storage.list("", "");
  if (page.objects.empty()) return std::nullopt;
  throw Error(ErrorCode::already_exists, "'" + storage.location() + "' is no remote")
      .because("it has no axon.json, but other files, such as '" + page.objects.front().key.text() + "'")
      .hint("name an empty or new folder, or write plain files there with `axon publish`");
}

RemoteConfig open_remote(storage::Storage& storage) {
  if (const auto config = find_remote(storage)) return *config;
  throw Error(ErrorCode::not_found, "there is no remote at '" + storage.location() + "'")
      .because("the place is empty")
      .hint("make one with `axon remote add NAME " + storage.location() + "`");
}

RemoteConfig create_remote(storage::Storage& storage, Random& random) {
  if (!storage.traits().write_if_absent) {
    throw Error(ErrorCode::unsupported, "cannot make a remote at '" + storage.location() + "'")
        .because("it cannot write an object only if it is absent")
        .hint("write plain files there with `axon publish`");
  }
  if (const auto config = find_remote(storage)) return *config;
  RemoteConfig config;
  random.fill(config.id.bytes);
  const auto bytes = encode_config(config);
  SpanSource source(as_bytes(bytes));
  // Somebody else may be faster; and where no answer came, what is there now tells.
  try {
    if (storage.write(config_key(), source, storage::Condition::if_absent()).written) return config;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::network) throw;
    const auto there = find_remote(storage);
    if (!there) throw;
    return *there;
  }
  return open_remote(storage);
}

}  // namespace axon::sync
