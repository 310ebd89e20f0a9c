#include "core/model/probe.h"

#include <algorithm>
#include <array>

#include "core/model/formats.h"
#include "core/model/gguf.h"
#include "core/model/header_reader.h"
#include "core/model/safetensors.h"

namespace axon::model {
namespace {

using Reader = content::FileLayout (*)(fs::File&, std::uint64_t);

Probe read_layout(std::string format, Reader reader, fs::File& file, std::uint64_t size) {
  Probe result{.format = std::move(format), .layout = {}, .warning = {}};
  try {
    result.layout = reader(file, size);
  } catch (const HeaderError& error) {
    result.warning = error.text();
  }
  return result;
}

Probe bad_start(std::string_view format, std::string warning) {
  return {.format = std::string(format), .layout = {}, .warning = std::move(warning)};
}

}  // namespace

Probe probe(fs::File& file, std::uint64_t size, std::string_view path) {
  std::array<std::byte, kStartSize> block;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, block.size()));
  const ByteSpan start(block.data(), file.read_at(0, MutableByteSpan(block).first(wanted)));
  const std::string extension = extension_of(path);

  if (looks_like_gguf(start)) return read_layout("gguf", read_gguf, file, size);
  // Nine bytes that fit by chance are no promise: without the extension only a sound header is one.
  if (looks_like_safetensors(start, size)) {
    Probe result = read_layout("safetensors", read_safetensors, file, size);
    if (!result.warning || extension == "safetensors") return result;
  }
  std::string format = recognise(file, size, start, extension);
  if (!format.empty()) return {.format = std::move(format), .layout = {}, .warning = {}};
  if (extension == "safetensors") return read_layout("safetensors", read_safetensors, file, size);
  if (extension == "gguf") return bad_start("gguf", "it does not start with 'GGUF'");
  return {};
}

}  // namespace axon::model
