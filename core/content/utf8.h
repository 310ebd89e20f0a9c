// Whether text is valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
#pragma once

#include <cstddef>
#include <string_view>

namespace axon::content {

bool is_utf8(std::string_view text);

}  // namespace axon::content
