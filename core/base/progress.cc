#include "core/base/progress.h"

namespace axon {

namespace {

class NoProgress final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end() override {}
  void warn(std::string_view) override {}
};

}  // namespace

Progress& no_progress() {
  static NoProgress silent;
  return silent;
}

}  // namespace axon
