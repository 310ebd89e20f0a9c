#include "core/base/model_spec.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/error.h"

namespace axon {

namespace {

constexpr std::size_t kMaxSegment = 96;
constexpr std::size_t kMinSegments = 2, kMaxSegments = 4;
constexpr std::string_view kHeads = "refs/heads/", kTags = "refs/tags/";

enum class Plus { refused, allowed };

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool may_follow(char c, Plus plus) {
  return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || (c == '+' && plus == Plus::allowed);
}

// Names a character in a message, where a control character would be seen by nobody.
std::string describe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == ' ') return "a space";
  if (byte < 0x20 || byte == 0x7f) return "a control character";
  if (byte >= 0x80) return "a character that is not ASCII";
  return {'\'', c, '\''};
}

// What is wrong with a segment, or nullopt. One grammar for names and versions; only `plus` differs.
std::optional<std::string> problem_of(std::string_view segment, Plus plus) {
  if (segment.empty()) return "it is empty";
  if (segment.size() > kMaxSegment) return "it is longer than 96 characters";
  if (!is_letter_or_digit(segment.front()))
    return "it starts with " + describe(segment.front()) + ", not with a letter or digit";
  const auto bad = std::ranges::find_if_not(segment, [&](char c) { return may_follow(c, plus); });
  if (bad != segment.end()) return "it contains " + describe(*bad);
  if (segment.find("..") != std::string_view::npos) return "it contains '..'";
  if (segment.ends_with('.')) return "it ends in '.'";
  if (segment.ends_with(".lock")) return "it ends in '.lock'";
  return std::nullopt;
}

// The nearest valid segment, for a hint; empty when nothing of it is usable.
std::string repaired(std::string_view segment, Plus plus) {
  std::string fixed;
  for (const char c : segment) {
    const char replacement = may_follow(c, plus) ? c : '-';
    if (fixed.empty() && !is_letter_or_digit(replacement)) continue;
    if ((replacement == '.' || replacement == '-') && fixed.ends_with(replacement)) continue;
    if (fixed.size() < kMaxSegment) fixed += replacement;
  }
  while (fixed.ends_with(".lock")) fixed.resize(fixed.size() - 5);
  while (fixed.ends_with('.') || fixed.ends_with('-')) fixed.pop_back();
  return problem_of(fixed, plus) ? std::string() : fixed;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> problem_of_name(std::string_view name) {
  const auto segments = split(name, '/');
  for (const auto segment : segments) {
    if (const auto problem = problem_of(segment, Plus::refused)) {
      if (segments.size() == 1 || segment.empty())
        return segment.empty() && segments.size() > 1 ? "a part between slashes is empty" : *problem;
      return "in the part '" + std::string(segment) + "': " + *problem;
    }
  }
  if (segments.size() < kMinSegments || segments.size() > kMaxSegments)
    return "a name has two to four segments";
  return std::nullopt;
}

// "hf" → "local/hf", "My Model/x" → "My-Model/x", "a/b/c/d/e" → "a/b/c/d-e"; empty when nothing is left.
std::string repaired_name(std::string_view name) {
  std::vector<std::string> segments;
  for (const auto segment : split(name, '/')) {
    if (auto fixed = repaired(segment, Plus::refused); !fixed.empty()) segments.push_back(std::move(fixed));
  }
  if (segments.empty()) return {};
  if (segments.size() == 1) segments.insert(segments.begin(), "local");
  std::string joined = segments[0];
  for (std::size_t i = 1; i < segments.size(); ++i) joined += (i < kMaxSegments ? "/" : "-") + segments[i];
  return problem_of_name(joined) ? std::string() : joined;
}

bool is_full_commit(std::string_view version) {
  return version.size() == 40 && std::ranges::all_of(version, is_hex_digit);
}

bool is_reserved(std::string_view version) {
  return version == "latest" || version == "live" || version == "HEAD" || version == "main" ||
         is_full_commit(version);
}

// The nearest name that a new version may have: "latest" → "latest-1".
std::string repaired_version(std::string_view version) {
  const auto fixed = repaired(version, Plus::allowed);
  if (is_full_commit(fixed)) return {};
  return is_reserved(fixed) ? fixed + "-1" : fixed;
}

// The text as it may stand in a message: one line, not endless.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 120;
  std::string shown;
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (text.size() > kShown) shown += "…";
  return "'" + shown + "'";
}

Error refusal(std::string_view text, const char* kind, std::string because) {
  return Error(ErrorCode::usage, quoted(text) + " is not " + kind).because(std::move(because));
}

Error with_suggestion(Error error, const std::string& suggestion) {
  if (!suggestion.empty()) error.hint("write it as `" + suggestion + "`");
  return error;
}

// Digits of "~N"; nullopt for anything but 0 … 2^32-1 in plain decimal.
std::optional<std::uint32_t> parse_back(std::string_view digits) {
  if (digits.empty() || digits.size() > 10) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

struct SpecParts {
  std::string_view name;
  std::optional<std::string_view> version, back;
};

// '~' and '@' are in no segment, so the first of each ends what is before it.
SpecParts split_spec(std::string_view text) {
  SpecParts parts;
  if (const auto tilde = text.find('~'); tilde != std::string_view::npos) {
    parts.back = text.substr(tilde + 1);
    text = text.substr(0, tilde);
  }
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    parts.version = text.substr(at + 1);
    text = text.substr(0, at);
  }
  parts.name = text;
  return parts;
}

std::string spec_text(std::string_view name, std::string_view version, std::uint32_t back) {
  std::string text(name);
  if (!version.empty()) text.append("@").append(version);
  if (back != 0) text.append("~").append(std::to_string(back));
  return text;
}

}  // namespace

ModelName ModelName::parse(std::string_view text) {
  if (auto problem = problem_of_name(text))
    throw with_suggestion(refusal(text, "a model name", std::move(*problem)), repaired_name(text));
  return ModelName(std::string(text));
}

VersionName VersionName::parse(std::string_view text) {
  if (auto problem = problem_of(text, Plus::allowed))
    throw with_suggestion(refusal(text, "a version name", std::move(*problem)), repaired_version(text));
  if (is_full_commit(text)) throw refusal(text, "a version name", "40 hexadecimal digits name a commit");
  if (is_reserved(text))
    throw with_suggestion(refusal(text, "a version name", "this name is reserved"), repaired_version(text));
  return VersionName(std::string(text));
}

ModelSpec ModelSpec::parse(std::string_view text) {
  constexpr const char* kKind = "a model or version";
  if (text.empty())
    throw refusal(text, kKind, "it is empty").hint("name a model `namespace/name` or a version `@v1`");
  const auto parts = split_spec(text);
  ModelSpec spec;
  if (parts.back) {
    const auto back = parse_back(*parts.back);
    if (!back)
      throw refusal(text, kKind, "after '~' stands the number of versions to go back")
          .hint("write it as `" + spec_text(parts.name, parts.version.value_or(""), 1) + "`");
    spec.back = *back;
  }
  if (!parts.name.empty()) {
    if (auto problem = problem_of_name(parts.name)) {
      const auto fixed = repaired_name(parts.name);
      throw with_suggestion(refusal(parts.name, "a model name", std::move(*problem)),
                            fixed.empty() ? fixed : spec_text(fixed, parts.version.value_or(""), spec.back));
    }
    spec.model = ModelName::parse(parts.name);
  }
  if (parts.version) {
    if (auto problem = problem_of(*parts.version, Plus::allowed)) {
      const auto fixed = repaired(*parts.version, Plus::allowed);
      throw with_suggestion(refusal(text, kKind, "the version after '@' is wrong: " + *problem),
                            fixed.empty() ? fixed : spec_text(parts.name, fixed, spec.back));
    }
    spec.version = std::string(*parts.version);
  }
  return spec;
}

std::string ModelSpec::text() const {
  const auto whole = spec_text(model ? model->text() : "", version.value_or(""), back);
  return whole.empty() ? "~0" : whole;
}

std::string Line::text() const {
  return branch ? model.text() + "@" + branch->text() : model.text();
}

std::string Line::ref() const {
  return std::string(kHeads) + text();
}

std::optional<Line> Line::from_ref(std::string_view ref) {
  if (!ref.starts_with(kHeads)) return std::nullopt;
  ref.remove_prefix(kHeads.size());
  const auto at = ref.find('@');
  const auto name = ref.substr(0, at);
  if (problem_of_name(name)) return std::nullopt;
  Line line{ModelName::parse(name), std::nullopt};
  if (at == std::string_view::npos) return line;
  const auto branch = ref.substr(at + 1);
  if (problem_of(branch, Plus::allowed) || is_reserved(branch)) return std::nullopt;
  line.branch = VersionName::parse(branch);
  return line;
}

std::string tag_ref(const ModelName& model, const VersionName& version) {
  return std::string(kTags) + model.text() + "@" + version.text();
}

namespace {

// Edits between the two, counting a swap of neighbours as one (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> did_you_mean(std::string_view text, const std::vector<std::string>& candidates) {
  constexpr std::size_t kMaxDistance = 2;
  std::optional<std::string> best;
  std::size_t best_distance = kMaxDistance + 1;
  for (const auto& candidate : candidates) {
    // The difference in length is a lower bound; it also keeps a hostile long text cheap.
    const auto longer = std::max(text.size(), candidate.size()),
               shorter = std::min(text.size(), candidate.size());
    if (longer - shorter > kMaxDistance) continue;
    const auto distance = edit_distance(text, candidate);
    if (distance < best_distance && 2 * distance < text.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace axon
