#include "tests/mutants/operations.h"

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/subprocess.h"
#include "core/store/fsck.h"
#include "core/store/gc.h"
#include "core/workspace/checkout.h"
#include "core/workspace/commit.h"
#include "remote/sync/fetch.h"
#include "remote/sync/open_remote.h"
#include "remote/sync/push.h"

namespace axon::mutants {

namespace {

namespace stdfs = std::filesystem;
using store::FileMap;

constexpr const char* kRef = "refs/heads/a/b";
constexpr const char* kLeftover = "tmp_pack_leftover";
const CancelToken kNever;

history::Person somebody() {
  return {"Test", "test@example.org", 1'700'000'000, 0};
}

[[noreturn]] void lost(const std::string& what) {
  throw Error(ErrorCode::failed, what);
}
void expect(bool holds, const char* otherwise) {
  if (!holds) lost(otherwise);
}

FileMap version(std::uint64_t number) {
  const std::string words = "version " + std::to_string(number);
  return {{"large.bin", store::noise(40'000, number)},
          {"sub/note.txt", {as_bytes(words).begin(), as_bytes(words).end()}}};
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

std::string git(const fs::Path& git_dir, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"git", "--git-dir", git_dir.string()});
  ProcessOptions options;
  options.environment = {{"GIT_CONFIG_NOSYSTEM", "1"}, {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"LC_ALL", "C"}};
  const auto done = run_process(arguments, options, kNever);
  if (done.exit_code != 0) {
    lost("git " + arguments[3] + ": " + done.standard_error.substr(0, done.standard_error.find('\n')));
  }
  return done.standard_output;
}

}  // namespace

// --- what is done ---

void User::init() {
  store::Store::create(environment_, place_.store());
  fs::make_directories(environment_.fs, place_.work());
  if (fs::exists(environment_.fs, store::WorkspaceLayout{place_.work()}.description())) return;
  const workspace::WorkspaceState state{
      place_.store(), {ModelName::parse("a/b"), std::nullopt}, {}, {}, {}, {}, {}};
  workspace::Workspace::create(environment_, place_.work(), state);
}

void User::write_version(std::uint64_t number) {
  for (const auto& [path, bytes] : version(number)) {
    fs::make_directories(fs::posix(), (place_.work() / path).parent_path());
    fs::write_file_atomically(fs::posix(), place_.work() / path, bytes);
  }
}

void User::commit() {
  auto store = open(place_.store());
  workspace::Workspace workspace(environment_, place_.work());
  workspace::CommitOptions options;
  options.message = "next";
  options.author = options.committer = somebody();
  workspace::commit(store, workspace, options, no_progress(), kNever);
}

void User::checkout_first() {
  auto store = open(place_.store());
  workspace::Workspace workspace(environment_, place_.work());
  const auto tip = store.history().ref(kRef).value().commit;
  const auto first = store.history().commit(tip).parents.at(0);
  workspace::checkout(store, workspace, first, {}, std::nullopt, workspace::Overwrite::no, no_progress(),
                      kNever);
}

void User::export_first() {
  auto store = open(place_.store());
  const auto tip = store.history().ref(kRef).value().commit;
  const auto first = store.history().commit(tip).parents.at(0);
  workspace::export_version(store, first, place_.exported(), {}, workspace::Overwrite::yes, no_progress(),
                            kNever);
}

// Leaves content, and a git pack that was never finished, for gc to remove.
void User::drop_branch() {
  auto store = open(place_.store());
  const auto trial =
      store::commit_version(store, "refs/heads/a/b@trial", {{"large.bin", store::noise(60'000, 77)}},
                            place_.root, std::nullopt, kNever);
  store::Transaction transaction(store, kNever);
  const std::vector<history::RefUpdate> updates{{"refs/heads/a/b@trial", trial, {}}};
  transaction.publish(updates, somebody(), "delete");
  fs::write_file_atomically(fs::posix(), history::pack_folder(store.layout().git()) / kLeftover,
                            as_bytes("PACK"));
}

void User::collect() {
  auto store = open(place_.store());
  store::gc(store, store::GcRun::real, no_progress(), kNever);
}

void User::push() {
  auto store = open(place_.store());
  const auto remote =
      sync::open_remote_at(store, place_.remote().string(), sync::MissingRemote::create, kNever);
  sync::PushOptions options;
  options.refs = {kRef};
  options.actor = "test";
  options.remote_name = "prod";
  options.who = somebody();
  sync::push(store, *remote, options, no_progress(), kNever);
}

void User::clone() {
  store::Store::create(environment_, place_.cloned());
  auto store = open(place_.cloned());
  const auto remote =
      sync::open_remote_at(store, place_.remote().string(), sync::MissingRemote::refuse, kNever);
  sync::clone(store, *remote, {ModelName::parse("a/b"), "origin", somebody()}, no_progress(), kNever);
}

// --- what has to be there ---

void User::expect_git(const fs::Path& store) {
  const auto git_dir = store::StoreLayout{store}.git();
  const auto settings = git(git_dir, {"config", "--local", "--list"});
  for (const char* setting : {"core.bare=true\n", "core.logallrefupdates=always\n", "gc.auto=0\n"}) {
    if (settings.find(setting) == std::string::npos) lost(std::string("git config has lost ") + setting);
  }
  expect(git(git_dir, {"symbolic-ref", "HEAD"}).starts_with("refs/heads/"), "HEAD leads nowhere");
  git(git_dir, {"fsck", "--strict", "--no-dangling", "--no-progress"});
}

std::uint64_t User::versions(const fs::Path& store) {
  auto opened = open(store);
  const auto tip = opened.history().ref(kRef);
  return tip ? opened.history().walk(std::vector{tip->commit}, {}).size() : 0;
}

void User::expect_versions(const fs::Path& root, std::uint64_t newest) {
  auto store = open(root);
  const auto tip = store.history().ref(kRef);
  if (!tip) lost("the line is gone");
  expect(!store.history().reflog(kRef).empty(), "the reflog of the line is gone");
  std::optional<GitId> at = tip->commit;
  for (auto number = newest; number > 0; --number) {
    if (!at) lost("a version is gone");
    if (store::read_files(store, *at, place_.root, kNever) != version(number)) {
      lost("a version has other files");
    }
    const auto parents = store.history().commit(*at).parents;
    at = parents.empty() ? std::nullopt : std::optional(parents[0]);
  }
  expect(!at, "the line has more versions");
  const auto report = store::fsck(store, content::CheckDepth::full, no_progress(), kNever);
  if (!report.damage.empty()) {
    lost("fsck: " + report.damage.front().subject + ": " + report.damage.front().problem);
  }
}

void User::expect_tracking(const fs::Path& root, const std::string& remote) {
  auto store = open(root);
  const auto ref = "refs/remotes/" + remote + "/a/b";
  expect(store.history().ref(ref).has_value(), "the tracking ref is gone");
  expect(!store.history().reflog(ref).empty(), "the reflog of the tracking ref is gone");
}

void User::expect_workspace(std::uint64_t base, std::uint64_t files) {
  const workspace::Workspace workspace(environment_, place_.work());
  const auto& state = workspace.state();
  auto store = open(place_.store());
  std::uint64_t number = 0;
  if (state.base) number = store.history().walk(std::vector{*state.base}, {}).size();
  expect(number == base, "the workspace is at another version");
  expect(!state.publishing && !state.restoring, "the workspace has something left to finish");
  if (files_in(place_.work()) != version(files)) lost("the workspace has other files");
}

void User::expect_exported() {
  auto files = files_in(place_.exported());
  std::erase_if(files, [](const auto& file) { return file.first.starts_with(".axon-partial-"); });
  if (files != version(1)) lost("the folder has other files");
}

void User::expect_whole_files(const fs::Path& folder) {
  if (!fs::exists(fs::posix(), folder)) return;
  const auto one = version(1), two = version(2);
  for (const auto& [path, bytes] : files_in(folder)) {
    if (path.starts_with(".axon-partial-")) continue;
    if (one.at(path) != bytes && two.at(path) != bytes) lost("a file is of no version");
  }
}

void User::expect_collected() {
  auto store = open(place_.store());
  const auto folder = history::pack_folder(store.layout().git());
  expect(!fs::exists(fs::posix(), folder / kLeftover), "an unfinished git pack is back");
  const auto entries = fs::posix().list(folder);
  const auto packs =
      std::ranges::count_if(entries, [](const auto& entry) { return entry.name.ends_with(".pack"); });
  expect(packs <= 3, "git packs that were merged are back");  // as many as were there before
  const auto again = store::gc(store, store::GcRun::dry, no_progress(), kNever).plan;
  expect(again.remove.empty() && again.rewrite.empty(), "content that was collected is back");
}

std::vector<Operation> operations(const Place& place) {
  const auto one_version = [](User& user) {
    user.init();
    user.write_version(1);
    user.commit();
  };
  const auto two_versions = [=](User& user) {
    one_version(user);
    user.write_version(2);
    user.commit();
  };
  const auto pushed = [=](User& user) {
    two_versions(user);
    user.push();
  };
  // What was acknowledged is not only there, but can be worked on.
  const auto go_on = [&place](User& user, std::uint64_t number) {
    user.write_version(number);
    user.commit();
    user.expect_versions(place.store(), number);
  };
  const auto has_two_versions = [&place](User& user) { user.expect_versions(place.store(), 2); };
  return {
      {"init", [](User&) {}, [](User& user) { user.init(); }, [](User&) {},
       [=, &place](User& user) {
         user.expect_git(place.store());
         go_on(user, 1);
       }},
      {"commit",
       [=](User& user) {
         one_version(user);
         user.write_version(2);
       },
       [](User& user) { user.commit(); },
       [&place](User& user) {
         const auto versions = user.versions(place.store());
         user.expect_versions(place.store(), std::clamp<std::uint64_t>(versions, 1, 2));
       },
       [=, &place](User& user) {
         user.expect_git(place.store());
         user.expect_versions(place.store(), 2);
         user.expect_workspace(2, 2);
         go_on(user, 3);
       }},
      {"checkout", two_versions, [](User& user) { user.checkout_first(); },
       [=, &place](User& user) {
         user.expect_whole_files(place.work());
         user.commit();  // takes no mixture of the two for a new version
         has_two_versions(user);
       },
       [=](User& user) {
         has_two_versions(user);
         user.expect_workspace(1, 1);
       }},
      {"export", two_versions, [](User& user) { user.export_first(); },
       [&place](User& user) { user.expect_whole_files(place.exported()); },
       [](User& user) { user.expect_exported(); }},
      {"gc",
       [=](User& user) {
         two_versions(user);
         user.drop_branch();
       },
       [](User& user) { user.collect(); }, has_two_versions,
       [=, &place](User& user) {
         user.expect_git(place.store());
         user.expect_collected();
         has_two_versions(user);
         go_on(user, 3);
       }},
      {"push", two_versions, [](User& user) { user.push(); }, has_two_versions,
       [=, &place](User& user) {
         has_two_versions(user);
         user.expect_tracking(place.store(), "prod");
         user.clone();
         user.expect_versions(place.cloned(), 2);
       }},
      {"clone", pushed, [](User& user) { user.clone(); }, [](User&) {},
       [=, &place](User& user) {
         user.expect_git(place.cloned());
         user.expect_versions(place.cloned(), 2);
         user.expect_tracking(place.cloned(), "origin");
       }},
  };
}

}  // namespace axon::mutants
