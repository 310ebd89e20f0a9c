// Any text as a configuration: an error, or one in which a name can be set and removed without touching
// another.
#include <cstdlib>

#include "core/base/bytes.h"
#include "core/base/config.h"
#include "core/base/error.h"

namespace {

using namespace axon;
using Values = std::map<std::string, std::string>;

void check_edit(std::string_view yaml, Values expected, const std::string& name,
                const std::optional<std::string>& value) {
  try {
    const auto text = edit_config(yaml, name, value, "input");
    if (value) {
      expected[name] = *value;
    } else {
      expected.erase(name);
    }
    if (parse_config(text, "edited") != expected) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto yaml = as_text({reinterpret_cast<const std::byte*>(data), size});
  Values values;
  try {
    values = parse_config(yaml, "input");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) std::abort();
    return 0;
  }
  check_edit(yaml, values, "user.name", "Ann Lee # no comment");
  if (!values.empty()) check_edit(yaml, values, values.begin()->first, std::nullopt);
  return 0;
}
