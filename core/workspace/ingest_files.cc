#include "core/workspace/ingest_files.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/history/attributes.h"
#include "core/history/pointer.h"
#include "core/model/probe.h"

namespace axon::workspace {

namespace {

// Small files are looked into by their name only: opening twenty thousand headers for nothing would show.
bool names_tensors(std::string_view path) {
  return path.ends_with(".safetensors") || path.ends_with(".gguf");
}

class Storing {
 public:
  Storing(store::Store& store, store::Transaction& transaction, const fs::Path& root,
          const content::DeltaBases& bases, Progress& progress)
      : fs_(store.environment().fs),
        clock_(store.environment().clock),
        transaction_(transaction),
        root_(root),
        bases_(bases),
        progress_(progress) {}

  StoredFile store(const ScannedFile& scanned, content::IngestWorker& worker) {
    StoredFile stored;
    StableFile file(fs_, root_, scanned.path, scanned.info.size);
    if (may_be_blob(scanned.path, file.info().size)) {
      store_small(scanned.path, file, worker, stored);
    } else {
      store_large(scanned.path, file, worker, stored);
    }
    stored.info = file.info();
    stored.looked_at_ns = file.check_unchanged(clock_);
    return stored;
  }

  std::vector<std::string> take_warnings() {
    std::ranges::sort(warnings_);
    return std::move(warnings_);
  }

 private:
  void store_small(const std::string& path, StableFile& file, content::IngestWorker& worker,
                   StoredFile& stored) {
    auto content = file.read_all();
    if (stored_as(path, content) == StoredAs::blob) {
      stored.content = {add_blob(content), content::sha256(content), content.size(), false};
      progress_.advance(content.size());
      if (history::is_attributes_path(path)) stored.attributes = std::move(content);
    } else if (names_tensors(path)) {
      store_large(path, file, worker, stored);
    } else {
      add_pointer(worker.ingest_small(content), stored);
    }
  }

  void store_large(const std::string& path, StableFile& file, content::IngestWorker& worker,
                   StoredFile& stored) {
    const auto size = file.info().size;
    const auto probe = model::probe(file.file(), size, path);
    if (probe.warning) warn("'" + path + "' is stored as plain bytes: " + *probe.warning);
    auto content = worker.ingest(file.file(), size, probe.layout, bases_);
    stored.tensors = std::move(content.tensors);
    add_pointer(content, stored);
  }

  void add_pointer(const content::FileContent& content, StoredFile& stored) {
    const auto blob = add_blob(as_bytes(history::encode_pointer({content.oid, content.size})));
    stored.content = {blob, content.oid.as<Digest>(), content.size, true};
  }

  GitId add_blob(ByteSpan content) {
    const auto prepared = history::GitPackWriter::prepare(history::ObjectType::blob, content);
    const std::lock_guard lock(mutex_);
    return transaction_.git().add(prepared);
  }

  void warn(std::string text) {
    const std::lock_guard lock(mutex_);
    warnings_.push_back(std::move(text));
  }

  fs::FileSystem& fs_;
  const Clock& clock_;
  store::Transaction& transaction_;
  const fs::Path& root_;
  const content::DeltaBases& bases_;
  Progress& progress_;
  std::mutex mutex_;  // of the git pack and the warnings
  std::vector<std::string> warnings_;
};

}  // namespace

StoredFiles store_files(store::Store& store, store::Transaction& transaction, const fs::Path& root,
                        const std::vector<const ScannedFile*>& files, const content::DeltaBases& bases,
                        Progress& progress, const CancelToken& cancel) {
  StoredFiles result;
  result.files.resize(files.size());
  if (files.empty()) return result;
  std::vector<std::size_t> order(files.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return files[i]->info.size; });
  std::uint64_t total = 0;
  for (const auto* file : files) total += file->info.size;
  progress.begin("storing", total);
  Storing storing(store, transaction, root, bases, progress);
  // Twice as many threads as cores: while one waits for the disk, another computes (cold, 2.2 GB: 700 → 825
  // MB/s).
  content::IngestPool pool(transaction.content(), store.content(), 2 * store.threads(), progress, cancel);
  pool.run(order.size(), [&](std::size_t item, content::IngestWorker& worker) {
    result.files[order[item]] = storing.store(*files[order[item]], worker);
  });
  progress.end();
  result.warnings = storing.take_warnings();
  return result;
}

}  // namespace axon::workspace
