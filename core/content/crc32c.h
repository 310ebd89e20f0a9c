// CRC-32C (Castagnoli), as iSCSI defines it: "123456789" → 0xE3069283.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace axon::content {

// The CRC of what `before` stands for followed by `bytes`; 0 stands for nothing.
std::uint32_t crc32c(ByteSpan bytes, std::uint32_t before = 0);

}  // namespace axon::content
