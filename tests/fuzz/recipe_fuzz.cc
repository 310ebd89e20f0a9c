// Any bytes as a recipe: an error, or a recipe that is written back byte for byte.
#include <algorithm>
#include <cstdlib>

#include "core/base/error.h"
#include "core/content/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  using namespace axon::content;
  const ByteSpan input(reinterpret_cast<const std::byte*>(data), size);
  Recipe recipe;
  try {
    recipe = decode_recipe(input);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
    return 0;
  }
  if (!std::ranges::equal(encode_recipe(recipe), input)) std::abort();
  return 0;
}
