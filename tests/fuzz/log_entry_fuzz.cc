// Any bytes as an entry or a snapshot of a push log: an error, or a value that is written back byte for byte.
#include <cstdlib>

#include "core/base/error.h"
#include "remote/sync/remote_state.h"

namespace {

using namespace axon;
using namespace axon::sync;

template <class Read>
void check(std::string_view input, const Read& read) {
  try {
    if (read(input) != input) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check(input, [](std::string_view bytes) { return encode_entry(decode_entry(bytes, "entry")); });
  check(input, [](std::string_view bytes) { return RemoteState::decode(bytes, "snapshot").encode(); });
  return 0;
}
