#include "remote/storage/open_storage.h"

#include <cctype>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "remote/storage/adapters/local_directory.h"

namespace axon::storage {

namespace {

using Opener = std::unique_ptr<Storage> (*)(const std::string& address, const StorageContext& context);
struct Scheme {
  std::string_view name, form;
  Opener open;
};

Error bad_address(const std::string& address, std::string reason) {
  return Error(ErrorCode::usage, "'" + address + "' is no address of a remote").because(std::move(reason));
}

std::string percent_decoded(const std::string& address, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    std::byte byte{};
    std::string digits(text.substr(at + 1, 2));
    for (auto& c : digits) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!from_hex(digits, {&byte, 1}) || byte == std::byte{0})
      throw bad_address(address, "'%' must be followed by two hex digits, not 00");
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

std::unique_ptr<Storage> open_directory(const fs::Path& path, const StorageContext& context) {
  // "a/b/" and "a/b" are one place.
  const auto clean = path.lexically_normal();
  return std::make_unique<LocalDirectory>(context.fs, clean.has_filename() ? clean : clean.parent_path());
}

std::unique_ptr<Storage> open_file_url(const std::string& address, const StorageContext& context) {
  std::string_view rest = std::string_view(address).substr(std::string_view("file://").size());
  if (rest.starts_with("localhost/")) rest.remove_prefix(std::string_view("localhost").size());
  if (!rest.starts_with('/'))
    throw bad_address(address, "file:// names a path on this machine: file:///path");
  return open_directory(percent_decoded(address, rest), context);
}

constexpr Scheme kSchemes[] = {{"file", "file:///PATH", open_file_url}};

}  // namespace

bool is_url(std::string_view address) {
  const auto end = address.find("://");
  if (end == std::string_view::npos || end == 0) return false;
  for (const char c : address.substr(0, end)) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) == 0 && c != '+' && c != '-' && c != '.') return false;
  }
  return std::isalpha(static_cast<unsigned char>(address.front())) != 0;
}

std::unique_ptr<Storage> open_storage(const std::string& address, const StorageContext& context) {
  if (address.empty() || address.find('\0') != std::string::npos)
    throw bad_address(address, "it is empty or holds a NUL byte");
  if (!is_url(address)) return open_directory(address, context);
  const auto name = address.substr(0, address.find("://"));
  std::string known = "a path";
  for (const auto& scheme : kSchemes) {
    if (name == scheme.name) return scheme.open(address, context);
    known += ", " + std::string(scheme.form);
  }
  throw Error(ErrorCode::unsupported, "cannot open '" + name + "://' addresses")
      .because("known are " + known);
}

}  // namespace axon::storage
