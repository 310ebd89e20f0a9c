#include "core/base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "core/base/error.h"

namespace axon {

namespace {

Error bad_text(const std::string& what, const YAML::Mark& mark, const std::string& why) {
  return Error(ErrorCode::usage, "cannot read " + what).because(yaml_place(mark) + why);
}

// yaml-cpp 0.7 takes 0x04 for the end, loops for ever on some texts with NUL in them, and reads what starts
// with FE or FF as UTF-16. UTF-8 has none of these but the control characters, and YAML forbids those.
void require_text(std::string_view text, const std::string& what) {
  YAML::Mark at;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (control || byte == 0x7f || byte >= 0xfe) throw bad_text(what, at, "a byte that is no text");
    ++at.column;
    if (c != '\n') continue;
    ++at.line;
    at.column = 0;
  }
}

}  // namespace

std::string yaml_place(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return fmt::format("line {}, column {}: ", mark.line + 1, mark.column + 1);
}

YAML::Node parse_yaml(std::string_view text, const std::string& what) {
  require_text(text, what);
  try {
    const auto documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1)
      throw bad_text(what, documents[1].Mark(), "a second document starts here, but only one is read");
    return documents.empty() ? YAML::Node() : documents[0];
  } catch (const YAML::Exception& error) {
    throw bad_text(what, error.mark, error.msg);
  }
}

}  // namespace axon
