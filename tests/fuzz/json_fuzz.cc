// Any text as JSON: an error, or a value whose canonical text reads back to itself.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  const auto text = as_text({reinterpret_cast<const std::byte*>(data), size});
  nlohmann::json value;
  try {
    value = parse_json(text, "input");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
    return 0;
  }
  std::string canonical;
  try {
    canonical = canonical_json(value);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::failed) std::abort();  // fractions and great numbers
    return 0;
  }
  const auto again = parse_json(canonical, "canonical");
  if (again != value || canonical_json(again) != canonical) std::abort();
  return 0;
}
