#include "tests/mutants/story.h"

#include <algorithm>

namespace axon::mutants {

namespace {

using test::Call;
using test::CallKind;

constexpr std::size_t kLongHex = 12;  // shorter ones may be words

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

void remove_root(std::string& text, const std::string& root) {
  for (auto at = text.find(root); at != text.npos; at = text.find(root)) {
    text.erase(at, root.size());
    if (at < text.size() && text[at] == '/') text.erase(at, 1);
  }
}

bool is_sync_of(const Call& call, const fs::Path& folder) {
  return call.kind == CallKind::sync_all || (call.kind == CallKind::sync_directory && call.path == folder);
}

}  // namespace

std::string plain(std::string text, const fs::Path& root) {
  remove_root(text, root.string());
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && is_hex(text[end])) ++end;
    const bool fan_out = end - at == 2 && result.ends_with("packs/");
    if (end - at >= kLongHex || fan_out) {
      result += '*';
    } else {
      end = std::max(end, at + 1);
      result += text.substr(at, end - at);
    }
    at = end;
  }
  return result;
}

Story::Story(std::vector<Call> log, CallKind kind, std::uint64_t n) : log_(std::move(log)) {
  while (at_ < log_.size() && (log_[at_].kind != kind || --n > 0)) ++at_;
}

std::string Story::name(const fs::Path& root) const {
  auto text = std::string(to_string(call().kind)) + " '" + call().path.string() + "'";
  if (const auto becomes = target(); becomes && call().kind == CallKind::sync) {
    text += " of " + becomes->filename().string();
  }
  return plain(std::move(text), root);
}

template <class Predicate>
std::optional<std::uint64_t> Story::find_after(std::size_t start, const Predicate& matches) const {
  for (auto at = start + 1; at < log_.size(); ++at)
    if (matches(log_[at])) return at + 1;
  return std::nullopt;
}

std::optional<std::uint64_t> Story::covered_by() const {
  const auto& path = call().path;
  switch (call().kind) {
    case CallKind::sync_directory:
      return find_after(at_, [&](const Call& later) {
        return is_sync_of(later, path) || (later.kind == CallKind::remove_directory && later.path == path);
      });
    case CallKind::sync_all:
      return find_after(at_, [](const Call& later) { return later.kind == CallKind::sync_all; });
    default:
      return covered_by_replacement();
  }
}

std::optional<fs::Path> Story::target() const {
  if (call().kind == CallKind::rename) return call().path;
  if (!call().path.filename().string().starts_with(".tmp-")) return std::nullopt;
  const auto number = find_after(at_, [](const Call& later) { return later.kind == CallKind::rename; });
  if (!number) return std::nullopt;
  return log_[*number - 1].path;
}

std::optional<std::uint64_t> Story::covered_by_replacement() const {
  const auto name = target();
  if (!name) return std::nullopt;
  const auto is_rename = [&](const Call& later) {
    return later.kind == CallKind::rename && later.path == *name;
  };
  const auto own = call().kind == CallKind::rename ? at_ : *find_after(at_, is_rename) - 1;
  const auto again = find_after(own, is_rename);
  if (!again) return std::nullopt;
  return find_after(*again - 1, [&](const Call& later) { return is_sync_of(later, name->parent_path()); });
}

}  // namespace axon::mutants
