#include "remote/sync/ref_names.h"

#include "core/base/error.h"

namespace axon::sync {

namespace {
constexpr std::string_view kHeads = "refs/heads/", kTags = "refs/tags/";
}

std::string RemoteRef::text() const {
  return name ? model.text() + "@" + name->text() : model.text();
}

std::optional<RemoteRef> parse_ref(std::string_view ref) {
  if (const auto line = Line::from_ref(ref)) return RemoteRef{RefKind::line, line->model, line->branch};
  const auto at = ref.find('@');
  if (!ref.starts_with(kTags) || at == std::string_view::npos) return std::nullopt;
  try {
    return RemoteRef{RefKind::version, ModelName::parse(ref.substr(kTags.size(), at - kTags.size())),
                     VersionName::parse(ref.substr(at + 1))};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string spec_of_ref(const std::string& ref) {
  const auto parsed = parse_ref(ref);
  return parsed ? parsed->text() : ref;
}

std::optional<std::string> tracking_ref(std::string_view remote, std::string_view ref) {
  if (!ref.starts_with(kHeads)) return std::nullopt;
  return "refs/remotes/" + std::string(remote) + "/" + std::string(ref.substr(kHeads.size()));
}

}  // namespace axon::sync
