#include "core/content/content_writer.h"

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>
#include <utility>

#include "core/base/error.h"

namespace axon::content {

struct ContentWriter::State {
  explicit State(ContentStore& s) : store(s) {}

  template <class Append>
  void append(const Append& append_to);
  void start_pack();
  void rotate();
  void finish_pack(std::unique_ptr<PackWriter> pack);

  ContentStore& store;
  std::mutex claims_mutex;
  std::unordered_set<FrameId> claimed;

  // Appends hold it shared, so that a full pack is taken away only between them.
  std::shared_mutex rotation;
  std::unique_ptr<PackWriter> current;

  struct Finished {
    PackFooter footer;
    fs::Path path;
  };
  std::mutex finished_mutex;
  std::vector<Finished> finished;
  std::atomic<std::uint64_t> frames{0}, raw{0}, stored{0};
};

template <class Append>
void ContentWriter::State::append(const Append& append_to) {
  for (;;) {
    {
      std::shared_lock lock(rotation);
      if (current) {
        const FrameEntry entry = append_to(*current);
        frames.fetch_add(1, std::memory_order_relaxed);
        raw.fetch_add(entry.raw, std::memory_order_relaxed);
        stored.fetch_add(entry.size(), std::memory_order_relaxed);
        if (current->size() < kPackTargetSize) return;
        break;
      }
    }
    start_pack();
  }
  rotate();
}

void ContentWriter::State::start_pack() {
  std::unique_lock lock(rotation);
  if (current) return;
  auto& fs = store.file_system();
  fs::make_directories(fs, store.paths().temporary);
  current =
      std::make_unique<PackWriter>(fs, fs::unique_path(store.paths().temporary, "pack-"), store.random());
}

void ContentWriter::State::rotate() {
  std::unique_ptr<PackWriter> full;
  {
    std::unique_lock lock(rotation);
    if (!current || current->size() < kPackTargetSize) return;
    full = std::move(current);
  }
  finish_pack(std::move(full));
}

void ContentWriter::State::finish_pack(std::unique_ptr<PackWriter> pack) {
  const auto path = pack->path();
  auto footer = pack->finish();
  std::lock_guard lock(finished_mutex);
  finished.push_back({std::move(footer), path});
}

ContentWriter::ContentWriter(ContentStore& store) : state_(std::make_unique<State>(store)) {}

ContentWriter::~ContentWriter() {
  // What was finished but not published is only a temporary file; a failure to remove it harms nobody.
  for (const auto& pack : state_->finished) {
    try {
      state_->store.file_system().remove(pack.path);
    } catch (const std::exception&) {
    }
  }
}

bool ContentWriter::claim(const FrameId& id) {
  {
    std::lock_guard lock(state_->claims_mutex);
    if (state_->claimed.contains(id)) return false;
  }
  if (state_->store.index().find(id)) return false;
  std::lock_guard lock(state_->claims_mutex);
  return state_->claimed.insert(id).second;
}

void ContentWriter::add(const FrameEntry& entry, ByteSpan payload) {
  state_->append([&](PackWriter& pack) { return pack.append(entry, payload); });
}

void ContentWriter::add_copy(const FrameEntry& entry, ByteSpan frame) {
  state_->append([&](PackWriter& pack) { return pack.append_copy(entry, frame); });
}

void ContentWriter::finish() {
  if (auto last = std::exchange(state_->current, nullptr)) state_->finish_pack(std::move(last));
}

std::vector<PackFooter> ContentWriter::publish() {
  auto& store = state_->store;
  auto& fs = store.file_system();
  std::vector<PackFooter> published;
  while (!state_->finished.empty()) {
    auto& pack = state_->finished.back();
    const auto place = store.pack_path(pack.footer.id);
    fs::make_directories(fs, place.parent_path());
    fs.rename(pack.path, place);
    fs.sync_directory(place.parent_path());
    published.push_back(std::move(pack.footer));
    state_->finished.pop_back();
  }
  store.index().add_packs(published);
  return published;
}

ContentWriter::Totals ContentWriter::totals() const {
  return {state_->frames.load(), state_->raw.load(), state_->stored.load()};
}

}  // namespace axon::content
