#include "core/history/pack_file.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/history/deflate.h"
#include "core/history/pack_scan.h"

namespace axon::history {

namespace {

constexpr std::uint64_t kMaxIdx = std::uint64_t{1} << 30;
constexpr std::size_t kMaxDepth = 4096;  // above any chain that git makes
constexpr std::uint64_t kMaxBase = std::uint64_t{64} << 20;
constexpr std::uint64_t kOneRead = std::uint64_t{1} << 20;  // entries of up to this size are read at once
constexpr std::size_t kBlock = std::size_t{128} << 10;

}  // namespace

fs::Path idx_of(const fs::Path& pack) {
  return fs::Path(pack).replace_extension(".idx");
}

// Reads entries of one pack through one open file; made for each call.
class PackFile::Reader {
 public:
  Reader(const PackFile& pack) : pack_(pack) {
    if (!pack.file_) own_ = pack.fs_.open(pack.path_, {});
  }

  Error damage(const std::string& what) const {
    return Error(ErrorCode::integrity, "git pack '" + pack_.path_.string() + "' is damaged")
        .because(what)
        .hint("run `axon fsck`");
  }

  EntryHead head(std::uint64_t offset) const {
    std::array<std::byte, kMaxEntryHead> bytes;
    const auto got =
        file().read_at(offset, MutableByteSpan(bytes).first(std::min(room(offset), bytes.size())));
    const auto head = parse_entry_head(ByteSpan(bytes).first(got));
    if (!head) throw damage("an object has a malformed head");
    return *head;
  }

  Bytes content(std::uint64_t offset, const EntryHead& head, std::uint64_t limit) const {
    // A deflate stream gives at most 1,032 bytes for each of its own, so a size that the rest of the pack
    // cannot give is a lie that must not be allocated.
    if (head.size / 1032 > room(offset)) throw damage("an object's size cannot be true");
    if (head.size > limit) {
      throw Error(ErrorCode::failed, "cannot read an object of the history")
          .because("it has " + std::to_string(head.size) + " bytes, and " + std::to_string(limit) +
                   " are the limit here");
    }
    Bytes content(head.size);
    const auto from = offset + head.length;
    // A stream that is longer than need be is odd, but git would read it.
    if (head.size <= kOneRead && inflate_at_once(from, content)) return content;
    if (!inflate_in_pieces(from, content)) throw damage("an object cannot be inflated");
    return content;
  }

  // Where the base of a delta starts.
  std::uint64_t base_of(std::uint64_t offset, const EntryHead& head) const {
    if (head.kind == EntryHead::Kind::offset_delta) {
      if (head.distance > offset - kPackHeader) throw damage("a delta's base lies before the pack");
      return offset - head.distance;
    }
    const auto at = pack_.index().find(head.base);
    if (!at) throw damage("a delta's base is not in the pack");
    return pack_.index().offset(*at);
  }

 private:
  fs::File& file() const { return own_ ? *own_ : *pack_.file_; }
  std::size_t room(std::uint64_t offset) const {
    return offset + kPackTrailer < pack_.size_ ? pack_.size_ - kPackTrailer - offset : 0;
  }

  bool inflate_at_once(std::uint64_t offset, MutableByteSpan into) const {
    Bytes stream(std::min(room(offset), deflate_bound(into.size())));
    stream.resize(file().read_at(offset, stream));
    return inflate(stream, into);
  }

  bool inflate_in_pieces(std::uint64_t offset, MutableByteSpan into) const {
    Bytes block(kBlock);
    Inflater inflater;
    std::byte beyond;
    for (;;) {
      const auto got = file().read_at(offset, MutableByteSpan(block).first(std::min(room(offset), kBlock)));
      if (got == 0) return false;
      const auto step =
          inflater.step(ByteSpan(block).first(got), into.empty() ? MutableByteSpan(&beyond, 1) : into);
      if (into.empty() && step.produced > 0) return false;
      if (!into.empty()) into = into.subspan(step.produced);
      offset += step.consumed;
      if (step.status == Inflater::Status::done) return into.empty();
      if (step.status == Inflater::Status::damaged || (step.consumed == 0 && step.produced == 0))
        return false;
    }
  }

  const PackFile& pack_;
  std::unique_ptr<fs::File> own_;
};

PackFile::PackFile(fs::FileSystem& fs, fs::Path pack, KeepOpen keep_open) : fs_(fs), path_(std::move(pack)) {
  auto file = fs_.open(path_, {});
  const auto info = file->info();
  size_ = info.size;
  inode_ = info.inode;
  mtime_ns_ = info.mtime_ns;
  if (!load_idx(*file)) rebuild_idx(*file);
  if (keep_open == KeepOpen::yes) file_ = std::move(file);
}

// False when there is none that fits the pack.
bool PackFile::load_idx(fs::File& pack) {
  if (size_ < kPackHeader + kPackTrailer) return false;
  try {
    auto index = GitPackIndex::parse(fs::read_file(fs_, idx_of(path_), kMaxIdx), size_);
    GitId checksum;
    if (pack.read_at(size_ - kPackTrailer, checksum.bytes) != kPackTrailer) return false;
    if (checksum != index.pack_checksum()) return false;
    index_ = std::move(index);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::integrity || error.code() == ErrorCode::not_found) return false;
    throw;
  }
}

void PackFile::rebuild_idx(fs::File& pack) {
  auto scan = scan_pack(pack, CancelToken{});
  problem_ = scan.problem;
  if (problem_.empty() && scan.deltas) {
    problem_ = "its idx is bad or missing, and with its deltas only `git index-pack` can make it anew";
  }
  // Two entries of one object are allowed in a pack, but not in an idx.
  std::stable_sort(scan.objects.begin(), scan.objects.end(),
                   [](const PackedObject& a, const PackedObject& b) { return a.id < b.id; });
  const auto same = [](const PackedObject& a, const PackedObject& b) { return a.id == b.id; };
  scan.objects.erase(std::unique(scan.objects.begin(), scan.objects.end(), same), scan.objects.end());
  auto idx = encode_pack_index(scan.objects, scan.checksum);
  if (problem_.empty()) {
    try {
      fs::write_file_atomically(fs_, idx_of(path_), idx, 0444);
    } catch (const Error&) {  // a store that this user cannot write: the idx in memory is as good
    }
  }
  index_ = GitPackIndex::parse(std::move(idx), size_);
}

bool PackFile::is_current() const {
  const auto info = fs_.stat(path_);
  return info && info->size == size_ && info->inode == inode_ && info->mtime_ns == mtime_ns_;
}

bool PackFile::is_delta(std::uint32_t at) const {
  return Reader(*this).head(index_->offset(at)).kind != EntryHead::Kind::object;
}

ObjectInfo PackFile::info(std::uint32_t at) const {
  const auto head = Reader(*this).head(index_->offset(at));
  if (head.kind == EntryHead::Kind::object) return {head.type, head.size};
  const auto object = read(at, std::uint64_t{1} << 30);
  return {object.type, object.content.size()};
}

RawObject PackFile::read(std::uint32_t at, std::uint64_t limit) const {
  const Reader reader(*this);
  auto offset = index_->offset(at);
  auto head = reader.head(offset);
  // The base of a small object may be a large one.
  const auto inner_limit = std::max(limit, kMaxBase);
  std::vector<Bytes> deltas;
  while (head.kind != EntryHead::Kind::object) {
    if (deltas.size() == kMaxDepth) throw reader.damage("its deltas go in a circle");
    deltas.push_back(reader.content(offset, head, inner_limit));
    offset = reader.base_of(offset, head);
    head = reader.head(offset);
  }
  RawObject object{head.type, reader.content(offset, head, deltas.empty() ? limit : inner_limit)};
  for (; !deltas.empty(); deltas.pop_back())
    object.content = apply_delta(object.content, deltas.back(), deltas.size() == 1 ? limit : inner_limit);
  if (object_id(object.type, object.content) != index_->id(at)) {
    throw reader.damage("object '" + index_->id(at).hex() + "' has other bytes than its name says");
  }
  return object;
}

}  // namespace axon::history
