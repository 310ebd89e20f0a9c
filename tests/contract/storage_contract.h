// What every Storage must do. An implementation's test instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StorageContract, testing::Values(StorageMaker{[] { return …; }}));
//
// Include it in one source file of a test program.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "remote/storage/storage.h"

namespace axon::storage {

// A new, empty storage and what it stands on.
struct StorageUnderTest {
  std::shared_ptr<void> ground;  // destroyed after the storage
  std::unique_ptr<Storage> storage;
  std::size_t page_size = 0;  // of its listings: the tests make a few more objects than this
};
struct StorageMaker {
  std::function<StorageUnderTest()> make;
};

class StorageContract : public testing::TestWithParam<StorageMaker> {
 protected:
  StorageContract() : under_test_(GetParam().make()) {}

  Storage& storage() { return *under_test_.storage; }
  std::size_t page_size() const { return under_test_.page_size; }

  WriteResult put(const std::string& key, std::string_view text,
                  const Condition& condition = Condition::always()) {
    SpanSource source(as_bytes(text));
    return storage().write(Key(key), source, condition);
  }
  // "(none)" when there is no such object.
  std::string get(const std::string& key, const ByteRange& range = {}) {
    BytesSink sink(1 << 20);
    if (!storage().read(Key(key), range, sink)) return "(none)";
    return std::string(as_text(sink.bytes()));
  }
  std::vector<std::string> keys(std::string_view prefix, std::string_view after = {}) {
    std::vector<std::string> found;
    for (const auto& object : list_all(storage(), prefix, after)) found.push_back(object.key.text());
    return found;
  }

 private:
  StorageUnderTest under_test_;
};

using Strings = std::vector<std::string>;

// A source that fails, as a file or a network may in the middle of a write.
class FailingSource final : public ByteSource {
 public:
  explicit FailingSource(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t, MutableByteSpan) override {
    throw Error(ErrorCode::interrupted, "stopped in the middle");
  }

 private:
  std::uint64_t size_;
};

TEST_P(StorageContract, ReadsWhatWasWritten) {
  EXPECT_TRUE(put("axon.json", "hello").written);
  EXPECT_EQ(get("axon.json"), "hello");
}

TEST_P(StorageContract, KeepsAnEmptyObject) {
  put("log/empty", "");
  EXPECT_EQ(get("log/empty"), "");
  EXPECT_EQ(storage().stat(Key("log/empty"))->size, 0u);
}

TEST_P(StorageContract, StreamsAnObjectLargerThanItsBlocks) {
  std::string large(9 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 + (i >> 13));
  put("packs/ab/large", large);
  BytesSink sink(large.size());
  const auto info = storage().read(Key("packs/ab/large"), {}, sink);
  EXPECT_EQ(info->size, large.size());
  EXPECT_TRUE(as_text(sink.bytes()) == large);
}

TEST_P(StorageContract, SaysThatAnObjectIsAbsent) {
  EXPECT_FALSE(storage().stat(Key("packs/ab/none")));
  EXPECT_EQ(get("packs/ab/none"), "(none)");
}

TEST_P(StorageContract, TellsNoObjectByTheNameOfAFolder) {
  put("packs/ab/one", "1");
  EXPECT_FALSE(storage().stat(Key("packs/ab")));
  EXPECT_EQ(get("packs"), "(none)");
}

TEST_P(StorageContract, TellsSizeAndEtag) {
  const auto written = put("a", "12345");
  const auto info = storage().stat(Key("a"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 5u);
  EXPECT_EQ(info->etag, written.etag);
  EXPECT_NE(info->etag, "");
}

TEST_P(StorageContract, ReadsARange) {
  put("a", "0123456789");
  EXPECT_EQ(get("a", {.offset = 3, .length = 4}), "3456");
  EXPECT_EQ(get("a", {.offset = 8}), "89");
  EXPECT_EQ(get("a", {.offset = 10, .length = 0}), "");
}

TEST_P(StorageContract, RefusesARangeThatLeavesTheObject) {
  put("a", "0123456789");
  for (const ByteRange range : {ByteRange{8, 3}, ByteRange{11, 0}, ByteRange{11, ByteRange::kToEnd},
                                ByteRange{1, ByteRange::kToEnd - 1}}) {
    try {
      get("a", range);
      ADD_FAILURE() << "took a range from " << range.offset;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::integrity);
    }
  }
}

TEST_P(StorageContract, ReplacesAnObject) {
  const auto first = put("a", "one");
  const auto second = put("a", "two");
  EXPECT_EQ(get("a"), "two");
  EXPECT_NE(first.etag, second.etag);
}

TEST_P(StorageContract, WritesIfAbsentOnce) {
  EXPECT_TRUE(put("log/1", "one", Condition::if_absent()).written);
  EXPECT_FALSE(put("log/1", "two", Condition::if_absent()).written);
  EXPECT_EQ(get("log/1"), "one");
}

TEST_P(StorageContract, WritesIfAbsentAgainAfterARemoval) {
  put("log/1", "one", Condition::if_absent());
  storage().remove(Key("log/1"));
  EXPECT_TRUE(put("log/1", "two", Condition::if_absent()).written);
  EXPECT_EQ(get("log/1"), "two");
}

TEST_P(StorageContract, WritesIfTheEtagMatches) {
  if (!storage().traits().write_if_matches) GTEST_SKIP();
  const auto first = put("a", "one");
  EXPECT_TRUE(put("a", "two", Condition::if_matches(first.etag)).written);
  EXPECT_FALSE(put("a", "three", Condition::if_matches(first.etag)).written);
  EXPECT_EQ(get("a"), "two");
}

TEST_P(StorageContract, MatchesNothingThatIsAbsent) {
  if (!storage().traits().write_if_matches) GTEST_SKIP();
  EXPECT_FALSE(put("a", "one", Condition::if_matches("x")).written);
  EXPECT_EQ(get("a"), "(none)");
}

TEST_P(StorageContract, RemovesAnObject) {
  put("packs/ab/one", "1");
  put("packs/ab/two", "2");
  storage().remove(Key("packs/ab/one"));
  EXPECT_EQ(keys(""), (Strings{"packs/ab/two"}));
}

TEST_P(StorageContract, RemovesWhatIsAbsentWithoutAWord) {
  EXPECT_NO_THROW(storage().remove(Key("packs/ab/none")));
}

TEST_P(StorageContract, ListsKeysInTheOrderOfTheirBytes) {
  for (const char* key : {"b", "a/z", "a.b", "a/b/c", "a-b", "a/B", "ab", "\xc3\xa4"}) put(key, "x");
  EXPECT_EQ(keys(""), (Strings{"a-b", "a.b", "a/B", "a/b/c", "a/z", "ab", "b", "\xc3\xa4"}));
}

TEST_P(StorageContract, ListsAPrefixWhereverItEnds) {
  for (const char* key : {"log/1", "log/2", "logs/1", "packs/ab/1", "packs/ac/1"}) put(key, "x");
  EXPECT_EQ(keys("log/"), (Strings{"log/1", "log/2"}));
  EXPECT_EQ(keys("log"), (Strings{"log/1", "log/2", "logs/1"}));
  EXPECT_EQ(keys("packs/a"), (Strings{"packs/ab/1", "packs/ac/1"}));
  EXPECT_EQ(keys("packs/ab/1"), (Strings{"packs/ab/1"}));
  EXPECT_EQ(keys("none/"), Strings{});
}

TEST_P(StorageContract, ListsAfterAKey) {
  for (const char* key : {"log/1", "log/2", "log/3", "packs/ab/1"}) put(key, "x");
  EXPECT_EQ(keys("log/", "log/1"), (Strings{"log/2", "log/3"}));
  EXPECT_EQ(keys("", "log/2"), (Strings{"log/3", "packs/ab/1"}));
  EXPECT_EQ(keys("log/", "log/15"), (Strings{"log/2", "log/3"}));
  EXPECT_EQ(keys("log/", "zzz"), Strings{});
}

TEST_P(StorageContract, ListsMoreThanAPage) {
  Strings expected;
  for (std::size_t i = 0; i < page_size() * 2 + 1; ++i) {
    expected.push_back("log/" + std::to_string(1000 + i));
    put(expected.back(), "x");
  }
  EXPECT_TRUE(storage().list("log/", "").more);
  EXPECT_EQ(keys("log/"), expected);
}

TEST_P(StorageContract, ListsSizesAndEtags) {
  put("log/1", "12345");
  const auto listed = list_all(storage(), "log/");
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].info.size, 5u);
  EXPECT_EQ(listed[0].info.etag, storage().stat(Key("log/1"))->etag);
}

TEST_P(StorageContract, WritesNothingWhenItsSourceFails) {
  for (const std::uint64_t size : {100u, 9u << 20}) {
    FailingSource source(size);
    EXPECT_THROW(storage().write(Key("packs/ab/one"), source, Condition::if_absent()), Error);
    EXPECT_THROW(storage().write(Key("packs/ab/one"), source, Condition::always()), Error);
  }
  EXPECT_EQ(keys(""), Strings{});
}

TEST_P(StorageContract, KeepsTheOldObjectWhenItsSourceFails) {
  put("a", "old");
  FailingSource source(100);
  EXPECT_THROW(storage().write(Key("a"), source, Condition::always()), Error);
  EXPECT_EQ(get("a"), "old");
}

TEST_P(StorageContract, PassesOnWhatASinkThrows) {
  put("a", "0123456789");
  BytesSink sink(3);
  EXPECT_THROW(storage().read(Key("a"), {}, sink), Error);
}

TEST_P(StorageContract, LetsOneOfManyWritersWinEachRace) {
  constexpr int kRounds = 20, kWriters = 8;
  for (int round = 0; round < kRounds; ++round) {
    const auto key = "log/" + std::to_string(round);
    std::atomic<int> wins{0};
    std::atomic<int> winner{-1};
    {
      std::vector<std::jthread> writers;
      for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
          if (!put(key, "writer " + std::to_string(writer), Condition::if_absent()).written) return;
          ++wins;
          winner = writer;
        });
      }
    }
    EXPECT_EQ(wins, 1);
    EXPECT_EQ(get(key), "writer " + std::to_string(winner));
  }
}

TEST_P(StorageContract, LosesNoUpdateOfManyMatchedWrites) {
  if (!storage().traits().write_if_matches) GTEST_SKIP();
  constexpr int kWriters = 4, kAdditions = 10;
  put("counter", "0");
  const auto add_one = [&] {
    for (;;) {
      const auto before = storage().stat(Key("counter"));
      const auto value = get("counter");
      if (storage().stat(Key("counter"))->etag != before->etag) continue;
      const auto next = std::to_string(std::stoi(value) + 1);
      if (put("counter", next, Condition::if_matches(before->etag)).written) return;
    }
  };
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer)
      writers.emplace_back([&] {
        for (int i = 0; i < kAdditions; ++i) add_one();
      });
  }
  EXPECT_EQ(get("counter"), std::to_string(kWriters * kAdditions));
}

TEST_P(StorageContract, ShowsReadersOldOrNewBytesOnly) {
  const std::string old_text(100'000, 'o'), new_text(70'000, 'n');
  put("a", old_text);
  std::atomic<bool> stop{false};
  std::jthread writer([&] {
    for (int i = 0; i < 30; ++i) put("a", i % 2 == 0 ? new_text : old_text);
    stop = true;
  });
  while (!stop) {
    const auto text = get("a");
    ASSERT_TRUE(text == old_text || text == new_text);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageContract);

}  // namespace axon::storage
