#include <optional>

#include "core/base/error.h"
#include "core/content/index.h"
#include "core/content/index_rows.h"
#include "core/content/index_schema.h"

namespace axon::content {
namespace {

// A name for a file that needs none once it is open.
class TemporaryFile {
 public:
  TemporaryFile(fs::FileSystem& fs, const fs::Path& folder)
      : fs_(fs), path_(fs::unique_path(folder, ".tmp-")) {}
  ~TemporaryFile() {
    if (!named_) return;
    try {
      fs_.remove(path_);
    } catch (const std::exception&) {  // only a temporary file, which harms nobody
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const fs::Path& path() const { return path_; }
  void remove_name() {
    fs_.remove(path_);
    named_ = false;
  }

 private:
  fs::FileSystem& fs_;
  fs::Path path_;
  bool named_ = true;
};

fs::Path folder_of(const fs::Path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::Path(".");
}

}  // namespace

struct IndexRebuild::State {
  State(fs::FileSystem& fs, fs::Path p)
      : path(std::move(p)), file(fs, folder_of(path)), database(file.path(), {.cache_kib = 16 * 1024}) {
    // Nobody else sees this file, and a crash takes it away: no journal on disk, no fsync.
    database.exec("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF");
    file.remove_name();
    transaction.emplace(database, Transaction::Kind::write);
    create_index_schema(database);
    inserter.emplace(database);
  }

  fs::Path path;
  TemporaryFile file;
  Database database;
  std::optional<Transaction> transaction;
  std::optional<PackInserter> inserter;
};

IndexRebuild::IndexRebuild(fs::FileSystem& fs, const fs::Path& path)
    : state_(std::make_unique<State>(fs, path)) {}

IndexRebuild::~IndexRebuild() = default;

void IndexRebuild::add(const PackFooter& footer) {
  state_->inserter->add(footer);
}

void IndexRebuild::finish() {
  state_->inserter->finish();
  state_->inserter.reset();
  state_->transaction->commit();
  state_->database.copy_over(state_->path);
}

void rebuild_index(fs::FileSystem& fs, const fs::Path& path, std::span<const PackFooter> footers) {
  IndexRebuild rebuild(fs, path);
  for (const auto& footer : footers) rebuild.add(footer);
  rebuild.finish();
}

}  // namespace axon::content
