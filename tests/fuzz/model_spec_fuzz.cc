// Any text as a spec, a ref or a name: an error whose suggestion is right, or a value that writes what it
// read.
#include <cstdlib>
#include <string>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/model_spec.h"

namespace {

using namespace axon;

void require(bool good) {
  if (!good) std::abort();
}

std::string suggestion_of(const Error& error) {
  require(error.code() == ErrorCode::usage);
  if (error.hints().empty()) return "";
  const std::string& hint = error.hints().front();
  const auto begin = hint.find('`') + 1;
  return hint.starts_with("write it as `") ? hint.substr(begin, hint.rfind('`') - begin) : "";
}

// The text of what `parse` makes of it; a suggestion must be good the first time.
template <class Parse>
void check(std::string_view text, Parse parse) {
  try {
    const std::string read = parse(text);
    require(parse(read) == read);
  } catch (const Error& error) {
    const auto suggestion = suggestion_of(error);
    if (!suggestion.empty()) parse(suggestion);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({reinterpret_cast<const std::byte*>(data), size});
  check(text, [](std::string_view name) { return ModelName::parse(name).text(); });
  check(text, [](std::string_view name) { return VersionName::parse(name).text(); });
  const std::string ref = "refs/heads/" + std::string(text);
  if (const auto line = Line::from_ref(ref)) require(line->ref() == ref && line->text() == text);
  try {
    const auto spec = ModelSpec::parse(text);
    require(ModelSpec::parse(spec.text()).text() == spec.text());
  } catch (const Error& error) {
    suggestion_of(error);
  }
  did_you_mean(text, {"commit", "checkout", "status"});
  return 0;
}
