#include "remote/sync/remote_config.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "core/base/error.h"
#include "remote/storage/adapters/local_directory.h"
#include "remote/storage/adapters/memory.h"
#include "remote/sync/remote_memory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/remote/sync/log_builder.h"
#include "tests/unit/remote/sync/scripted_storage.h"

namespace axon::sync {
namespace {

class RemoteConfigTest : public testing::Test {
 protected:
  void write(const std::string& key, const std::string& text) {
    SpanSource source(as_bytes(text));
    storage_.write(storage::Key(key), source, storage::Condition::always());
  }
  Error refusal() {
    try {
      open_remote(storage_);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it was opened";
    return Error(ErrorCode::failed, "");
  }

  test::FakeClock clock_;
  test::SeededRandom random_;
  storage::MemoryStorage memory_{clock_};
  ScriptedStorage storage_{memory_};
};

TEST_F(RemoteConfigTest, MakesARemoteAtAnEmptyPlace) {
  EXPECT_FALSE(find_remote(storage_));
  const auto made = create_remote(storage_, random_);
  EXPECT_EQ(open_remote(storage_).id, made.id);
  const auto bytes = storage::read_object(memory_, config_key(), 1000);
  EXPECT_EQ(as_text(*bytes), "{\"format\":1,\"kind\":\"remote\",\"remote_id\":\"" + made.id.hex() + "\"}\n");
}

TEST_F(RemoteConfigTest, OpensTheRemoteThatIsThere) {
  const auto made = create_remote(storage_, random_);
  EXPECT_EQ(create_remote(storage_, random_).id, made.id);
}

TEST_F(RemoteConfigTest, SaysHowToMakeARemote) {
  const auto error = refusal();
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_EQ(error.hints(), std::vector<std::string>{"make one with `axon remote add NAME scripted:`"});
}

TEST_F(RemoteConfigTest, RefusesAPlaceWithOtherFiles) {
  write("photos/cat.jpg", "x");
  EXPECT_EQ(refusal().code(), ErrorCode::already_exists);
  EXPECT_NE(refusal().hints().front().find("axon publish"), std::string::npos);
  EXPECT_THROW(create_remote(storage_, random_), Error);
  EXPECT_FALSE(storage_.stat(config_key()));
}

TEST_F(RemoteConfigTest, RefusesALocalStore) {
  write("axon.json", "{\"format\":1,\"kind\":\"local\"}\n");
  EXPECT_EQ(refusal().code(), ErrorCode::already_exists);
  EXPECT_EQ(refusal().causes().front(), "it is somebody's local store");
}

TEST_F(RemoteConfigTest, RefusesALaterFormat) {
  const auto id = std::string(32, 'a');
  write("axon.json", "{\"format\":2,\"kind\":\"remote\",\"remote_id\":\"" + id + "\"}\n");
  EXPECT_EQ(refusal().code(), ErrorCode::unsupported);
  write("axon.json", "{\"format\":1,\"kind\":\"other\",\"remote_id\":\"" + id + "\"}\n");
  EXPECT_EQ(refusal().code(), ErrorCode::unsupported);
}

TEST_F(RemoteConfigTest, RefusesWhatItWouldNotHaveWritten) {
  const auto id = std::string(32, 'a');
  const auto good = "{\"format\":1,\"kind\":\"remote\",\"remote_id\":\"" + id + "\"}\n";
  write("axon.json", good);
  EXPECT_NO_THROW(open_remote(storage_));
  for (std::string bad :
       {std::string(), std::string("{}"), std::string("[]"), std::string("\xff"),
        good.substr(0, good.size() - 1), good + "\n", " " + good,
        "{\"format\":1,\"kind\":\"remote\",\"remote_id\":\"" + id + "\",\"x\":1}\n",
        "{\"format\":1,\"kind\":\"remote\",\"remote_id\":\"" + std::string(32, '0') + "\"}\n",
        "{\"format\":1,\"kind\":\"remote\",\"remote_id\":\"" + std::string(32, 'A') + "\"}\n"}) {
    write("axon.json", bad);
    EXPECT_EQ(refusal().code(), ErrorCode::integrity) << bad;
  }
}

TEST_F(RemoteConfigTest, RefusesAStorageWithoutConditionalWrites) {
  storage_.set_traits({});
  EXPECT_THROW(create_remote(storage_, random_), Error);
}

TEST_F(RemoteConfigTest, FindsItsRemoteWhenTheAnswerWasLost) {
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::lost_answer : CallFault::none;
  });
  const auto made = create_remote(storage_, random_);
  EXPECT_EQ(open_remote(memory_).id, made.id);
}

TEST_F(RemoteConfigTest, SaysThatTheNetworkFailedWhenNothingWasMade) {
  storage_.set_script([](const std::string& call, std::uint64_t) {
    return call.starts_with("write") ? CallFault::lost_request : CallFault::none;
  });
  try {
    create_remote(storage_, random_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::network);
  }
}

TEST(RemoteConfigRaces, ManyWhoMakeARemoteAgreeOnOne) {
  const test::TempDir folder;
  std::mutex mutex;
  std::set<RemoteId> ids;
  {
    std::vector<std::jthread> makers;
    for (int maker = 0; maker < 8; ++maker) {
      makers.emplace_back([&] {
        storage::LocalDirectory storage(fs::posix(), folder.path() / "remote");
        const auto id = create_remote(storage, system_random()).id;
        const std::lock_guard lock(mutex);
        ids.insert(id);
      });
    }
  }
  EXPECT_EQ(ids.size(), 1u);
}

class RemoteMemoryTest : public testing::Test {
 protected:
  RemoteState pushed() {
    RemoteState state(remote_id());
    apply(state, push_entry(state, "refs/heads/hf/bert", 1));
    return state;
  }
  test::TempDir folder_;
  RemoteMemory memory_{fs::posix(), folder_.path() / "remotes"};
};

TEST_F(RemoteMemoryTest, KnowsNothingAtFirst) {
  EXPECT_TRUE(memory_.load(remote_id()) == RemoteState(remote_id()));
}

TEST_F(RemoteMemoryTest, RemembersWhatItSaw) {
  memory_.save(pushed());
  EXPECT_TRUE(memory_.load(remote_id()) == pushed());
  EXPECT_EQ(memory_.load(id_of<RemoteId>(1)).seq(), 0u);
}

TEST_F(RemoteMemoryTest, ForgetsOnRequest) {
  memory_.save(pushed());
  memory_.forget(remote_id());
  EXPECT_EQ(memory_.load(remote_id()).seq(), 0u);
}

TEST_F(RemoteMemoryTest, BeginsAnewWhenItsFileIsDamaged) {
  memory_.save(pushed());
  const auto path = folder_.path() / "remotes" / (remote_id().hex() + ".json");
  fs::write_file_atomically(fs::posix(), path, as_bytes("{}"));
  EXPECT_EQ(memory_.load(remote_id()).seq(), 0u);
}

}  // namespace
}  // namespace axon::sync
