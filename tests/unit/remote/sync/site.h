// Site: somebody's store in a temporary folder, who commits, pushes and clones. Several of them meet at one
// remote.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/store/names.h"
#include "remote/storage/adapters/memory.h"
#include "remote/sync/fetch.h"
#include "remote/sync/push.h"
#include "remote/sync/remote_config.h"
#include "remote/sync/store_remote.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/core/store/version_maker.h"
#include "tests/unit/remote/sync/scripted_storage.h"

namespace axon::sync {

using store::FileMap;
using store::noise;

inline Bytes text(std::string_view from) {
  const auto bytes = as_bytes(from);
  return {bytes.begin(), bytes.end()};
}

class Site {
 public:
  // The store is made if absent; `fs` is what it works on.
  Site(const fs::Path& folder, std::uint64_t seed, fs::FileSystem& fs = fs::posix())
      : folder_(folder), random_(seed), environment_{fs, clock_, random_} {
    fs::make_directories(fs::posix(), folder / "scratch");
    store::Store::create(environment_, folder / "store");
    store_ =
        std::make_unique<store::Store>(environment_, folder / "store", store::StoreOptions{.threads = 2});
  }

  store::Store& store() { return *store_; }
  Random& random() { return random_; }
  CancelToken& cancel() { return cancel_; }
  const fs::Path& folder() const { return folder_; }

  // A version of `model`'s main line (or of "NS/NAME@BRANCH"), after what is there.
  GitId commit(const std::string& line, const FileMap& files) {
    const auto ref = "refs/heads/" + line;
    const auto now = store_->history().ref(ref);
    return store::commit_version(*store_, ref, files, folder_ / "scratch",
                                 now ? std::optional(now->commit) : std::nullopt, cancel_);
  }
  void tag(const std::string& model, const std::string& version,
           const std::optional<std::string>& message = std::nullopt) {
    store::create_tag(*store_, ModelName::parse(model), VersionName::parse(version), *tip(model), message,
                      who(), cancel_);
  }
  std::optional<GitId> tip(const std::string& line) {
    const auto ref = store_->history().ref("refs/heads/" + line);
    return ref ? std::optional(ref->commit) : std::nullopt;
  }
  FileMap files(const GitId& commit) {
    return store::read_files(*store_, commit, folder_ / "scratch", cancel_);
  }

  std::unique_ptr<StoreRemote> open(storage::Storage& at) {
    // Calls go to `at` itself, whose script they shall meet.
    auto storage = std::make_unique<ScriptedStorage>(at);
    const auto config = create_remote(*storage, random_);
    return std::make_unique<StoreRemote>(RemoteEnvironment{environment_.fs, clock_, cancel_},
                                         std::move(storage), config.id,
                                         RemoteMemory(environment_.fs, store_->layout().remote_states()));
  }
  PushOptions push_options(const std::vector<std::string>& specs) {
    PushOptions options;
    for (const auto& spec : specs) {
      for (auto& ref : refs_to_push(*store_, ModelSpec::parse(spec), std::nullopt))
        options.refs.push_back(ref);
    }
    options.remote_name = "prod";
    options.actor = "Test <test@example.org> on site";
    options.who = who();
    return options;
  }
  PushResult push(storage::Storage& at, const std::vector<std::string>& specs) {
    return sync::push(*store_, *open(at), push_options(specs), no_progress(), cancel_);
  }
  FetchOptions fetch_options(const std::string& model) { return {ModelName::parse(model), "prod", who()}; }
  FetchResult fetch(storage::Storage& at, const std::string& model) {
    return sync::fetch(*store_, *open(at), fetch_options(model), no_progress(), cancel_);
  }
  CloneResult clone(storage::Storage& at, const std::string& model) {
    return sync::clone(*store_, *open(at), fetch_options(model), no_progress(), cancel_);
  }
  static history::Person who() { return {"Test", "test@example.org", 1'700'000'000, 0}; }

 private:
  fs::Path folder_;
  test::FakeClock clock_;
  test::SeededRandom random_;
  store::Environment environment_;
  CancelToken cancel_;
  std::unique_ptr<store::Store> store_;
};

// A file that is one tensor of bf16 numbers, cut along it; versions with a base become deltas where that
// pays.
struct TensorVersion {
  GitId commit;
  Oid oid;
};
inline Bytes gaussian_like(std::size_t size, std::uint64_t seed) {
  // bf16 with few exponents: planes and deltas both pay.
  Bytes bytes = noise(size, seed);
  for (std::size_t i = 1; i < size; i += 2) bytes[i] = std::byte{0x3c} | (bytes[i] & std::byte{0x81});
  return bytes;
}
// Every fourth number moved by one unit.
inline Bytes nudged(Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 8) bytes[i] = std::byte(std::to_integer<int>(bytes[i]) ^ 1);
  return bytes;
}
inline TensorVersion commit_tensor(Site& site, const std::string& line, const Bytes& content,
                                   std::optional<Oid> base, std::optional<GitId> lineage = std::nullopt) {
  auto& store = site.store();
  auto& cancel = site.cancel();
  store::Transaction transaction(store, cancel);
  content::DeltaBases bases;
  if (base) bases.add(store.content().recipe(*base)->recipe);
  content::FileLayout layout;
  layout.tensors.push_back({"w", "BF16", content::Element::bf16, {content.size() / 2}, 0, content.size()});
  const auto path = fs::unique_path(site.folder() / "scratch", "tensor-");
  fs::write_file_atomically(fs::posix(), path, content);
  content::FileContent made;
  content::IngestPool pool(transaction.content(), store.content(), 1, no_progress(), cancel);
  pool.run(1, [&](std::size_t, content::IngestWorker& worker) {
    const auto file = fs::posix().open(path, {});
    made = worker.ingest(*file, content.size(), layout, bases);
  });
  const auto pointer = history::encode_pointer({made.oid, made.size});
  const auto blob = transaction.git().add(history::ObjectType::blob, as_bytes(pointer));
  const std::vector<history::TreeEntry> entries{{"large", history::EntryMode::file, blob}};
  const std::vector<store::VersionFile> described{
      {"large", history::EntryMode::file, {}, true, content.size(), made.oid.as<Digest>()}};
  history::Commit commit;
  commit.tree = history::write_trees(transaction.git(), entries);
  const auto parent = site.tip(line);
  if (parent) commit.parents.push_back(*parent);
  commit.author = commit.committer = Site::who();
  commit.message = history::append_trailers("version\n", {store::files_digest(described), lineage});
  const auto id =
      transaction.git().add(history::ObjectType::commit, as_bytes(history::encode_commit(commit)));
  const std::vector<history::RefUpdate> updates{{"refs/heads/" + line, parent.value_or(GitId{}), id}};
  transaction.publish(updates, Site::who(), "commit");
  return {id, made.oid};
}

}  // namespace axon::sync
