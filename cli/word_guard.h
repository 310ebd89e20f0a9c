// Words of a command line that CLI11 must not look into: what follows "--" (CLI11 2.1 ends a command there
// once it has its arguments), and names like "[a,b]" (it would take them for a list). A mark in front hides
// them from it, and comes off again when the value is stored.
#pragma once

#include <string>
#include <vector>

namespace axon::cli {

constexpr char kWordGuard = '\x01';

inline std::vector<std::string> guard_words(const std::vector<std::string>& words) {
  std::vector<std::string> guarded;
  bool after_dashes = false;
  for (const auto& word : words) {
    if (word == "--" && !after_dashes) {
      after_dashes = true;
      continue;
    }
    const bool list = word.size() > 1 && word.front() == '[' && word.back() == ']';
    const bool guard = after_dashes || list || word.starts_with(kWordGuard);
    guarded.push_back(guard ? kWordGuard + word : word);
  }
  return guarded;
}

inline std::string unguard_word(std::string word) {
  if (word.starts_with(kWordGuard)) word.erase(0, 1);
  return word;
}

}  // namespace axon::cli
