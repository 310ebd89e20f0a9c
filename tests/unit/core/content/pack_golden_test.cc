// tests/golden/pack-v1.pack: version 1 of the format as it was first written. It is never edited or replaced;
// a change that cannot write or read it needs a new version of the format.

#include <gtest/gtest.h>

#include <algorithm>

#include "core/content/hash.h"
#include "tests/unit/core/content/pack_fixture.h"

namespace axon::content {
namespace {

const fs::Path kGolden = AXON_SOURCE_DIR "/tests/golden/pack-v1.pack";
constexpr const char* kGoldenId = "b9e0af4d2f2271bbc43bd298dda14613f6321380a2dc427115c4e3c7bf631e80";

PackedFrame text_frame(const std::string& text) {
  PackedFrame frame;
  frame.payload.assign(as_bytes(text).begin(), as_bytes(text).end());
  frame.entry.id = sha256(frame.payload).as<FrameId>();
  frame.entry.raw = static_cast<std::uint32_t>(text.size());
  return frame;
}

// One of each kind and encoding, and one object twice. Payloads other than stored ones are arbitrary here:
// what is in them is not the pack's concern.
std::vector<PackedFrame> golden_frames() {
  auto standalone = text_frame("the same object, standing alone");
  auto delta = delta_frame(1, 31, 7);
  delta.entry.id = standalone.entry.id;
  std::vector<PackedFrame> frames = {text_frame("hello"),
                                     {chunk_entry(2, 1'000'000, Encoding::zstd), some_bytes(200, 2)},
                                     {chunk_entry(3, 1 << 20, Encoding::planes), some_bytes(300, 3)},
                                     delta,
                                     standalone,
                                     recipe_frame(4, 500, sha256(as_bytes("a file")).as<Oid>())};
  return frames;
}

TEST(GoldenPack, IsWrittenByteForByte) {
  test::TempDir folder;
  auto frames = golden_frames();
  const auto footer = write_pack(folder / "a.pack", frames, 2026);
  EXPECT_EQ(footer.id.hex(), kGoldenId);
  EXPECT_EQ(to_hex(file_bytes(folder / "a.pack")), to_hex(file_bytes(kGolden)));
}

TEST(GoldenPack, IsRead) {
  PackReader reader(fs::posix(), kGolden);
  const auto footer = reader.read_footer(PackId::parse(kGoldenId).value());
  const auto frames = golden_frames();
  ASSERT_EQ(footer.entries.size(), frames.size());
  Bytes memory;
  for (const auto& frame : frames) {
    const auto entry = std::find_if(footer.entries.begin(), footer.entries.end(), [&](const auto& candidate) {
      return candidate.id == frame.entry.id && candidate.encoding == frame.entry.encoding;
    });
    ASSERT_NE(entry, footer.entries.end());
    EXPECT_EQ(entry->kind, frame.entry.kind);
    EXPECT_EQ(entry->raw, frame.entry.raw);
    EXPECT_EQ(entry->aux, frame.entry.aux);
    const auto payload = reader.read_frame(*entry, memory);
    EXPECT_EQ(to_hex(payload), to_hex(frame.payload));
  }
}

}  // namespace
}  // namespace axon::content
