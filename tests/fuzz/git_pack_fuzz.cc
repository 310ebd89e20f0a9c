// Any bytes as a git pack, an idx, a delta or a zlib stream: no crash, bounded memory, and ISA-L never reads
// a stream otherwise than zlib.
#include <cstdlib>

#include "core/base/error.h"
#include "core/history/deflate.h"
#include "core/history/git_pack_index.h"
#include "core/history/pack_entry.h"
#include "core/history/pack_scan.h"
#include "tests/support/memory_file.h"

namespace {

using namespace axon;
using namespace axon::history;

void scan(ByteSpan bytes) {
  test::MemoryFile file(bytes, bytes.size());
  const auto result = scan_pack(file, CancelToken{});
  for (const auto& object : result.objects)
    if (object.offset >= bytes.size()) std::abort();
}

void read_idx(ByteSpan bytes) {
  const auto index = GitPackIndex::parse(Bytes(bytes.begin(), bytes.end()), 1 << 20);
  for (std::uint32_t at = 0; at < index.size(); ++at)
    if (index.find(index.id(at)) != at || index.offset(at) >= 1 << 20) std::abort();
}

void apply(ByteSpan bytes) {
  const std::size_t middle = bytes.empty() ? 0 : std::to_integer<std::size_t>(bytes[0]) % bytes.size();
  if (apply_delta(bytes.first(middle), bytes.subspan(middle), 1 << 20).size() > 1 << 20) std::abort();
}

void read_stream(ByteSpan bytes) {
  Bytes by_zlib(1 << 16);
  Inflater inflater;
  const auto step = inflater.step(bytes, by_zlib);
  Bytes content(step.produced);
  const bool good = inflate(bytes, content);
  if (good && step.status != Inflater::Status::done) std::abort();
  if (good && !std::equal(content.begin(), content.end(), by_zlib.begin())) std::abort();
}

}  // namespace

// The first byte says what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  try {
    switch (data[0] % 4) {
      case 0:
        scan(bytes);
        break;
      case 1:
        read_idx(bytes);
        break;
      case 2:
        apply(bytes);
        break;
      default:
        read_stream(bytes);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) std::abort();
  }
  return 0;
}
