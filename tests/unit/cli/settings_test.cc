#include "cli/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "tests/unit/cli/test_host.h"

namespace axon::cli {
namespace {

TEST(ParseWait, TakesSecondsAndUnits) {
  EXPECT_EQ(parse_wait("5", "x"), std::chrono::seconds(5));
  EXPECT_EQ(parse_wait("0.5", "x"), std::chrono::milliseconds(500));
  EXPECT_EQ(parse_wait("250ms", "x"), std::chrono::milliseconds(250));
  EXPECT_EQ(parse_wait("3s", "x"), std::chrono::seconds(3));
  EXPECT_EQ(parse_wait("2m", "x"), std::chrono::minutes(2));
  EXPECT_EQ(parse_wait("0", "x"), std::chrono::seconds(0));
}

TEST(ParseWait, RefusesAnythingElse) {
  for (const auto* text : {"", "x", "-1", "nan", "inf", "1e300", "5h", "5 ", " 5", "ms", "0x5"}) {
    EXPECT_THROW(parse_wait(text, "x"), Error) << text;
  }
}

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { host.variables["AXON_HOME"] = (host.folder / "home").string(); }
  Config load(const GlobalOptions& options = {}) {
    Context context(host.host, options);
    return load_config(context);
  }
  test::TestHost host;
};

TEST_F(SettingsTest, ComeFromTheSystemTheUserTheEnvironmentAndFlags) {
  fs::write_file_atomically(fs::posix(), host.host.system_config,
                            as_bytes("user: {name: System}\nstore: {lock_timeout: 1}\n"));
  EXPECT_EQ(load().get("user.name")->value, "System");
  fs::make_directories(fs::posix(), host.folder / "home");
  fs::write_file_atomically(fs::posix(), host.folder / "home" / "config.yaml",
                            as_bytes("user: {name: User}\n"));
  EXPECT_EQ(load().get("user.name")->value, "User");
  host.variables["AXON_USER_NAME"] = "Environment";
  EXPECT_EQ(load().get("user.name")->value, "Environment");
  EXPECT_EQ(load().get("user.name")->origin, "AXON_USER_NAME");
  GlobalOptions options;
  options.lock_timeout = "7";
  EXPECT_EQ(load(options).get("store.lock_timeout")->value, "7");
  EXPECT_EQ(load(options).get("store.lock_timeout")->layer, ConfigLayer::flag);
}

TEST_F(SettingsTest, GiveTheWaitForLocks) {
  Context context(host.host, {});
  EXPECT_EQ(lock_timeout(context), std::chrono::seconds(60));
  host.variables["AXON_STORE_LOCK_TIMEOUT"] = "3";
  EXPECT_EQ(lock_timeout(context), std::chrono::seconds(3));
  host.variables["AXON_STORE_LOCK_TIMEOUT"] = "soon";
  try {
    lock_timeout(context);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr("AXON_STORE_LOCK_TIMEOUT"));
  }
}

TEST(CheckSetting, GuessesTheRightName) {
  EXPECT_NO_THROW(check_setting("user.name"));
  try {
    check_setting("user.nmae");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.hints().front(), "did you mean 'user.name'?");
  }
}

}  // namespace
}  // namespace axon::cli
