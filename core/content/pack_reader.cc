#include "core/content/pack_reader.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/content/footer.h"
#include "core/content/frame.h"

namespace axon::content {
namespace {

constexpr std::uint64_t kBlock = AlignedBuffer::kAlignment;
constexpr std::size_t kTail = std::size_t{64} << 10;  // holds the footers of most packs
// A chunk that does not compress, its frame's header and base, and a block at either end.
constexpr std::size_t kBounceSize = (std::size_t{1} << 20) + (std::size_t{64} << 10);

// One per thread rather than per reader: a store has many packs, and touching fresh memory for each frame
// costs a tenth of reading it. Of no meaning between calls.
AlignedBuffer& bounce_buffer() {
  thread_local AlignedBuffer buffer(kBounceSize);
  return buffer;
}

bool aligned(std::uint64_t offset, ByteSpan memory) {
  return offset % kBlock == 0 && memory.size() % kBlock == 0 &&
         reinterpret_cast<std::uintptr_t>(memory.data()) % kBlock == 0;
}

}  // namespace

struct PackReader::State {
  State(fs::FileSystem& fs, fs::Path p, fs::Caching caching)
      : path(std::move(p)), file(fs.open(path, {.caching = caching})), size(file->info().size) {}

  Error damaged(std::string cause) const {
    return Error(ErrorCode::integrity, message()).because(std::move(cause)).hint("run `axon fsck`");
  }
  std::string message() const { return "cannot read pack '" + path.string() + "'"; }

  // Runs `work`, whose errors do not know the pack's name.
  template <class Work>
  auto named(const Work& work) const {
    try {
      return work();
    } catch (Error& error) {
      error.within(message());
      if (error.code() == ErrorCode::integrity) error.hint("run `axon fsck`");
      throw;
    }
  }

  void read(std::uint64_t offset, MutableByteSpan into) {
    if (offset > size || into.size() > size - offset) throw damaged("it ends too early");
    if (!file->direct() || aligned(offset, into)) {
      if (file->read_at(offset, into) != into.size()) throw damaged("it was cut short");
      return;
    }
    read_direct(offset, into);
  }

  void read_direct(std::uint64_t offset, MutableByteSpan into) {
    AlignedBuffer& bounce = bounce_buffer();
    while (!into.empty()) {
      const auto skip = static_cast<std::size_t>(offset % kBlock);
      const auto take = std::min(into.size(), bounce.capacity() - skip);
      const auto blocks = (skip + take + kBlock - 1) / kBlock * kBlock;
      if (file->read_at(offset - skip, {bounce.data(), blocks}) < skip + take)
        throw damaged("it was cut short");
      std::memcpy(into.data(), bounce.data() + skip, take);
      offset += take;
      into = into.subspan(take);
    }
  }

  const fs::Path path;
  const std::unique_ptr<fs::File> file;
  const std::uint64_t size;
};

PackReader::PackReader(fs::FileSystem& fs, fs::Path path, fs::Caching caching)
    : state_(std::make_unique<State>(fs, std::move(path), caching)) {}

PackReader::~PackReader() = default;

PackFooter PackReader::read_footer(const PackId& expected) {
  State& s = *state_;
  if (s.size < kPackHeaderSize + footer_size(0)) throw s.damaged("it is shorter than any pack");
  Bytes tail(std::min<std::uint64_t>(s.size, kTail));
  s.read(s.size - tail.size(), tail);
  const auto size = s.named([&] { return footer_size_of(ByteSpan(tail).last(kPackTrailerSize), s.size); });
  if (size > tail.size()) {
    tail.resize(size);
    s.read(s.size - size, tail);
  }
  std::byte header[kPackHeaderSize];
  s.read(0, header);
  return s.named([&] {
    auto parsed = parse_whole_footer(ByteSpan(tail).last(size), s.size, expected);
    check_pack_header(header, parsed.nonce);
    return std::move(parsed.footer);
  });
}

ByteSpan PackReader::read_frame(const FrameEntry& entry, Bytes& frame) {
  State& s = *state_;
  if (const char* problem = problem_of(entry)) throw s.damaged(problem);
  if (entry.offset > s.size || entry.size() > s.size - entry.offset)
    throw s.damaged("a frame lies beyond its end");
  frame.resize(entry.size());
  s.read(entry.offset, frame);
  return s.named([&] { return check_frame(entry, frame); });
}

ByteSpan PackReader::check_frame(const FrameEntry& entry, ByteSpan frame) {
  const auto fail = [&](const char* cause) {
    throw Error(ErrorCode::integrity, "cannot read object '" + entry.id.short_hex() + "'").because(cause);
  };
  if (const char* problem = problem_of(entry)) fail(problem);
  if (frame.size() != entry.size()) fail("its frame has another length than its entry says");
  std::byte header[kFrameHeaderSize];
  encode_frame_header(entry, header);
  if (std::memcmp(frame.data(), header, sizeof header) != 0) fail("its frame differs from its entry");
  const auto base = frame.subspan(kFrameHeaderSize, base_size(entry.encoding));
  if (!std::equal(base.begin(), base.end(), entry.aux.bytes.begin())) fail("its frame names another base");
  const auto payload = frame.subspan(kFrameHeaderSize + base.size());
  if (frame_crc(frame.first(kFrameHeaderSize), base, payload) != entry.crc) fail("its checksum is wrong");
  return payload;
}

void PackReader::read_range(std::uint64_t offset, MutableByteSpan into) {
  state_->read(offset, into);
}

std::uint64_t PackReader::size() {
  return state_->size;
}

PackFooter parse_footer(ByteSpan bytes, std::uint64_t pack_size, const PackId& expected) {
  return parse_whole_footer(bytes, pack_size, expected).footer;
}

}  // namespace axon::content
