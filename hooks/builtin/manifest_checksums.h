// ManifestChecksums: warns at commit when the manifest.yaml in a version states a size or SHA-256 that its
// file has not.
//
// A manifest is the user's text and is committed as it is; a false checksum in it would fail every later
// reader, so its author hears of it now. Empty checksums and sizes of 0 count as not stated: generated
// manifests are full of them. Never refuses. A manifest that is no YAML, or larger than 1 MiB, is warned
// about and otherwise left alone.
#pragma once

#include "core/store/gate.h"

namespace axon::hooks {

class ManifestChecksums final : public store::Gate {
 public:
  std::string name() const override { return "manifest-checksums"; }
  store::Verdict check(const store::Change& change) override;
};

// What is false in the manifest `text` of a version with these files, one line each.
std::vector<std::string> false_statements(std::string_view text,
                                          const std::vector<store::VersionFile>& files);

}  // namespace axon::hooks
