// Small packs with known frames, for the tests of packs and of the index.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/fs/file_system.h"
#include "core/content/pack_reader.h"
#include "core/content/pack_writer.h"
#include "tests/support/counter_random.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::content {

inline Bytes some_bytes(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  test::CounterRandom random(seed);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.next() & 0xff);
  return bytes;
}

template <class AnyId>
AnyId some_id(std::uint64_t seed) {
  return AnyId::from(some_bytes(AnyId::kSize, seed ^ 0x1D));
}

inline FrameEntry chunk_entry(std::uint64_t seed, std::size_t raw, Encoding encoding = Encoding::stored) {
  FrameEntry entry;
  entry.id = some_id<FrameId>(seed);
  entry.raw = static_cast<std::uint32_t>(raw);
  entry.encoding = encoding;
  if (encoding == Encoding::delta) entry.aux = some_id<Digest>(seed + 1'000'000);
  return entry;
}

inline FrameEntry recipe_entry(std::uint64_t seed, std::size_t raw, const Oid& oid) {
  FrameEntry entry = chunk_entry(seed, raw);
  entry.kind = FrameKind::recipe;
  entry.aux = oid.as<Digest>();
  return entry;
}

struct PackedFrame {
  FrameEntry entry;
  Bytes payload;
};

inline PackedFrame stored_frame(std::uint64_t seed, std::size_t size) {
  return {chunk_entry(seed, size), some_bytes(size, seed)};
}
inline PackedFrame delta_frame(std::uint64_t seed, std::size_t raw, std::size_t payload) {
  return {chunk_entry(seed, raw, Encoding::delta), some_bytes(payload, seed)};
}
inline PackedFrame recipe_frame(std::uint64_t seed, std::size_t size, const Oid& oid) {
  return {recipe_entry(seed, size, oid), some_bytes(size, seed)};
}

// Writes the frames in order; their entries are completed.
inline PackFooter write_pack(const fs::Path& path, std::vector<PackedFrame>& frames, std::uint64_t seed = 1) {
  test::SeededRandom random(seed);
  PackWriter writer(fs::posix(), path, random);
  for (auto& frame : frames) frame.entry = writer.append(frame.entry, frame.payload);
  return writer.finish();
}

inline Bytes file_bytes(const fs::Path& path) {
  return fs::read_file(fs::posix(), path, std::uint64_t{1} << 30);
}

// Replaces a file's content, without any care for durability.
inline void overwrite(const fs::Path& path, ByteSpan content) {
  auto file = fs::posix().open(path, {.access = fs::Access::open_or_create});
  file->resize(0);
  file->write_at(0, content);
  file->close();
}

// The code of the Error that `work` throws; fails the test when it throws none.
template <class Work>
ErrorCode error_code_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::failed;
}

}  // namespace axon::content
