#include "core/history/deflate.h"

#include <isa-l.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "core/base/error.h"

namespace axon::history {

namespace {

constexpr std::size_t kIsalLimit = std::size_t{1} << 30;    // its lengths are 32 bits
constexpr std::size_t kKeptScratch = std::size_t{4} << 20;  // more than that is given back

unsigned char* bytes_of(const std::byte* at) {
  // Both libraries declare their input without const and only read it.
  return const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(at));
}

// ISA-L's tables (420 KiB) and an output buffer, kept for each thread: for a file of some kilobytes,
// allocating and touching them afresh would cost more than compressing it.
struct Deflater {
  isal_zstream stream{};
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> level{};
  Bytes scratch;

  bool run(ByteSpan content) {
    if (scratch.size() < deflate_bound(content.size())) scratch.resize(deflate_bound(content.size()));
    isal_deflate_stateless_init(&stream);
    stream.level = 1;
    stream.level_buf = level.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level.size());
    stream.gzip_flag = IGZIP_ZLIB;
    stream.end_of_stream = 1;
    stream.flush = NO_FLUSH;
    stream.next_in = bytes_of(content.data());
    stream.avail_in = static_cast<std::uint32_t>(content.size());
    stream.next_out = bytes_of(scratch.data());
    stream.avail_out = static_cast<std::uint32_t>(scratch.size());
    return isal_deflate_stateless(&stream) == COMP_OK && stream.avail_in == 0;
  }
  ByteSpan output() const { return ByteSpan(scratch).first(stream.total_out); }
};

Deflater& own_deflater() {
  thread_local const auto deflater = std::make_unique<Deflater>();
  return *deflater;
}

Bytes deflate_by_zlib(ByteSpan content) {
  Bytes output(compressBound(content.size()));
  uLongf size = output.size();
  if (compress2(bytes_of(output.data()), &size, bytes_of(content.data()), content.size(), 1) != Z_OK) {
    throw Error(ErrorCode::failed, "cannot compress an object").because("zlib reported an error");
  }
  output.resize(size);
  return output;
}

inflate_state& own_inflate_state() {
  thread_local const auto state = std::make_unique<inflate_state>();
  return *state;
}

bool inflate_by_zlib(ByteSpan stream, MutableByteSpan into) {
  Inflater inflater;
  std::byte beyond;  // a stream that has more than `into` must be noticed
  bool whole = false;
  for (;;) {
    const auto step = inflater.step(stream, into.empty() ? MutableByteSpan(&beyond, 1) : into);
    if (into.empty() && step.produced > 0) return false;
    stream = stream.subspan(step.consumed);
    if (!into.empty()) into = into.subspan(step.produced);
    whole = step.status == Inflater::Status::done;
    if (whole || step.status == Inflater::Status::damaged) break;
    if (stream.empty() && step.produced == 0) break;
  }
  return whole && into.empty();
}

}  // namespace

std::size_t deflate_bound(std::size_t size) {
  // Stored blocks of at least 4 KiB with 5 bytes each cover what any deflater does with noise.
  return size + (size >> 9) + 64;
}

Bytes deflate(ByteSpan content) {
  if (content.size() > kIsalLimit) return deflate_by_zlib(content);
  auto& deflater = own_deflater();
  if (!deflater.run(content)) return deflate_by_zlib(content);
  const auto output = deflater.output();
  Bytes result(output.begin(), output.end());
  if (deflater.scratch.size() > kKeptScratch) Bytes().swap(deflater.scratch);
  return result;
}

bool inflate(ByteSpan stream, MutableByteSpan into) {
  if (into.size() > kIsalLimit || stream.size() > kIsalLimit) return inflate_by_zlib(stream, into);
  auto& state = own_inflate_state();
  isal_inflate_init(&state);
  state.crc_flag = ISAL_ZLIB;
  state.next_in = bytes_of(stream.data());
  state.avail_in = static_cast<std::uint32_t>(stream.size());
  state.next_out = bytes_of(into.data());
  state.avail_out = static_cast<std::uint32_t>(into.size());
  return isal_inflate_stateless(&state) == ISAL_DECOMP_OK && state.avail_out == 0 &&
         state.block_state == ISAL_BLOCK_FINISH;
}

struct Inflater::State {
  z_stream stream{};
  State() {
    if (inflateInit(&stream) != Z_OK) {
      throw Error(ErrorCode::failed, "cannot read a compressed object").because("zlib reported an error");
    }
  }
  ~State() { inflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Inflater::Inflater() : state_(std::make_unique<State>()) {}
Inflater::~Inflater() = default;

void Inflater::reset() {
  inflateReset(&state_->stream);
}

Inflater::Step Inflater::step(ByteSpan input, MutableByteSpan output) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  auto& stream = state_->stream;
  const auto in = static_cast<uInt>(std::min(input.size(), kMost));
  const auto out = static_cast<uInt>(std::min(output.size(), kMost));
  stream.next_in = bytes_of(input.data());
  stream.avail_in = in;
  stream.next_out = bytes_of(output.data());
  stream.avail_out = out;
  const int result = ::inflate(&stream, Z_NO_FLUSH);
  Step step{Status::damaged, in - stream.avail_in, out - stream.avail_out};
  if (result == Z_STREAM_END) {
    step.status = Status::done;
  } else if (result == Z_OK || result == Z_BUF_ERROR) {
    step.status = stream.avail_out == 0 ? Status::more_output : Status::more_input;
  }
  return step;
}

}  // namespace axon::history
