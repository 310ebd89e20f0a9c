#include "core/history/git_pack_writer.h"

#include <isa-l.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/history/big_endian.h"
#include "core/history/deflate.h"
#include "core/history/git_pack_index.h"
#include "core/history/hashing.h"
#include "core/history/id_table.h"
#include "core/history/pack_entry.h"

namespace axon::history {

namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;
constexpr std::uint32_t kPackMode = 0444;  // as git's own

std::uint32_t crc_of(std::uint32_t before, ByteSpan bytes) {
  return crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace

fs::Path pack_folder(const fs::Path& git_dir) {
  return git_dir / "objects" / "pack";
}

struct GitPackWriter::State {
  State(fs::FileSystem& f, fs::Path to, Random& r, PackUse u)
      : fs(f), folder(std::move(to)), random(r), use(u) {
    clear();
  }
  ~State() { remove_temporaries(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void clear() {
    file.reset();
    temporary_pack.clear();
    temporary_idx.clear();
    buffer = encode_pack_header(0);
    flushed = 0;
    objects.clear();
    table.clear();
  }

  const GitId& name_of(std::uint32_t position) const { return objects[position].id; }
  auto names() const {
    return [this](std::uint32_t position) -> const GitId& { return name_of(position); };
  }

  fs::Path temporary(const char* prefix) {
    std::array<std::byte, 8> nonce;
    random.fill(nonce);
    return folder / (prefix + to_hex(nonce));
  }

  std::unique_ptr<fs::File> create(fs::Path& at, const char* prefix) {
    const auto path = temporary(prefix);
    auto created = fs.open(path, {.access = fs::Access::create, .mode = kPackMode});
    at = path;
    return created;
  }

  void write(ByteSpan bytes) {
    if (!file) file = create(temporary_pack, "tmp_pack_");
    file->write_at(flushed, bytes);
    flushed += bytes.size();
  }

  void flush() {
    write(buffer);
    buffer.clear();
  }

  void append_bytes(ByteSpan bytes) {
    if (buffer.size() + bytes.size() > kBuffer) flush();
    if (bytes.size() > kBuffer) return write(bytes);
    append(buffer, bytes);
  }

  // False when the pack has it already.
  bool note(const GitId& id) {
    if (table.find(id, names())) return false;
    if (objects.size() == std::numeric_limits<std::uint32_t>::max() - 1) {
      throw Error(ErrorCode::unsupported, "cannot write a git pack")
          .because("it would hold too many objects");
    }
    objects.push_back({id, 0, flushed + buffer.size()});
    table.insert(id, static_cast<std::uint32_t>(objects.size() - 1), names());
    return true;
  }

  // The checksum covers the count, which is known only now; what has been written is in the page cache.
  GitId hash_file() {
    Sha1 hash;
    Bytes block(kBuffer);
    for (std::uint64_t at = 0; at < flushed;) {
      const auto got = file->read_at(at, block);
      if (got == 0) {
        throw Error(ErrorCode::integrity, "cannot finish a git pack")
            .because("'" + temporary_pack.string() + "' became shorter while it was written");
      }
      hash.update(ByteSpan(block).first(got));
      at += got;
    }
    return hash.finish();
  }

  GitId close_pack() {
    const auto header = encode_pack_header(static_cast<std::uint32_t>(objects.size()));
    GitId checksum;
    if (!file) {
      std::copy(header.begin(), header.end(), buffer.begin());
      checksum = sha1(buffer);
    } else {
      flush();
      file->write_at(0, header);
      checksum = hash_file();
    }
    append(buffer, checksum.span());
    flush();
    if (use == PackUse::keep) file->sync();
    file->close();
    file.reset();
    return checksum;
  }

  void write_idx(const GitId& checksum) {
    const auto idx = encode_pack_index(objects, checksum);
    const auto out = create(temporary_idx, "tmp_idx_");
    out->write_at(0, idx);
    out->sync();
    out->close();
  }

  // The pack before its idx: readers go by the idx.
  void publish(const GitId& checksum) {
    const auto name = folder / ("pack-" + checksum.hex());
    fs.rename(temporary_pack, fs::Path(name) += ".pack");
    temporary_pack.clear();
    if (use == PackUse::send) return;
    fs.rename(temporary_idx, fs::Path(name) += ".idx");
    temporary_idx.clear();
    fs.sync_directory(folder);
  }

  void remove_temporaries() noexcept {
    for (const auto& path : {temporary_pack, temporary_idx}) {
      if (path.empty()) continue;
      try {
        fs.remove(path);
      } catch (...) {  // a leftover that gc sweeps; the first error matters more
      }
    }
  }

  fs::FileSystem& fs;
  fs::Path folder;
  Random& random;
  const PackUse use;
  std::unique_ptr<fs::File> file;
  fs::Path temporary_pack, temporary_idx;
  Bytes buffer;               // what is not in the file yet
  std::uint64_t flushed = 0;  // bytes in the file
  std::vector<PackedObject> objects;
  IdTable table;
};

GitPackWriter::GitPackWriter(fs::FileSystem& fs, fs::Path folder, Random& random, PackUse use)
    : state_(std::make_unique<State>(fs, std::move(folder), random, use)) {}
GitPackWriter::~GitPackWriter() = default;

GitPackWriter::Prepared GitPackWriter::prepare(ObjectType type, ByteSpan content) {
  return {object_id(type, content), type, content.size(), deflate(content)};
}

GitId GitPackWriter::add(ObjectType type, ByteSpan content) {
  const auto id = object_id(type, content);
  if (!contains(id)) add(Prepared{id, type, content.size(), deflate(content)});
  return id;
}

GitId GitPackWriter::add(const Prepared& object) {
  if (!state_->note(object.id)) return object.id;
  const auto head = encode_entry_head(object.type, object.size);
  state_->objects.back().crc = crc_of(crc_of(0, head), object.compressed);
  state_->append_bytes(head);
  state_->append_bytes(object.compressed);
  return object.id;
}

void GitPackWriter::add_entry(const GitId& id, ByteSpan entry) {
  if (!state_->note(id)) return;
  state_->objects.back().crc = crc_of(0, entry);
  state_->append_bytes(entry);
}

bool GitPackWriter::contains(const GitId& id) const {
  return state_->table.find(id, state_->names()).has_value();
}

std::uint64_t GitPackWriter::objects() const {
  return state_->objects.size();
}

std::uint64_t GitPackWriter::size() const {
  return state_->flushed + state_->buffer.size();
}

std::optional<GitId> GitPackWriter::finish() {
  if (state_->objects.empty()) return std::nullopt;
  const auto checksum = state_->close_pack();
  if (state_->use == PackUse::keep) state_->write_idx(checksum);
  state_->publish(checksum);
  state_->clear();
  return checksum;
}

}  // namespace axon::history
