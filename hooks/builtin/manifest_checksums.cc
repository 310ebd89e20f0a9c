#include "hooks/builtin/manifest_checksums.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/yaml.h"

namespace axon::hooks {
namespace {

constexpr const char* kManifest = "manifest.yaml";
constexpr std::uint64_t kMaxManifest = std::uint64_t{1} << 20;

const store::VersionFile* find_file(const std::vector<store::VersionFile>& files, const std::string& path) {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

std::string text_of(const YAML::Node& node) {
  return node && node.IsScalar() ? node.Scalar() : std::string();
}

void check_statement(const YAML::Node& stated, const std::vector<store::VersionFile>& files,
                     std::vector<std::string>& problems) {
  if (!stated.IsMap()) return;
  const auto path = text_of(stated["path"]), size = text_of(stated["size"]),
             sha256 = text_of(stated["sha256"]);
  const bool states_size = !size.empty() && size != "0";
  if (path.empty() || path == kManifest || (!states_size && sha256.empty())) return;
  const auto* file = find_file(files, path);
  if (file == nullptr) {
    problems.push_back("manifest.yaml lists '" + path + "', which is not in this version");
  } else if (!sha256.empty() && sha256 != file->sha256.hex()) {
    problems.push_back("manifest.yaml states another sha256 for '" + path + "' than its content has");
  } else if (states_size && size != std::to_string(file->size)) {
    problems.push_back("manifest.yaml states " + size + " bytes for '" + path + "', which has " +
                       std::to_string(file->size));
  }
}

YAML::Node child(const YAML::Node& node, const char* key) {
  return node.IsDefined() && node.IsMap() ? node[key] : YAML::Node(YAML::NodeType::Undefined);
}

}  // namespace

std::vector<std::string> false_statements(std::string_view text,
                                          const std::vector<store::VersionFile>& files) {
  std::vector<std::string> problems;
  try {
    const YAML::Node manifest = parse_yaml(text, kManifest);
    const YAML::Node listed = child(child(child(manifest, "spec"), "format"), "files");
    if (!listed.IsDefined() || !listed.IsSequence()) return problems;
    for (const auto& stated : listed) check_statement(stated, files, problems);
  } catch (const Error& error) {
    problems.push_back("manifest.yaml is no valid YAML: " + error.causes().front());
  } catch (const YAML::Exception& error) {
    problems.push_back(std::string("manifest.yaml is no valid YAML: ") + error.what());
  }
  return problems;
}

store::Verdict ManifestChecksums::check(const store::Change& change) {
  store::Verdict verdict;
  const auto* manifest = find_file(change.files, kManifest);
  if (manifest == nullptr || change.root == nullptr) return verdict;
  if (manifest->size > kMaxManifest) {
    verdict.warnings.push_back("manifest.yaml is larger than 1 MiB and was not checked");
    return verdict;
  }
  const Bytes text = fs::read_file(change.store.environment().fs, *change.root / kManifest, kMaxManifest);
  verdict.warnings = false_statements(as_text(text), change.files);
  return verdict;
}

}  // namespace axon::hooks
