// Leaves out one sync or rename of an operation at a time, cuts the power after the operation was
// acknowledged, and expects that something is lost: a sync whose absence nobody notices is either not needed
// or not tested.
//
//   axon_skip_mutants [OPERATION…]
//
// Prints a Markdown table, a line for each call that was left out. Exit 1 when one went unnoticed that
// kHarmless does not explain.
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/store/fsck.h"
#include "core/store/gc.h"
#include "core/workspace/checkout.h"
#include "core/workspace/commit.h"
#include "remote/sync/fetch.h"
#include "remote/sync/open_remote.h"
#include "remote/sync/push.h"
#include "tests/support/fake_clock.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/core/store/version_maker.h"

namespace axon {
namespace {

namespace stdfs = std::filesystem;
using store::FileMap;
using store::noise;
using test::CallKind;

constexpr const char* kRef = "refs/heads/a/b";
const CancelToken kNever;

struct Place {
  fs::Path root;
  fs::Path store() const { return root / "store"; }
  fs::Path work() const { return root / "work"; }
  fs::Path remote() const { return root / "remote"; }
  fs::Path cloned() const { return root / "cloned"; }
};

history::Person somebody() {
  return {"Test", "test@example.org", 1'700'000'000, 0};
}

FileMap version(std::uint64_t number) {
  const std::string words = "version " + std::to_string(number);
  return {{"large.bin", noise(40'000, number)},
          {"sub/note.txt", {as_bytes(words).begin(), as_bytes(words).end()}}};
}

void write_files(const fs::Path& folder, const FileMap& files) {
  for (const auto& [path, bytes] : files) {
    fs::make_directories(fs::posix(), (folder / path).parent_path());
    fs::write_file_atomically(fs::posix(), folder / path, bytes);
  }
}

FileMap files_in(const fs::Path& folder) {
  FileMap found;
  for (const auto& entry : stdfs::recursive_directory_iterator(folder)) {
    const auto path = entry.path().lexically_relative(folder).string();
    if (path.starts_with(".axon") || !entry.is_regular_file()) continue;
    found[path] = fs::read_file(fs::posix(), entry.path(), std::uint64_t{1} << 30);
  }
  return found;
}

// An operation: what it starts from, what it does, and whether its effect is there.
class Operation {
 public:
  explicit Operation(fs::FileSystem& fs, const Place& place)
      : environment_{fs, system_clock(), random_}, place_(place) {}
  virtual ~Operation() = default;
  virtual void act() = 0;

 protected:
  store::Store open(const fs::Path& root) { return {environment_, root, store::StoreOptions{}}; }
  void commit(const std::string& message) {
    auto store = open(place_.store());
    workspace::Workspace workspace(environment_, place_.work());
    workspace::CommitOptions options;
    options.message = message;
    options.author = options.committer = somebody();
    workspace::commit(store, workspace, options, no_progress(), kNever);
  }

  test::SeededRandom random_;
  store::Environment environment_;
  const Place& place_;
};

class Everything : public Operation {
 public:
  using Operation::Operation;
  void act() override {}

  void init() {
    store::Store::create(environment_, place_.store());
    fs::make_directories(environment_.fs, place_.work());
    workspace::WorkspaceState state{
        place_.store(), {ModelName::parse("a/b"), std::nullopt}, {}, {}, {}, {}, {}};
    workspace::Workspace::create(environment_, place_.work(), state);
  }
  void commit_next() { commit("next"); }
  void checkout_first() {
    auto store = open(place_.store());
    workspace::Workspace workspace(environment_, place_.work());
    const auto tip = store.history().ref(kRef).value().commit;
    const auto first = store.history().commit(tip).parents.at(0);
    workspace::checkout(store, workspace, first, {}, std::nullopt, workspace::Overwrite::no, no_progress(),
                        kNever);
  }
  void collect() {
    auto store = open(place_.store());
    store::gc(store, store::GcRun::real, no_progress(), kNever);
  }
  void push() {
    auto store = open(place_.store());
    const auto remote =
        sync::open_remote_at(store, place_.remote().string(), sync::MissingRemote::create, kNever);
    sync::PushOptions options;
    options.refs = {kRef};
    options.actor = "test";
    options.who = somebody();
    sync::push(store, *remote, options, no_progress(), kNever);
  }
  void clone() {
    store::Store::create(environment_, place_.cloned());
    auto store = open(place_.cloned());
    const auto remote =
        sync::open_remote_at(store, place_.remote().string(), sync::MissingRemote::refuse, kNever);
    sync::clone(store, *remote, {ModelName::parse("a/b"), "origin", somebody()}, no_progress(), kNever);
  }

  // Throws unless the tip of this store is `expected`, whole.
  void expect_tip(const fs::Path& root, const FileMap& expected) {
    auto store = open(root);
    const auto tip = store.history().ref(kRef);
    if (!tip) throw Error(ErrorCode::failed, "the line is gone");
    if (store::read_files(store, tip->commit, place_.root, kNever) != expected) {
      throw Error(ErrorCode::failed, "the version has other files");
    }
    const auto report = store::fsck(store, content::CheckDepth::full, no_progress(), kNever);
    if (!report.damage.empty()) {
      throw Error(ErrorCode::failed, report.damage.front().subject + ": " + report.damage.front().problem);
    }
  }
  void expect_workspace(const FileMap& expected) {
    workspace::Workspace workspace(environment_, place_.work());
    auto store = open(place_.store());
    const auto tip = store.history().ref(kRef).value().commit;
    if (workspace.state().base != store.history().commit(tip).parents.at(0)) {
      throw Error(ErrorCode::failed, "the base is not the version that was checked out");
    }
    if (files_in(place_.work()) != expected) throw Error(ErrorCode::failed, "the workspace has other files");
  }
  void drop_branch() {
    auto store = open(place_.store());
    const auto lost = store::commit_version(store, "refs/heads/a/b@trial", {{"large.bin", noise(60'000, 77)}},
                                            place_.root, std::nullopt, kNever);
    store::Transaction transaction(store, kNever);
    const std::vector<history::RefUpdate> updates{{"refs/heads/a/b@trial", lost, {}}};
    transaction.publish(updates, somebody(), "delete");
  }
};

struct Scenario {
  std::string name;
  std::function<void(Everything&, const Place&)> prepare, act, check;
};

std::vector<Scenario> scenarios() {
  const auto one_version = [](Everything& all, const Place& place) {
    all.init();
    write_files(place.work(), version(1));
    all.commit_next();
  };
  const auto two_versions = [=](Everything& all, const Place& place) {
    one_version(all, place);
    write_files(place.work(), version(2));
    all.commit_next();
  };
  return {
      {"init", [](Everything&, const Place&) {}, [](Everything& all, const Place&) { all.init(); },
       [](Everything& all, const Place& place) {
         write_files(place.work(), version(1));
         all.commit_next();
         all.expect_tip(place.store(), version(1));
       }},
      {"commit",
       [=](Everything& all, const Place& place) {
         one_version(all, place);
         write_files(place.work(), version(2));
       },
       [](Everything& all, const Place&) { all.commit_next(); },
       [](Everything& all, const Place& place) { all.expect_tip(place.store(), version(2)); }},
      {"checkout", two_versions, [](Everything& all, const Place&) { all.checkout_first(); },
       [](Everything& all, const Place&) { all.expect_workspace(version(1)); }},
      {"gc",
       [=](Everything& all, const Place& place) {
         two_versions(all, place);
         all.drop_branch();
       },
       [](Everything& all, const Place&) { all.collect(); },
       [](Everything& all, const Place& place) { all.expect_tip(place.store(), version(2)); }},
      {"push", two_versions, [](Everything& all, const Place&) { all.push(); },
       [](Everything& all, const Place& place) {
         all.clone();
         all.expect_tip(place.cloned(), version(2));
       }},
      {"clone",
       [=](Everything& all, const Place& place) {
         two_versions(all, place);
         all.push();
       },
       [](Everything& all, const Place&) { all.clone(); },
       [](Everything& all, const Place& place) { all.expect_tip(place.cloned(), version(2)); }},
  };
}

// Calls whose absence rightly loses nothing, by operation and the end of the path, and why.
struct Harmless {
  const char* operation;
  CallKind kind;
  const char* path;
  const char* why;
};
constexpr Harmless kHarmless[] = {
    {"", CallKind::sync_directory, "/tmp", "temporary files may vanish"},
    {"", CallKind::rename, "/remotes/", "what was seen of a remote can be read again"},
    {"push", CallKind::sync, "/tmp/push-", "it is sent from here and then removed"},
    {"push", CallKind::rename, "/tmp/push-", "only its pack is sent"},
    {"push", CallKind::sync_directory, "'remote'", "a later sync of this folder, before the entry, covers it"},
};

const char* why_harmless(const std::string& operation, CallKind kind, const std::string& label) {
  for (const auto& known : kHarmless) {
    const bool same = known.kind == kind && (*known.operation == 0 || operation == known.operation);
    if (same && label.find(known.path) != std::string::npos) return known.why;
  }
  return nullptr;
}

class Mutants {
 public:
  explicit Mutants(const Scenario& scenario)
      : scenario_(scenario), place_{folder_ / "root"}, base_(folder_ / "base") {
    stdfs::create_directory(place_.root);
    Everything all(fs::posix(), place_);
    scenario.prepare(all, place_);
    stdfs::copy(place_.root, base_, stdfs::copy_options::recursive);
  }

  // The number of mutants that survived.
  int run() {
    const auto counts = count();
    int survivors = 0;
    for (const auto kind : {CallKind::sync, CallKind::sync_directory, CallKind::sync_all, CallKind::rename}) {
      const auto found = counts.find(kind);
      for (std::uint64_t n = 1; found != counts.end() && n <= found->second; ++n)
        survivors += !try_one(kind, n);
    }
    return survivors;
  }

 private:
  void start_afresh() {
    stdfs::remove_all(place_.root);
    stdfs::copy(base_, place_.root, stdfs::copy_options::recursive | stdfs::copy_options::copy_symlinks);
  }

  std::map<CallKind, std::uint64_t> count() {
    start_afresh();
    test::FaultyFileSystem faulty(fs::posix(), place_.root);
    Everything all(faulty, place_);
    scenario_.act(all, place_);
    return faulty.counts();
  }

  // What was lost, or an empty text.
  std::string strike(CallKind kind, std::uint64_t n, test::Unsynced unsynced, std::string& label) {
    start_afresh();
    {
      test::FaultyFileSystem faulty(fs::posix(), place_.root);
      faulty.skip_at(kind, n);
      try {
        Everything all(faulty, place_);
        scenario_.act(all, place_);
      } catch (const Error& error) {
        label = faulty.label(kind, n);
        return "refused: " + error.message();
      }
      label = faulty.label(kind, n);
      faulty.restore_durable_state(unsynced);
    }
    try {
      Everything all(fs::posix(), place_);
      scenario_.check(all, place_);
    } catch (const std::exception& problem) {
      return problem.what();
    }
    return "";
  }

  bool try_one(CallKind kind, std::uint64_t n) {
    std::string label, lost;
    for (const auto unsynced :
         {test::Unsynced::lost, test::Unsynced::entries_survive, test::Unsynced::data_survives}) {
      lost = strike(kind, n, unsynced, label);
      if (!lost.empty()) break;
    }
    if (const auto at = label.find(place_.root.string()); at != std::string::npos) {
      label.erase(at, place_.root.string().size() + 1);
    }
    const char* harmless = lost.empty() ? why_harmless(scenario_.name, kind, label) : nullptr;
    std::cout << "| " << scenario_.name << " | " << label << " | "
              << (!lost.empty()         ? lost
                  : harmless != nullptr ? std::string("harmless: ") + harmless
                                        : "**unnoticed**")
              << " |" << std::endl;
    return !lost.empty() || harmless != nullptr;
  }

  const Scenario& scenario_;
  test::TempDir folder_;
  Place place_;
  fs::Path base_;
};

}  // namespace
}  // namespace axon

int main(int count, char** arguments) {
  const std::set<std::string> wanted(arguments + 1, arguments + count);
  int survivors = 0;
  std::cout << "| operation | left out | what was lost |\n|---|---|---|\n";
  for (const auto& scenario : axon::scenarios()) {
    if (wanted.empty() || wanted.contains(scenario.name)) survivors += axon::Mutants(scenario).run();
  }
  std::cerr << survivors << " mutants survived\n";
  return survivors == 0 ? 0 : 1;
}
