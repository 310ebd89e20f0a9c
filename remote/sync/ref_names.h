// The refs of lines and versions as remotes have them, and the names of their tracking refs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/model_spec.h"

namespace axon::sync {

enum class RefKind { line, version };

struct RemoteRef {
  RefKind kind = RefKind::line;
  ModelName model;
  std::optional<VersionName> name;  // of the branch or version; absent: the main line
  std::string text() const;         // as a spec: "hf/bert@v1"
};

// nullopt for any ref that is not one of a line ("refs/heads/…") or a version ("refs/tags/…").
std::optional<RemoteRef> parse_ref(std::string_view ref);
// The spec of a ref, or the ref itself where it has none.
std::string spec_of_ref(const std::string& ref);

// "refs/remotes/prod/hf/bert" for refs/heads/hf/bert; nullopt for refs that are not tracked: versions have
// one name everywhere.
std::optional<std::string> tracking_ref(std::string_view remote, std::string_view ref);

}  // namespace axon::sync
