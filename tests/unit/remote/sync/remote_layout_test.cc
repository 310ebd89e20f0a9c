#include "remote/sync/remote_layout.h"

#include <gtest/gtest.h>

#include "tests/unit/remote/sync/log_builder.h"

namespace axon::sync {
namespace {

TEST(RemoteLayout, NamesEverything) {
  EXPECT_EQ(config_key().text(), "axon.json");
  EXPECT_EQ(log_key(12).text(), "log/00000000000000000012.json");
  EXPECT_EQ(snapshot_key(12).text(), "snap/00000000000000000012.json");
  EXPECT_EQ(log_key(~std::uint64_t{0}).text(), "log/18446744073709551615.json");
  const auto hex = pack_id(0xab).hex();
  EXPECT_EQ(pack_key(PackKind::content, pack_id(0xab)).text(), "packs/ab/" + hex + ".pack");
  EXPECT_EQ(pack_key(PackKind::history, pack_id(0xab)).text(), "history/" + hex + ".pack");
}

TEST(RemoteLayout, ReadsItsNumbersBack) {
  for (const std::uint64_t seq : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    EXPECT_EQ(log_seq(log_key(seq)), seq);
    EXPECT_EQ(snapshot_seq(snapshot_key(seq)), seq);
  }
}

TEST(RemoteLayout, ReadsNoNumberFromOtherNames) {
  for (const char* key : {"log/1.json", "log/00000000000000000001.txt", "log/0000000000000000000x.json",
                          "log/99999999999999999999.json", "snap/00000000000000000001.json",
                          "log/+0000000000000000001.json", "log/x/00000000000000000001.json"})
    EXPECT_FALSE(log_seq(storage::Key(key))) << key;
}

}  // namespace
}  // namespace axon::sync
