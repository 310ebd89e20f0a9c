// What tests of push start from: two sites, a remote in memory whose calls are written down, and two
// versions.
#pragma once

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/content/pack_reader.h"
#include "remote/sync/push.h"
#include "remote/sync/push_content.h"
#include "tests/unit/remote/sync/log_builder.h"
#include "tests/unit/remote/sync/site.h"

namespace axon::sync {

class PushTest : public testing::Test {
 protected:
  // The log as anybody reads it.
  RemoteState state() {
    PushLog log(memory_, RemoteState(open_remote(memory_).id));
    log.refresh();
    return log.state();
  }
  LogEntry entry(std::uint64_t seq) {
    const auto bytes = storage::read_object(memory_, log_key(seq), kMaxEntrySize);
    return decode_entry(as_text(bytes.value()), "entry");
  }
  // A new site that clones `model` has these files at its tip.
  void expect_clone(const std::string& model, const FileMap& files) {
    ++readers_;
    Site reader(folder_.path() / ("reader" + std::to_string(readers_)), 1000 + readers_);
    const auto cloned = reader.clone(memory_, model);
    EXPECT_TRUE(reader.files(cloned.tip) == files) << model;
  }
  std::size_t writes(const std::string& prefix) {
    const auto& calls = storage_.calls();
    return static_cast<std::size_t>(
        std::ranges::count_if(calls, [&](const auto& call) { return call.starts_with("write " + prefix); }));
  }
  static ErrorCode code_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorCode::failed;
  }

  test::TempDir folder_;
  test::FakeClock clock_;
  storage::MemoryStorage memory_{clock_};
  ScriptedStorage storage_{memory_};
  Site ada_{folder_.path() / "ada", 1};
  Site bob_{folder_.path() / "bob", 2};
  unsigned readers_ = 0;
};

inline FileMap version_one() {
  return {{"README.md", text("hello\n")}, {"large.bin", noise(3 << 20, 1)}};
}
inline FileMap version_two() {
  auto files = version_one();
  files["README.md"] = text("hello again\n");
  files["large.2"] = noise(1 << 20, 2);
  return files;
}

}  // namespace axon::sync
