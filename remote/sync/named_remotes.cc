#include "remote/sync/named_remotes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/json.h"
#include "remote/storage/open_storage.h"
#include "remote/sync/strict_json.h"

namespace axon::sync {

namespace {

constexpr std::uint64_t kMaxFile = std::uint64_t{4} << 20;
constexpr std::size_t kMaxName = 64, kMaxAddress = 4096;
constexpr std::uint64_t kFormat = 1;

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::vector<NamedRemote> decode(std::string_view bytes, const std::string& name) {
  const auto json = parse_json(bytes, name);
  StrictObject object(json, name);
  if (object.number("format", 1'000'000) != kFormat) {
    throw Error(ErrorCode::unsupported, "cannot read " + name)
        .because("it is of a format that this program does not know")
        .hint("use a newer axon");
  }
  std::vector<NamedRemote> remotes;
  for (const auto& [key, value] : object.object("remotes").items()) {
    StrictObject remote(value, name, "remotes." + key);
    if (!NamedRemotes::valid_name(key)) refuse_document(name, "'" + key + "' is no name of a remote");
    remotes.push_back({key, remote.text("address", kMaxAddress)});
    remote.finish();
  }
  object.finish();
  return remotes;
}

std::string encode(const std::vector<NamedRemote>& remotes) {
  auto json = nlohmann::json::object();
  for (const auto& remote : remotes) json[remote.name] = {{"address", remote.address}};
  return canonical_json({{"format", kFormat}, {"remotes", json}}) + "\n";
}

// The host of a URL that has one, else its last segment.
std::string_view telling_part(std::string_view address) {
  if (storage::is_url(address)) {
    auto rest = address.substr(address.find("://") + 3);
    rest = rest.substr(0, rest.find_first_of("?#"));
    auto host = rest.substr(0, rest.find('/'));
    if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
    host = host.substr(0, host.find(':'));
    if (!host.empty()) return host;
    address = rest;
  }
  while (address.ends_with('/')) address.remove_suffix(1);
  return address.substr(address.rfind('/') + 1);
}

}  // namespace

bool NamedRemotes::valid_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && is_letter_or_digit(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
}

std::vector<NamedRemote> NamedRemotes::list() const {
  auto& fs = store_.environment().fs;
  const auto path = store_.layout().remotes();
  if (!fs::exists(fs, path)) return {};
  return decode(as_text(fs::read_file(fs, path, kMaxFile)), "'" + path.string() + "'");
}

std::optional<NamedRemote> NamedRemotes::find(std::string_view name) const {
  for (auto& remote : list()) {
    if (remote.name == name) return std::move(remote);
  }
  return std::nullopt;
}

NamedRemote NamedRemotes::get(std::string_view name) const {
  if (auto found = find(name)) return std::move(*found);
  Error error(ErrorCode::not_found, "there is no remote '" + std::string(name) + "'");
  std::vector<std::string> names;
  for (const auto& remote : list()) names.push_back(remote.name);
  if (const auto meant = did_you_mean(std::string(name), names)) {
    error.hint("did you mean '" + *meant + "'?");
  } else {
    error.hint("add it with `axon remote add " + std::string(name) + " URL`");
  }
  throw error;
}

std::optional<NamedRemote> NamedRemotes::find_address(std::string_view address) const {
  for (auto& remote : list()) {
    if (remote.address == address) return std::move(remote);
  }
  return std::nullopt;
}

void NamedRemotes::save(const std::vector<NamedRemote>& remotes) {
  fs::write_file_atomically(store_.environment().fs, store_.layout().remotes(), as_bytes(encode(remotes)));
}

void NamedRemotes::add(const NamedRemote& remote, const CancelToken& cancel) {
  if (!valid_name(remote.name)) {
    throw Error(ErrorCode::usage, "'" + remote.name + "' cannot be the name of a remote")
        .because("a name has letters, digits, '_' and '-', and starts with a letter or digit");
  }
  if (remote.address.empty() || remote.address.size() > kMaxAddress)
    throw Error(ErrorCode::usage, "the address of '" + remote.name + "' is empty or too long");
  const auto lock = store_.lock_publish(cancel);
  auto remotes = list();
  const auto known = std::ranges::find(remotes, remote.name, &NamedRemote::name);
  if (known != remotes.end()) {
    if (known->address == remote.address) return;
    throw Error(ErrorCode::already_exists, "there is a remote '" + remote.name + "' already")
        .because("it leads to '" + known->address + "'")
        .hint("choose another name, or run `axon remote remove " + remote.name + "` first");
  }
  remotes.push_back(remote);
  save(remotes);
}

void NamedRemotes::remove(std::string_view name, const history::Person& who, const CancelToken& cancel) {
  get(name);
  const auto lock = store_.lock_publish(cancel);
  std::vector<history::RefUpdate> updates;
  for (const auto& ref : store_.history().refs("refs/remotes/" + std::string(name) + "/"))
    updates.push_back({ref.name, ref.target, {}});
  if (!updates.empty()) store_.history().update_refs(updates, who, "remote removed");
  auto remotes = list();
  std::erase_if(remotes, [&](const auto& remote) { return remote.name == name; });
  save(remotes);
}

std::string NamedRemotes::suggest_name(std::string_view address) const {
  std::string base;
  for (const char c : telling_part(address)) {
    if (base.empty() && !is_letter_or_digit(c)) continue;
    base += is_letter_or_digit(c) || c == '_' || c == '-' ? c : '-';
  }
  base.resize(std::min<std::size_t>(base.size(), kMaxName - 8));
  if (base.empty()) base = "remote";
  const auto remotes = list();
  auto name = base;
  for (int number = 2; std::ranges::find(remotes, name, &NamedRemote::name) != remotes.end(); ++number)
    name = base + "-" + std::to_string(number);
  return name;
}

}  // namespace axon::sync
