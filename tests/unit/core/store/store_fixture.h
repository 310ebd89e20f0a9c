// What tests of the store stand on: a store in a temporary folder, and versions made without a workspace.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "core/base/error.h"
#include "core/history/commit_text.h"
#include "core/history/tree_builder.h"
#include "core/store/resolve.h"
#include "core/store/transaction.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::store {

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    Store::create(environment, root());
    open();
  }

  fs::Path root() const { return folder / "store"; }
  void open() {
    store.reset();
    store = std::make_unique<Store>(environment, root(), StoreOptions{});
  }

  // A commit of these text files on `ref`, which moves from `parent`.
  GitId commit(const std::string& ref, const std::map<std::string, std::string>& files,
               std::optional<GitId> parent = std::nullopt) {
    Transaction transaction(*store, cancel);
    std::vector<history::TreeEntry> entries;
    for (const auto& [path, text] : files) {
      entries.push_back(
          {path, history::EntryMode::file, transaction.git().add(history::ObjectType::blob, as_bytes(text))});
    }
    const auto tree = history::write_trees(transaction.git(), entries);
    history::Commit made;
    made.tree = tree;
    if (parent) made.parents.push_back(*parent);
    made.author = made.committer = {"Test", "test@example.org", ++seconds, 0};
    made.message = "version\n";
    const auto id =
        transaction.git().add(history::ObjectType::commit, as_bytes(history::encode_commit(made)));
    const std::vector<history::RefUpdate> updates{{ref, parent.value_or(GitId{}), id}};
    transaction.publish(updates, made.committer, "commit");
    return id;
  }

  void set_ref(const std::string& ref, const GitId& target) {
    Transaction transaction(*store, cancel);
    const std::vector<history::RefUpdate> updates{{ref, {}, target}};
    transaction.publish(updates, {"Test", "test@example.org", ++seconds, 0}, "test");
  }

  static ModelName model(const std::string& name) { return ModelName::parse(name); }

  test::TempDir folder;
  test::FakeClock clock;
  test::SeededRandom random;
  Environment environment{fs::posix(), clock, random};
  CancelToken cancel;
  std::int64_t seconds = 1'700'000'000;
  std::unique_ptr<Store> store;
};

}  // namespace axon::store
