#include "core/base/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

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

// Hears where documents start, and nothing else.
class DocumentStarts final : public YAML::EventHandler {
 public:
  YAML::Mark last;
  void OnDocumentStart(const YAML::Mark& mark) override { last = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

// Not by LoadAll, which never ends on a text of one comma: each document it finds there is empty.
void require_one_document(std::string_view text, const std::string& what) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  DocumentStarts starts;
  if (parser.HandleNextDocument(starts) && parser.HandleNextDocument(starts))
    throw bad_text(what, starts.last, "a second document starts here, but only one is read");
}

}  // namespace

std::string yaml_place(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return fmt::format("line {}, column {}: ", mark.line + 1, mark.column + 1);
}

YAML::Node parse_yaml(std::string_view text, const std::string& what) {
  require_text(text, what);
  try {
    require_one_document(text, what);
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    throw bad_text(what, error.mark, error.msg);
  }
}

}  // namespace axon
