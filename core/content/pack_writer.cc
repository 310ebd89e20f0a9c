#include "core/content/pack_writer.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/buffer_pool.h"
#include "core/base/error.h"
#include "core/base/fs/sequential_writer.h"
#include "core/content/footer.h"
#include "core/content/frame.h"

namespace axon::content {
namespace {

constexpr std::size_t kBuffers = 3;
constexpr std::size_t kBufferSize = std::size_t{4} << 20;

// A copy, because callers add causes to what they catch, and several threads may catch.
[[noreturn]] void throw_copy(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    throw Error(error);
  }
}

PackNonce random_nonce(Random& random) {
  PackNonce nonce;
  random.fill(nonce.bytes);
  return nonce;
}

ByteSpan base_of(const FrameEntry& entry) {
  return entry.aux.span().first(base_size(entry.encoding));
}

void require_valid(const FrameEntry& entry) {
  if (const char* problem = problem_of(entry)) {
    throw Error(ErrorCode::failed, "cannot pack object '" + entry.id.short_hex() + "'").because(problem);
  }
}

}  // namespace

struct PackWriter::State {
  State(fs::FileSystem& f, fs::Path p, Random& random)
      : fs(f),
        path(std::move(p)),
        nonce(random_nonce(random)),
        file(fs.open(path, {.access = fs::Access::create, .caching = fs::Caching::direct})) {}

  ~State() {
    writer.reset();
    file.reset();
    if (finished) return;
    try {
      fs.remove(path);
    } catch (const std::exception&) {  // only a temporary file, which harms nobody
    }
  }

  void start() {
    writer.emplace(*file, pool, fs::Zeros::write);
    writer->append(encode_pack_header(nonce));
  }

  // Runs `work` under the lock; a failure is the writer's end.
  template <class Work>
  auto guarded(const Work& work) {
    const std::lock_guard lock(mutex);
    if (failure) throw_copy(failure);
    if (finished)
      throw Error(ErrorCode::failed, "cannot add to pack '" + path.string() + "'").because("it is finished");
    try {
      return work();
    } catch (...) {
      failure = std::current_exception();
      throw_copy(failure);
    }
  }

  FrameEntry add(FrameEntry entry, ByteSpan header, ByteSpan base, ByteSpan payload) {
    return guarded([&] {
      if (entries.size() == kMaxPackFrames) {
        throw Error(ErrorCode::failed, "cannot add to pack '" + path.string() + "'").because("it is full");
      }
      entry.offset = writer->size();
      entries.push_back(entry);
      writer->append(header);
      writer->append(base);
      writer->append(payload);
      return entry;
    });
  }

  PackFooter finish() {
    std::sort(entries.begin(), entries.end(), [](const FrameEntry& a, const FrameEntry& b) {
      return std::tie(a.id, a.offset) < std::tie(b.id, b.offset);
    });
    PackFooter footer;
    footer.id = encode_footer(nonce, entries, [this](ByteSpan piece) { writer->append(piece); });
    footer.footer_size = static_cast<std::uint32_t>(footer_size(entries.size()));
    footer.pack_size = writer->size();
    writer->finish();
    file->sync();
    if (file->info().size != footer.pack_size) {
      throw Error(ErrorCode::io, "cannot write pack '" + path.string() + "'")
          .because("the file does not have the length that was written");
    }
    file->close();
    footer.entries = std::move(entries);
    return footer;
  }

  fs::FileSystem& fs;
  const fs::Path path;
  const PackNonce nonce;
  BufferPool pool{kBuffers, kBufferSize};
  std::unique_ptr<fs::File> file;
  std::optional<fs::SequentialWriter> writer;

  mutable std::mutex mutex;
  std::vector<FrameEntry> entries;
  std::exception_ptr failure;
  bool finished = false;
};

PackWriter::PackWriter(fs::FileSystem& fs, fs::Path temporary, Random& random)
    : state_(std::make_unique<State>(fs, std::move(temporary), random)) {
  state_->start();
}

PackWriter::~PackWriter() = default;

FrameEntry PackWriter::append(FrameEntry entry, ByteSpan payload) {
  const auto base = base_of(entry);
  if (payload.size() > kMaxRawLength + kMaxEncodingOverhead) {
    throw Error(ErrorCode::failed, "cannot pack object '" + entry.id.short_hex() + "'")
        .because("it is too long");
  }
  entry.stored = static_cast<std::uint32_t>(base.size() + payload.size());
  require_valid(entry);
  std::byte header[kFrameHeaderSize];
  entry.crc = 0;
  encode_frame_header(entry, header);
  entry.crc = frame_crc(header, base, payload);
  encode_frame_header(entry, header);
  return state_->add(entry, header, base, payload);
}

FrameEntry PackWriter::append_copy(const FrameEntry& entry, ByteSpan frame) {
  require_valid(entry);
  std::byte header[kFrameHeaderSize];
  encode_frame_header(entry, header);
  const auto base = base_of(entry);
  if (frame.size() != entry.size() || std::memcmp(frame.data(), header, sizeof header) != 0 ||
      !std::equal(base.begin(), base.end(), frame.begin() + sizeof header)) {
    throw Error(ErrorCode::failed, "cannot pack object '" + entry.id.short_hex() + "'")
        .because("the frame is not the one that its entry describes");
  }
  return state_->add(entry, frame, {}, {});
}

std::uint64_t PackWriter::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->writer->size() + footer_size(state_->entries.size());
}

std::uint64_t PackWriter::frames() const {
  const std::lock_guard lock(state_->mutex);
  return state_->entries.size();
}

PackFooter PackWriter::finish() {
  return state_->guarded([this] {
    auto footer = state_->finish();
    state_->finished = true;
    return footer;
  });
}

const fs::Path& PackWriter::path() const {
  return state_->path;
}

}  // namespace axon::content
