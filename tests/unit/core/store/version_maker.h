// Makes versions with large files in a store, without a workspace, and reads them back.
#pragma once

#include <map>
#include <string>

#include "core/content/hash.h"
#include "core/content/ingest.h"
#include "core/content/restore.h"
#include "core/history/attributes.h"
#include "core/history/commit_text.h"
#include "core/history/pointer.h"
#include "core/history/trailers.h"
#include "core/history/tree_builder.h"
#include "core/store/snapshot.h"
#include "core/store/transaction.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::store {

// Paths and contents; those that start with "large" become pointers.
using FileMap = std::map<std::string, Bytes>;

inline bool is_large(const std::string& path) {
  return path.starts_with("large");
}

inline Bytes noise(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  test::SeededRandom(seed).fill(bytes);
  return bytes;
}

// Commits `files` on `ref`, after `parent`. Content is cut plain.
inline GitId commit_version(Store& store, const std::string& ref, const FileMap& files,
                            const fs::Path& scratch, std::optional<GitId> parent, const CancelToken& cancel) {
  Transaction transaction(store, cancel);
  std::vector<std::pair<std::string, Bytes>> list(files.begin(), files.end());
  std::vector<GitId> blobs(list.size());
  std::vector<std::string> pointers;
  content::IngestPool pool(transaction.content(), store.content(), 1, no_progress(), cancel);
  pool.run(list.size(), [&](std::size_t i, content::IngestWorker& worker) {
    Bytes blob = list[i].second;
    if (is_large(list[i].first)) {
      const auto path = fs::unique_path(scratch, "source-");
      fs::write_file_atomically(fs::posix(), path, blob);
      auto file = fs::posix().open(path, {});
      const auto made = worker.ingest(*file, blob.size(), {}, {});
      const auto pointer = history::encode_pointer({made.oid, made.size});
      blob.assign(as_bytes(pointer).begin(), as_bytes(pointer).end());
      pointers.push_back(list[i].first);
      fs::posix().remove(path);
    }
    blobs[i] = transaction.git().add(history::ObjectType::blob, blob);
  });
  std::vector<history::TreeEntry> entries;
  for (std::size_t i = 0; i < list.size(); ++i) {
    entries.push_back({list[i].first, history::EntryMode::file, blobs[i]});
  }
  std::vector<VersionFile> described;
  for (const auto& [path, bytes] : list) {
    described.push_back(
        {path, history::EntryMode::file, {}, is_large(path), bytes.size(), content::sha256(bytes)});
  }
  history::Commit made;
  made.tree = history::write_trees(transaction.git(), entries);
  if (parent) made.parents.push_back(*parent);
  made.author = made.committer = {"Test", "test@example.org", 1'700'000'000, 0};
  made.message = history::append_trailers("version\n", {files_digest(described), std::nullopt});
  const auto id = transaction.git().add(history::ObjectType::commit, as_bytes(history::encode_commit(made)));
  const std::vector<history::RefUpdate> updates{{ref, parent.value_or(GitId{}), id}};
  transaction.publish(updates, made.committer, "commit");
  return id;
}

// Commits the files of `parent` again, with a message that promises others.
inline GitId commit_lie(Store& store, const std::string& ref, const GitId& parent,
                        const CancelToken& cancel) {
  auto made = store.history().commit(parent);
  auto files = read_version(store, parent);
  files.at(0).sha256 = {};
  made.parents = {parent};
  made.message = history::append_trailers("version\n", {files_digest(files), std::nullopt});
  Transaction transaction(store, cancel);
  const auto id = transaction.git().add(history::ObjectType::commit, as_bytes(history::encode_commit(made)));
  const std::vector<history::RefUpdate> updates{{ref, parent, id}};
  transaction.publish(updates, made.committer, "commit");
  return id;
}

// The files of a version as they come out, checked as a checkout checks them.
inline FileMap read_files(Store& store, const GitId& commit, const fs::Path& scratch,
                          const CancelToken& cancel) {
  FileMap result;
  const auto files = read_version(store, commit);
  check_files_digest(store, store.history().commit(commit), files);
  for (const auto& file : files) {
    if (!file.pointer) {
      result[file.path] = read_text(store, file);
      continue;
    }
    const auto path = fs::unique_path(scratch, "restored-");
    fs::OpenOptions options;
    options.access = fs::Access::create;
    auto target = fs::posix().open(path, options);
    content::RestorePool pool(store.content(), 1, no_progress(), cancel);
    pool.run(1, [&](std::size_t, content::RestoreWorker& worker) {
      worker.restore(file.sha256.as<Oid>(), file.size, *target);
    });
    result[file.path] = fs::read_file(fs::posix(), path, std::uint64_t{1} << 30);
    fs::posix().remove(path);
  }
  return result;
}

}  // namespace axon::store
