#include "core/history/pack_scan.h"

#include <isa-l.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/history/deflate.h"
#include "core/history/hashing.h"
#include "core/history/pack_entry.h"

namespace axon::history {

namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;

// Thrown inside this file only: what is wrong with the pack from here on.
struct Damage {
  const char* what;
};

// The pack's bytes before its trailer, in order, hashed as they are consumed.
class Stream {
 public:
  Stream(fs::File& file, std::uint64_t end) : file_(file), end_(end), buffer_(kBlock) {}

  // At least `wanted` bytes unless the pack ends before.
  ByteSpan peek(std::size_t wanted) {
    if (filled_ - begin_ < wanted) fill();
    return ByteSpan(buffer_).subspan(begin_, filled_ - begin_);
  }
  void consume(std::size_t count) {
    const auto bytes = ByteSpan(buffer_).subspan(begin_, count);
    pack_hash_.update(bytes);
    crc_ = crc32_gzip_refl(crc_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    begin_ += count;
    position_ += count;
  }
  void start_entry() { crc_ = 0; }
  std::uint32_t crc() const { return crc_; }
  std::uint64_t position() const { return position_; }
  bool at_end() const { return position_ == end_; }
  GitId digest() { return pack_hash_.finish(); }

 private:
  void fill() {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
    filled_ -= begin_;
    begin_ = 0;
    const auto read_from = position_ + filled_;
    const auto room = std::min<std::uint64_t>(kBlock - filled_, end_ - read_from);
    filled_ += file_.read_at(read_from, MutableByteSpan(buffer_).subspan(filled_, room));
  }

  fs::File& file_;
  std::uint64_t end_;
  Bytes buffer_;
  std::size_t begin_ = 0, filled_ = 0;
  std::uint64_t position_ = 0;
  Sha1 pack_hash_;
  std::uint32_t crc_ = 0;
};

class Scanner {
 public:
  Scanner(fs::File& file, std::uint64_t end, const CancelToken& cancel)
      : stream_(file, end), cancel_(cancel), output_(kBlock) {}

  void run(PackScan& scan) {
    const auto count = parse_pack_header(stream_.peek(kPackHeader));
    if (!count) throw Damage{"it has no header of a pack"};
    stream_.consume(kPackHeader);
    for (std::uint32_t at = 0; at < *count; ++at) {
      cancel_.throw_if_cancelled();
      entry(scan);
    }
    if (!stream_.at_end()) throw Damage{"it goes on after its last object"};
    if (stream_.digest() != scan.checksum) throw Damage{"its checksum does not match its bytes"};
  }

 private:
  void entry(PackScan& scan) {
    const auto offset = stream_.position();
    stream_.start_entry();
    const auto head = parse_entry_head(stream_.peek(kMaxEntryHead));
    if (!head) throw Damage{"an object has a malformed head"};
    stream_.consume(head->length);
    Sha1 hash;
    hash.update(as_bytes(object_header(head->type, head->size)));
    content(head->size, hash);
    if (head->kind != EntryHead::Kind::object) {
      scan.deltas = true;
      return;
    }
    scan.objects.push_back({hash.finish(), stream_.crc(), offset});
  }

  void content(std::uint64_t size, Sha1& hash) {
    inflater_.reset();
    for (;;) {
      const auto input = stream_.peek(1);
      const auto step = inflater_.step(input, output_);
      if (step.produced > size) throw Damage{"an object is longer than its head says"};
      size -= step.produced;
      hash.update(ByteSpan(output_).first(step.produced));
      stream_.consume(step.consumed);
      if (step.status == Inflater::Status::done) break;
      if (step.status == Inflater::Status::damaged) throw Damage{"an object cannot be inflated"};
      if (step.consumed == 0 && step.produced == 0) throw Damage{"it is cut short"};
      cancel_.throw_if_cancelled();
    }
    if (size != 0) throw Damage{"an object is shorter than its head says"};
  }

  Stream stream_;
  const CancelToken& cancel_;
  Bytes output_;
  Inflater inflater_;
};

}  // namespace

PackScan scan_pack(fs::File& pack, const CancelToken& cancel) {
  PackScan scan;
  const auto size = pack.info().size;
  if (size < kPackHeader + kPackTrailer) {
    scan.problem = "it is cut short";
    return scan;
  }
  pack.read_at(size - kPackTrailer, scan.checksum.bytes);
  try {
    Scanner(pack, size - kPackTrailer, cancel).run(scan);
  } catch (const Damage& damage) {
    scan.problem = damage.what;
  }
  return scan;
}

}  // namespace axon::history
