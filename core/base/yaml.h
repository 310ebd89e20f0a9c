// YAML as people write it: configurations and manifests, read into yaml-cpp's tree.
//
// Text may be hostile. One document; no control characters but tab and line ends, which YAML forbids anyway;
// nesting is bounded by yaml-cpp (some hundred levels). Aliases share nodes: whoever walks the tree bounds
// how many it visits. The caller caps the size. Include <yaml-cpp/yaml.h> to use the tree.
#pragma once

#include <string>
#include <string_view>

namespace YAML {
class Node;
struct Mark;
}  // namespace YAML

namespace axon {

// Throws Error(usage) "cannot read <what>", with line and column in its cause. An empty text is a null node.
YAML::Node parse_yaml(std::string_view text, const std::string& what);

// "line 2, column 3: ", or nothing for a node that comes from no text.
std::string yaml_place(const YAML::Mark& mark);

}  // namespace axon
