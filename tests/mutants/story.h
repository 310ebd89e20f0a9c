// Story: one sync or rename of an operation, and the calls after it that may make up for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/faulty_file_system.h"

namespace axon::mutants {

// Names that are made of content or of chance become "*", and paths start below `root`, so that the same
// call has the same name each time.
std::string plain(std::string text, const fs::Path& root);

class Story {
 public:
  // Of the n-th call of this kind in `log`.
  Story(std::vector<test::Call> log, test::CallKind kind, std::uint64_t n);

  bool happened() const { return at_ < log_.size(); }
  const test::Call& call() const { return log_[at_]; }
  std::uint64_t number() const { return at_ + 1; }  // among all calls
  std::uint64_t calls() const { return log_.size(); }
  std::string name(const fs::Path& root) const;

  // The number of the later call after which it makes no difference that this one was left out: the same
  // folder is synced again, or another file has taken the place of this one for good.
  std::optional<std::uint64_t> covered_by() const;

 private:
  template <class Predicate>
  std::optional<std::uint64_t> find_after(std::size_t start, const Predicate& matches) const;
  // The name that a file gets which is written under a temporary one.
  std::optional<fs::Path> target() const;
  std::optional<std::uint64_t> covered_by_replacement() const;

  std::vector<test::Call> log_;
  std::size_t at_ = 0;
};

}  // namespace axon::mutants
