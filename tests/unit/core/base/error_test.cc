#include "core/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace axon {
namespace {

using testing::ElementsAre;

TEST(Error, KeepsCausesAndHintsInTheOrderTheyWereAdded) {
  const Error error =
      Error(ErrorCode::moved, "cannot push").because("near").because("far").hint("one").hint("two");
  EXPECT_EQ(error.code(), ErrorCode::moved);
  EXPECT_STREQ(error.what(), "cannot push");
  EXPECT_THAT(error.causes(), ElementsAre("near", "far"));
  EXPECT_THAT(error.hints(), ElementsAre("one", "two"));
}

TEST(Error, WithinTurnsTheOldHeadlineIntoTheNearestCause) {
  Error error = Error(ErrorCode::integrity, "cannot read pack").because("its footer is cut short");
  error.within("cannot check out 'hf/bert'");
  EXPECT_EQ(error.message(), "cannot check out 'hf/bert'");
  EXPECT_THAT(error.causes(), ElementsAre("cannot read pack", "its footer is cut short"));
  EXPECT_EQ(error.code(), ErrorCode::integrity);
}

TEST(Error, IsTransientOnlyForNetworkAndLocks) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::unsupported); ++code) {
    const Error error(static_cast<ErrorCode>(code), "x");
    const bool expected = error.code() == ErrorCode::network || error.code() == ErrorCode::locked;
    EXPECT_EQ(error.transient(), expected) << to_string(error.code());
  }
}

struct Mapping {
  int error_number;
  ErrorCode code;
};
class SystemError : public testing::TestWithParam<Mapping> {};

TEST_P(SystemError, HasTheCodeOfItsNumber) {
  EXPECT_EQ(system_error(GetParam().error_number, "write", "x").code(), GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(
    Numbers, SystemError,
    testing::Values(Mapping{ENOSPC, ErrorCode::no_space}, Mapping{EDQUOT, ErrorCode::no_space},
                    Mapping{EACCES, ErrorCode::permission}, Mapping{EPERM, ErrorCode::permission},
                    Mapping{EROFS, ErrorCode::permission}, Mapping{ENOENT, ErrorCode::not_found},
                    Mapping{EEXIST, ErrorCode::already_exists}, Mapping{EIO, ErrorCode::io},
                    Mapping{ELOOP, ErrorCode::io}));

TEST(SystemError, SaysWhatWasTriedOnWhatAndWhyItFailed) {
  const Error error = system_error(ENOENT, "open", "a/b");
  EXPECT_EQ(error.message(), "cannot open 'a/b'");
  EXPECT_THAT(error.causes(), ElementsAre("no such file or directory"));
}

TEST(ErrorCodeWord, IsDistinctForEachCode) {
  std::vector<std::string> words;
  for (int code = 0; code <= static_cast<int>(ErrorCode::unsupported); ++code)
    words.emplace_back(to_string(static_cast<ErrorCode>(code)));
  EXPECT_EQ(words.size(), 18u);
  EXPECT_EQ(std::set<std::string>(words.begin(), words.end()).size(), words.size());
  EXPECT_EQ(words[static_cast<std::size_t>(ErrorCode::no_space)], "no_space");
}

}  // namespace
}  // namespace axon
