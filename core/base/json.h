// JSON as axon writes and reads it where bytes matter: remotes, machine-written files, --json.
//
// Reading is strict: UTF-8, no duplicate keys, nothing after the value, nesting of at most 64, size capped by
// the caller. Writing for hashing is RFC 8785 (JCS): keys sorted by UTF-16 code units, no white space,
// integers only up to 2^53 (axon persists no fractions; one in canonical JSON throws Error(failed)).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace axon {

// Throws Error(integrity) with the byte offset; `what` names the document in the message.
nlohmann::json parse_json(std::string_view text, std::string_view what);
std::string canonical_json(const nlohmann::json& value);

}  // namespace axon
