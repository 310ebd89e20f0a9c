// FaultLoop: does a thing in copies of one prepared folder, with one fault at a time, and checks what is
// left.
//
// Ordinarily a seeded sample of the points is tried; all of them with AXON_TEST_LONG=1 in the environment.
#pragma once

#include <gtest/gtest.h>
#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tests/support/faulty_file_system.h"
#include "tests/support/temp_dir.h"

namespace axon::workspace {

class FaultLoop {
 public:
  // `prepare` fills the folder; `act` may throw Error or PowerCut; `check` looks at the folder afterwards,
  // through no faults. `acted`: act returned.
  std::function<void(const fs::Path&)> prepare;
  std::function<void(fs::FileSystem&, const fs::Path&)> act;
  std::function<void(const fs::Path&, bool acted)> check;

  void fail(test::Fault fault, std::size_t sample, test::Repeat repeat = test::Repeat::once) {
    const auto calls = count([&](test::FaultyFileSystem& faulty) { return faulty.calls(fault); });
    for (const auto n : points(calls, sample)) {
      run(
          "fault at " + std::to_string(n), [&](auto& faulty) { faulty.fail_at(n, fault, repeat); },
          std::nullopt);
    }
  }

  void cut_power(test::Unsynced unsynced, std::size_t sample) {
    const auto calls = count([](test::FaultyFileSystem& faulty) { return faulty.calls(); });
    for (const auto n : points(calls, sample)) {
      run(
          "power cut at " + std::to_string(n), [&](auto& faulty) { faulty.cut_power_at(n); }, unsynced);
    }
  }

  // The power goes right after the thing was done: what was acknowledged must be there.
  void cut_power_afterwards(test::Unsynced unsynced) {
    run(
        "power cut afterwards", [](auto&) {}, unsynced);
  }

  std::size_t runs() const { return runs_; }

 private:
  static bool all() {
    const char* wanted = std::getenv("AXON_TEST_LONG");
    return wanted != nullptr && std::string(wanted) == "1";
  }

  static std::vector<std::uint64_t> points(std::uint64_t calls, std::size_t sample) {
    std::vector<std::uint64_t> points;
    for (std::uint64_t n = 1; n <= calls; ++n) points.push_back(n);
    if (all() || points.size() <= sample) return points;
    std::mt19937 random(static_cast<std::uint32_t>(calls));
    std::shuffle(points.begin(), points.end(), random);
    points.resize(sample);
    return points;
  }

  const fs::Path& prepared() {
    if (!template_) {
      template_ = std::make_unique<test::TempDir>();
      prepare(template_->path());
    }
    return template_->path();
  }

  void copy_to(const fs::Path& folder) {
    std::filesystem::copy(prepared(), folder,
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::copy_symlinks |
                              std::filesystem::copy_options::overwrite_existing);
  }

  template <class Counter>
  std::uint64_t count(const Counter& counter) {
    test::TempDir folder;
    copy_to(folder.path());
    test::FaultyFileSystem faulty(fs::posix(), folder.path());
    act(faulty, folder.path());
    return counter(faulty);
  }

  template <class Arm>
  void run(const std::string& what, const Arm& arm, std::optional<test::Unsynced> unsynced) {
    SCOPED_TRACE(what);
    ++runs_;
    test::TempDir folder;
    copy_to(folder.path());
    bool acted = false;
    std::string log;
    {
      test::FaultyFileSystem faulty(fs::posix(), folder.path());
      arm(faulty);
      try {
        act(faulty, folder.path());
        acted = true;
      } catch (const test::PowerCut&) {
      } catch (const Error& error) {
        log = error.message();
        EXPECT_FALSE(error.message().empty());
      }
      EXPECT_EQ(faulty.syncs_after_failure(), 0U);
      const auto calls = faulty.log();
      if (!calls.empty())
        log += std::string(" · ") + to_string(calls.back().kind) + " " + calls.back().path.string();
      if (unsynced) faulty.restore_durable_state(*unsynced);
    }
    SCOPED_TRACE(log);
    check(folder.path(), acted);
  }

  std::unique_ptr<test::TempDir> template_;
  std::size_t runs_ = 0;
};

}  // namespace axon::workspace
