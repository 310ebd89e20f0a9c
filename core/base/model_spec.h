// ModelName, VersionName, ModelSpec: how people name models and their versions.
//
//   spec    = name [ "@" version ] [ "~" N ]
//           | "@" version [ "~" N ] | "~" N       inside a workspace: its own model
//   name    = segment 1*3( "/" segment )          two to four: "hf/google/flan-t5"
//   segment = [A-Za-z0-9] [A-Za-z0-9._-]{0,95}    without "..", not ending in "." or ".lock"
//   version = a segment, with "+" allowed after the first character
//
// A new version may not be called "latest", "live", "HEAD", "main" or 40 hex digits; all of these may be
// asked for.
//
// Refs: refs/heads/NS/NAME is the main line, refs/heads/NS/NAME@BRANCH another line,
// refs/tags/NS/NAME@VERSION a version. Errors: Error(usage) that quotes the text, says what is wrong with it,
// and how it could be meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axon {

// A valid model name, by construction.
class ModelName {
 public:
  static ModelName parse(std::string_view text);
  const std::string& text() const { return text_; }
  auto operator<=>(const ModelName&) const = default;

 private:
  explicit ModelName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// A valid name for a new tag or branch.
class VersionName {
 public:
  static VersionName parse(std::string_view text);
  const std::string& text() const { return text_; }
  auto operator<=>(const VersionName&) const = default;

 private:
  explicit VersionName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct ModelSpec {
  std::optional<ModelName> model;  // absent: the workspace's
  // As asked for: a tag, a branch, a commit prefix, "latest", "live", "main".
  std::optional<std::string> version;
  std::uint32_t back = 0;  // ~N: first parents back

  static ModelSpec parse(std::string_view text);
  std::string text() const;
};

// A line of history: a model's main line, or its branch.
struct Line {
  ModelName model;
  std::optional<VersionName> branch;  // absent: the main line
  std::string ref() const;            // "refs/heads/NS/NAME" or "refs/heads/NS/NAME@BRANCH"
  std::string text() const;           // "NS/NAME" or "NS/NAME@BRANCH"
  // From a refs/heads/ name; nullopt when it is not one of a valid line.
  static std::optional<Line> from_ref(std::string_view ref);
  bool operator==(const Line&) const = default;
};

std::string tag_ref(const ModelName& model, const VersionName& version);  // "refs/tags/NS/NAME@VERSION"

// The candidate that a mistyped `text` was most likely meant to be (edit distance ≤ 2 and < half its length),
// if any.
std::optional<std::string> did_you_mean(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace axon
