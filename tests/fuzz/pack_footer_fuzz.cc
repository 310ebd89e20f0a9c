// Any bytes as a pack's footer: an error, or entries that tile the pack; no crash, bounded memory.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/base/error.h"
#include "core/content/frame.h"
#include "core/content/hash.h"
#include "core/content/pack_reader.h"

namespace {

using namespace axon;
using namespace axon::content;

// A sound trailer, so that the fuzzer gets past the hash.
Bytes sealed(ByteSpan body) {
  Bytes bytes;
  append(bytes, body);
  append_le(bytes, std::uint64_t{body.size()});
  append(bytes, sha256(body).span());
  append(bytes, as_bytes("AXONPEND"));
  return bytes;
}

void require(bool good) {
  if (!good) std::abort();
}

void check(const PackFooter& footer, std::uint64_t pack_size) {
  require(footer.pack_size == pack_size);
  auto entries = footer.entries;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::uint64_t expected = kPackHeaderSize;
  for (const auto& entry : entries) {
    require(problem_of(entry) == nullptr && entry.offset == expected);
    expected += entry.size();
  }
  require(expected + footer.footer_size == pack_size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first byte says whether a trailer is made, the next eight how long the pack is.
  if (size < 9) return 0;
  const ByteSpan input(reinterpret_cast<const std::byte*>(data), size);
  const auto rest = input.subspan(9);
  const Bytes bytes = (data[0] & 1) != 0 ? sealed(rest) : Bytes(rest.begin(), rest.end());
  const auto pack_size = load_le<std::uint64_t>(input.data() + 1);
  try {
    check(parse_footer(bytes, pack_size, {}), pack_size);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity && error.code() != ErrorCode::unsupported) std::abort();
  }
  return 0;
}
