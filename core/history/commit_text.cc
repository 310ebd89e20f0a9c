#include "core/history/commit_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "core/base/error.h"

namespace axon::history {

namespace {

constexpr std::string_view kSignatureKey = "gpgsig";
constexpr std::string_view kArmour = "-----BEGIN ";
constexpr std::int64_t kDay = 24 * 60;

// --- writing ---

void check_name(std::string_view text, const char* what) {
  if (text.find_first_of(std::string_view("<>\n\r\0", 5)) == text.npos) return;
  throw Error(ErrorCode::usage, fmt::format("cannot write a commit with this {}", what))
      .because("it has '<', '>', a newline or NUL")
      .hint("write it as `--author 'NAME <EMAIL>'`");
}

void append_person(std::string& text, std::string_view key, const Person& person) {
  check_name(person.name, "name");
  if (person.name.empty()) {
    throw Error(ErrorCode::usage, "cannot write a commit without its author's name")
        .hint("run `git config --global user.name 'NAME'`, or give `--author 'NAME <EMAIL>'`");
  }
  check_name(person.email, "email address");
  const int offset = std::abs(person.offset_minutes) % static_cast<int>(kDay);
  text += fmt::format("{} {} <{}> {} {}{:02}{:02}\n", key, person.name, person.email, person.seconds,
                      person.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

void append_message(std::string& text, std::string_view message) {
  if (message.find('\0') != message.npos) {
    throw Error(ErrorCode::usage, "cannot write a commit with this message").because("it has NUL characters");
  }
  text += '\n';
  text += message;
  if (!text.ends_with('\n')) text += '\n';
}

// A header value of several lines: each but the first starts with a blank.
void append_signature(std::string& text, std::string_view signature) {
  text += kSignatureKey;
  text += ' ';
  for (const char c : signature.substr(0, signature.find_last_not_of('\n') + 1)) {
    text += c;
    if (c == '\n') text += ' ';
  }
  text += '\n';
}

// --- reading ---

[[noreturn]] void malformed(const char* what) {
  throw Error(ErrorCode::integrity, "a commit or tag of the history is malformed")
      .because(what)
      .hint("run `axon fsck`");
}

struct Header {
  std::string_view key;
  std::string value;  // continuation lines joined by newlines
};

// The header before an object's message, taken from the front of `text` with the empty line after it.
std::vector<Header> take_headers(std::string_view& text) {
  std::vector<Header> headers;
  for (;;) {
    const auto end = text.find('\n');
    if (end == text.npos) {
      if (text.empty()) return headers;  // git allows an object without message and empty line
      malformed("its header is cut short");
    }
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.empty()) return headers;
    if (line.front() == ' ') {
      if (headers.empty()) malformed("its header starts with a blank");
      headers.back().value.append("\n").append(line.substr(1));
      continue;
    }
    const auto space = line.find(' ');
    if (space == line.npos) malformed("a header line has no value");
    headers.push_back({line.substr(0, space), std::string(line.substr(space + 1))});
  }
}

GitId parse_name(std::string_view hex) {
  const auto id = GitId::parse(hex);
  if (!id) malformed("it names an object by something else than 40 hex digits");
  return *id;
}

template <class Number>
std::optional<Number> parse_number(std::string_view digits) {
  Number number = 0;
  const auto* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

// "+0130" → 90
std::optional<int> parse_offset(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto number = parse_number<int>(text.substr(1));
  if (!number || *number < 0) return std::nullopt;
  const int minutes = *number / 100 * 60 + *number % 100;
  return text[0] == '-' ? -minutes : minutes;
}

// "NAME <EMAIL> SECONDS OFFSET"; histories of other programs have worse, so a time that makes no sense is 0.
Person parse_stamp(std::string_view text) {
  const auto open = text.find('<');
  const auto close = text.rfind('>');
  if (open == text.npos || close == text.npos || close < open) malformed("a person has no email address");
  Person person;
  person.name = std::string(text.substr(0, open));
  while (person.name.ends_with(' ')) person.name.pop_back();
  person.email = std::string(text.substr(open + 1, close - open - 1));
  auto rest = text.substr(close + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto space = rest.find(' ');
  person.seconds = parse_number<std::int64_t>(rest.substr(0, space)).value_or(0);
  if (space != rest.npos) person.offset_minutes = parse_offset(rest.substr(space + 1)).value_or(0);
  return person;
}

std::optional<ObjectType> type_named(std::string_view name) {
  for (const auto type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
    if (name == to_string(type)) return type;
  return std::nullopt;
}

// The header's value at a fixed place; git fixes the order of those that it needs.
const std::string& require(const std::vector<Header>& headers, std::size_t at, std::string_view key) {
  if (at >= headers.size() || headers[at].key != key) malformed("a header line is missing or out of place");
  return headers[at].value;
}

// Where the armour at the end of a tag's message starts.
std::size_t find_armour(std::string_view text) {
  for (auto at = text.rfind(kArmour); at != text.npos && at > 0; at = text.rfind(kArmour, at - 1)) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    if (text[at - 1] == '\n' && line.ends_with(" SIGNATURE-----")) return at;
  }
  return text.npos;
}

std::optional<SignedText> split_commit(std::string_view text) {
  SignedText parts;
  bool in_signature = false;
  bool found = false;
  while (!text.empty() && text.front() != '\n') {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    const auto line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    in_signature = line.front() == ' ' ? in_signature : line.starts_with("gpgsig ") && !found;
    if (!in_signature) {
      parts.payload += line;
    } else {
      parts.signature += line.substr(line.front() == ' ' ? 1 : kSignatureKey.size() + 1);
      found = true;
    }
  }
  if (!found) return std::nullopt;
  parts.payload += text;
  if (parts.signature.ends_with('\n')) parts.signature.pop_back();
  return parts;
}

}  // namespace

std::string encode_commit(const Commit& commit) {
  std::string text = fmt::format("tree {}\n", commit.tree.hex());
  for (const auto& parent : commit.parents) text += fmt::format("parent {}\n", parent.hex());
  append_person(text, "author", commit.author);
  append_person(text, "committer", commit.committer);
  if (!commit.signature.empty()) append_signature(text, commit.signature);
  append_message(text, commit.message);
  return text;
}

Commit parse_commit(const GitId& id, ByteSpan bytes) {
  auto text = as_text(bytes);
  const auto headers = take_headers(text);
  Commit commit;
  commit.id = id;
  std::size_t at = 0;
  commit.tree = parse_name(require(headers, at++, "tree"));
  for (; at < headers.size() && headers[at].key == "parent"; ++at)
    commit.parents.push_back(parse_name(headers[at].value));
  commit.author = parse_stamp(require(headers, at++, "author"));
  commit.committer = parse_stamp(require(headers, at++, "committer"));
  for (; at < headers.size(); ++at)
    if (headers[at].key == kSignatureKey && commit.signature.empty()) commit.signature = headers[at].value;
  commit.message = std::string(text);
  if (!commit.message.ends_with('\n')) commit.message += '\n';
  return commit;
}

std::string encode_tag(const Tag& tag) {
  check_name(tag.name, "name");
  std::string text =
      fmt::format("object {}\ntype {}\ntag {}\n", tag.target.hex(), to_string(tag.type), tag.name);
  append_person(text, "tagger", tag.tagger);
  append_message(text, tag.message);
  if (!tag.signature.empty()) text += tag.signature + "\n";
  return text;
}

Tag parse_tag(ByteSpan bytes) {
  auto text = as_text(bytes);
  const auto headers = take_headers(text);
  Tag tag;
  tag.target = parse_name(require(headers, 0, "object"));
  const auto type = type_named(require(headers, 1, "type"));
  if (!type) malformed("a tag names something that is no object");
  tag.type = *type;
  tag.name = require(headers, 2, "tag");
  if (headers.size() > 3 && headers[3].key == "tagger") tag.tagger = parse_stamp(headers[3].value);
  if (const auto armour = find_armour(text); armour != text.npos) {
    tag.signature = std::string(text.substr(armour, text.find_last_not_of('\n') + 1 - armour));
    text = text.substr(0, armour);
  }
  tag.message = std::string(text);
  if (!tag.message.ends_with('\n')) tag.message += '\n';
  return tag;
}

std::optional<SignedText> split_signature(ObjectType type, ByteSpan bytes) {
  const auto text = as_text(bytes);
  if (type == ObjectType::commit) return split_commit(text);
  const auto armour = type == ObjectType::tag ? find_armour(text) : text.npos;
  if (armour == text.npos) return std::nullopt;
  const auto signature = text.substr(armour, text.find_last_not_of('\n') + 1 - armour);
  return SignedText{std::string(text.substr(0, armour)), std::string(signature)};
}

Person parse_person(std::string_view text) {
  const auto open = text.find('<');
  const bool shaped = open != text.npos && open > 0 && text.ends_with('>') &&
                      text.find_first_of("<>", open + 1) == text.size() - 1;
  std::string name(shaped ? text.substr(0, open) : "");
  while (name.ends_with(' ')) name.pop_back();
  if (!shaped || name.empty() || text.find_first_of(std::string_view("\n\r\0", 3)) != text.npos) {
    throw Error(ErrorCode::usage, "'" + std::string(text) + "' is no person")
        .because("a person is written as NAME <EMAIL>")
        .hint("write it as `--author 'Ada Lovelace <ada@example.org>'`");
  }
  return {std::move(name), std::string(text.substr(open + 1, text.size() - open - 2)), 0, 0};
}

}  // namespace axon::history
