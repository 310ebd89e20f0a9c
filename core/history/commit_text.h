// The text of git's commit and tag objects, made and read.
//
// Made canonical, as git itself writes them: no encoding header (all is UTF-8), message ending in one
// newline. Names and emails must not hold '<', '>', newlines or NUL, messages no NUL: Error(usage). Reading
// keeps to git's grammar, passes over header lines that it does not know, and throws Error(integrity)
// otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/history/types.h"

namespace axon::history {

// `commit.id` is not looked at; the signature, when there is one, goes into a gpgsig header.
std::string encode_commit(const Commit& commit);
Commit parse_commit(const GitId& id, ByteSpan text);

struct Tag {
  GitId target;
  ObjectType type = ObjectType::commit;
  std::string name;  // the version's, as in the ref after refs/tags/
  Person tagger;
  std::string message;
  std::string signature;  // armour at the end of the text; empty when unsigned
};
std::string encode_tag(const Tag& tag);
Tag parse_tag(ByteSpan text);

// What a signature of this commit or tag covers, and the signature; nullopt when it is not signed.
struct SignedText {
  std::string payload, signature;
};
std::optional<SignedText> split_signature(ObjectType type, ByteSpan text);

// "NAME <EMAIL>" as people write it for --author; Error(usage) otherwise. The time is left zero.
Person parse_person(std::string_view text);

}  // namespace axon::history
