#include "remote/storage/open_storage.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace axon::storage {
namespace {

std::string location_of(const std::string& address) {
  return open_storage(address, {fs::posix(), system_clock()})->location();
}

Error error_of(const std::string& address) {
  try {
    open_storage(address, {fs::posix(), system_clock()});
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << address << " was taken";
  return Error(ErrorCode::failed, "");
}

TEST(OpenStorage, TakesAPath) {
  EXPECT_EQ(location_of("/srv/models"), "/srv/models");
}

TEST(OpenStorage, TakesTwoSpellingsOfAPathAsOne) {
  EXPECT_EQ(location_of("/srv/models/"), "/srv/models");
  EXPECT_EQ(location_of("/srv/./other/../models"), "/srv/models");
}

TEST(OpenStorage, TakesAFileUrl) {
  EXPECT_EQ(location_of("file:///srv/my%20models"), "/srv/my models");
  EXPECT_EQ(location_of("file://localhost/srv/%C3%A4"), "/srv/\xc3\xa4");
}

TEST(OpenStorage, RefusesAFileUrlOfAnotherMachine) {
  EXPECT_EQ(error_of("file://host/srv").code(), ErrorCode::usage);
}

TEST(OpenStorage, RefusesBadEscapes) {
  for (const char* address : {"file:///a%", "file:///a%2", "file:///a%zz", "file:///a%00"})
    EXPECT_EQ(error_of(address).code(), ErrorCode::usage) << address;
}

TEST(OpenStorage, RefusesNothingAtAll) {
  EXPECT_EQ(error_of("").code(), ErrorCode::usage);
}

TEST(OpenStorage, NamesTheKnownSchemes) {
  const auto error = error_of("gopher://host/models");
  EXPECT_EQ(error.code(), ErrorCode::unsupported);
  EXPECT_EQ(error.message(), "cannot open 'gopher://' addresses");
  EXPECT_EQ(error.causes(), std::vector<std::string>{"known are a path, file:///PATH"});
}

TEST(OpenStorage, TellsUrlsFromPaths) {
  EXPECT_TRUE(is_url("s3://bucket"));
  EXPECT_FALSE(is_url("/a://b"));
  EXPECT_FALSE(is_url("://b"));
  EXPECT_FALSE(is_url("models:v1"));
}

}  // namespace
}  // namespace axon::storage
