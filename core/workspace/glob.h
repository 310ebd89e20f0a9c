// Glob: one pattern of the gitignore grammar, matched against paths.
//
// `*` and `?` match within one path component, `[...]` a set of bytes (`!` or `^` negates, ranges, and the
// POSIX classes `[:alpha:]` …), `\` takes the next byte as it is, and a component that is exactly `**`
// matches any number of components. Case counts; bytes, not characters, are matched. Time is bounded by
// pattern length × path length, whatever the pattern. Immutable, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace axon::workspace {

// Matches one component. A set that is never closed matches nothing.
bool match_component(std::string_view pattern, std::string_view name);

class Glob {
 public:
  // `pattern` has no leading and no trailing slash.
  explicit Glob(std::string_view pattern);
  // The whole of `path`: components separated by single slashes.
  bool matches(std::string_view path) const;

 private:
  enum class Kind {
    literal,  // no special bytes: compared as text
    suffix,   // `*` and then no special bytes
    general,
  };
  struct Component {
    Kind kind = Kind::general;
    bool any_depth = false;  // `**`
    std::string text;        // literal: without escapes; suffix: without the star
    bool matches(std::string_view name) const;
  };
  static Component component(std::string_view pattern);
  std::vector<Component> components_;
};

}  // namespace axon::workspace
