// Any bytes as a user's .gitattributes, beside any path: the user's bytes come back, and every managed line
// is one that git reads.
#include <cstdlib>

#include "core/base/error.h"
#include "core/history/attributes.h"

namespace {

void check_lines(std::string_view managed) {
  while (!managed.empty()) {
    const auto end = managed.find('\n');
    if (end == managed.npos || end >= 2048) std::abort();
    managed.remove_prefix(end + 1);
  }
}

}  // namespace

// The path, NUL, the user's bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto zero = input.find('\0');
  if (zero == input.npos || zero == 0 || input.substr(0, zero).find('\n') != input.npos) return 0;
  const std::vector<std::string> paths{std::string(input.substr(0, zero))};
  const auto user = as_bytes(input.substr(zero + 1));
  const history::AttributesFile file{".gitattributes", Bytes(user.begin(), user.end())};
  try {
    for (const auto& stored : {history::compose_attributes({&file, 1}, paths, {}),
                               history::compose_attributes({&file, 1}, {}, paths)}) {
      const auto back = history::split_user_attributes(stored.at(0).content);
      if (as_text(back) != as_text(user)) std::abort();
      const auto managed = as_text(stored[0].content).substr(back.size());
      if (!managed.empty()) check_lines(managed.substr(user.empty() ? 0 : 1));
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) std::abort();
  }
  return 0;
}
