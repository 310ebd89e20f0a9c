// Leaves out one sync or rename of an operation at a time, cuts the power after the operation was
// acknowledged, and expects that something is lost: a sync whose absence nobody notices is either not needed
// or not tested.
//
//   axon_skip_mutants [OPERATION…]
//
// What goes unnoticed so may still matter before the end: it may order what comes after. So the power is then
// cut at each later call too; what was there must survive, and the operation must succeed when it is done
// again. Some calls are made good later in the same operation: a folder is synced twice, a file is replaced
// twice. When nothing is lost in between, either, such a call is reported as covered.
//
// Prints a Markdown table, a line for each kind of call that was left out. Exit 1 when one went unnoticed
// that neither is covered nor stands in kHarmless.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/mutants/operations.h"
#include "tests/mutants/story.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::mutants {
namespace {

namespace stdfs = std::filesystem;
using test::CallKind;
using test::Unsynced;

// Calls whose absence rightly loses nothing, as the table names them, and why.
struct Harmless {
  const char* operation;
  const char* call;
  const char* why;
};
constexpr Harmless kHarmless[] = {
    {"push", "rename 'store/remotes/*.json'", "what was read of the remote is read again"},
    {"clone", "rename 'cloned/remotes/*.json'", "what was read of the remote is read again"},
    {"clone", "rename 'cloned/remotes/*.history'", "which packs were taken in is asked again"},
};

const char* why_harmless(const std::string& operation, const std::string& call) {
  for (const auto& known : kHarmless)
    if (operation == known.operation && call == known.call) return known.why;
  return nullptr;
}

// What the power cut spares. Last, of a folder that was to be synced: all but the names in it.
struct Way {
  std::optional<Unsynced> unsynced;
  fs::Path folder;
  void restore(test::FaultyFileSystem& faulty) const {
    unsynced ? faulty.restore_durable_state(*unsynced) : faulty.restore_without_names_in(folder);
  }
};
std::vector<Way> ways_of(const Story& story) {
  std::vector<Way> ways;
  for (const auto unsynced :
       {Unsynced::lost, Unsynced::entries_survive, Unsynced::data_survives, Unsynced::removals_survive})
    ways.push_back({unsynced, {}});
  if (story.call().kind == CallKind::sync_directory) ways.push_back({std::nullopt, story.call().path});
  return ways;
}

class Mutants {
 public:
  explicit Mutants(const std::string& operation)
      : place_{folder_ / "root"}, base_(folder_ / "base"), operation_(find(operation, place_)) {
    stdfs::create_directory(place_.root);
    User user(fs::posix(), place_, 1);
    operation_.prepare(user);
    stdfs::copy(place_.root, base_, stdfs::copy_options::recursive);
  }

  // The number of mutants that survived.
  int run() {
    const auto counts = count();
    for (const auto kind : {CallKind::sync, CallKind::sync_directory, CallKind::sync_all, CallKind::rename}) {
      const auto found = counts.find(kind);
      for (std::uint64_t n = 1; found != counts.end() && n <= found->second; ++n) try_one({kind, n});
    }
    for (const auto& [line, times] : lines_) {
      std::cout << "| " << operation_.name << " | " << line.first
                << (times > 1 ? " (" + std::to_string(times) + " times)" : "") << " | " << line.second
                << " |\n";
    }
    std::cout << std::flush;
    return survivors_;
  }

 private:
  static Operation find(const std::string& name, const Place& place) {
    for (auto& operation : operations(place))
      if (operation.name == name) return operation;
    throw std::invalid_argument("there is no operation '" + name + "'");
  }

  void start_afresh() {
    stdfs::remove_all(place_.root);
    stdfs::copy(base_, place_.root, stdfs::copy_options::recursive | stdfs::copy_options::copy_symlinks);
  }

  std::map<CallKind, std::uint64_t> count() {
    start_afresh();
    test::FaultyFileSystem faulty(fs::posix(), place_.root);
    User user(faulty, place_, 2);
    operation_.act(user);
    return faulty.counts();
  }

  // What `look` finds missing, or an empty text.
  template <class Look>
  std::string problem_of(const Look& look) {
    try {
      User user(fs::posix(), place_, 3);
      look(user);
    } catch (const Error& error) {
      return plain(error.message(), place_.root);
    } catch (const std::exception& problem) {
      return problem.what();
    }
    return "";
  }

  // Does it with one call left out, or none, and without power from call number `at` on, or in the end.
  using Skip = std::pair<CallKind, std::uint64_t>;
  std::string strike(std::optional<Skip> skip, const Way& way, std::optional<std::uint64_t> at) {
    start_afresh();
    {
      test::FaultyFileSystem faulty(fs::posix(), place_.root);
      if (skip) faulty.skip_at(skip->first, skip->second);
      if (at) faulty.cut_power_at(*at);
      try {
        User user(faulty, place_, 2);
        operation_.act(user);
      } catch (const test::PowerCut&) {
      } catch (const Error& error) {
        if (!at) return "refused: " + plain(error.message(), place_.root);
      }
      way.restore(faulty);
    }
    return problem_of([&](User& user) {
      if (at) {
        operation_.survives(user);
        operation_.act(user);
      }
      operation_.check(user);
    });
  }

  // Notes the first loss, if there is one. What is lost without any skip, too, says nothing of this call, and
  // is worse.
  bool loses(const Story& story, const Skip& skip, const std::vector<Way>& ways,
             std::optional<std::uint64_t> at) {
    for (const auto& way : ways) {
      const auto lost = strike(skip, way, at);
      if (lost.empty()) continue;
      const auto always = strike(std::nullopt, way, at);
      survivors_ += !always.empty();
      note(story, !always.empty() ? "**lost even when nothing is left out**: " + always
                  : at            ? "power cut before the end: " + lost
                                  : lost);
      return true;
    }
    return false;
  }

  void try_one(const Skip& skip) {
    const auto story = tell(skip);
    if (!story) return;  // another number of calls this time: threads
    const auto ways = ways_of(*story);
    if (loses(*story, skip, ways, std::nullopt)) return;
    const auto covered = story->covered_by();
    for (auto at = story->number() + 1; at <= covered.value_or(story->calls()); ++at)
      if (loses(*story, skip, ways, at)) return;
    const char* harmless = why_harmless(operation_.name, story->name(place_.root));
    if (covered) return note(*story, "covered by a later one, and nothing is lost in between");
    if (harmless != nullptr) return note(*story, std::string("harmless: ") + harmless);
    ++survivors_;
    note(*story, "**unnoticed**");
  }

  // All calls when this one is left out.
  std::optional<Story> tell(const Skip& skip) {
    start_afresh();
    test::FaultyFileSystem faulty(fs::posix(), place_.root);
    faulty.skip_at(skip.first, skip.second);
    try {
      User user(faulty, place_, 2);
      operation_.act(user);
    } catch (const Error&) {  // told by `strike`
    }
    Story story(faulty.log(), skip.first, skip.second);
    if (!story.happened()) return std::nullopt;
    return story;
  }

  void note(const Story& story, const std::string& what) {
    const std::pair line(story.name(place_.root), what.substr(0, what.find('\n')));
    for (auto& [known, times] : lines_)
      if (known == line) return void(++times);
    lines_.emplace_back(line, 1);
  }

  test::TempDir folder_;
  Place place_;
  fs::Path base_;
  Operation operation_;
  std::vector<std::pair<std::pair<std::string, std::string>, int>> lines_;
  int survivors_ = 0;
};

}  // namespace
}  // namespace axon::mutants

int main(int count, char** arguments) {
  // Tens of thousands of syncs of a real disk take an hour and prove nothing.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  std::vector<std::string> wanted(arguments + 1, arguments + count);
  if (wanted.empty()) wanted = {"init", "commit", "checkout", "export", "gc", "push", "clone"};
  int survivors = 0;
  std::cout << "| operation | left out | what was lost |\n|---|---|---|\n";
  for (const auto& operation : wanted) survivors += axon::mutants::Mutants(operation).run();
  std::cerr << survivors << " mutants survived\n";
  return survivors == 0 ? 0 : 1;
}
