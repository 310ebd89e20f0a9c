// ScriptedStorage: another storage in which single calls go wrong when a test says so.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/error.h"
#include "remote/storage/storage.h"

namespace axon::sync {

enum class CallFault {
  none,
  lost_request,  // Error(network); nothing has happened
  lost_answer,   // it has happened, then Error(network)
  doubtful,      // it has happened, then Error(unknown_outcome)
};

class ScriptedStorage final : public storage::Storage {
 public:
  // "write log/00000000000000000001.json"; counts from 1.
  using Script = std::function<CallFault(const std::string& call, std::uint64_t number)>;

  explicit ScriptedStorage(storage::Storage& inner, Script script = {})
      : inner_(inner), script_(std::move(script)) {}

  void set_script(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }
  // Listings no longer show keys from this one on.
  void hide_from(std::string key) { hidden_from_ = std::move(key); }
  void set_traits(const storage::Traits& traits) { traits_ = traits; }
  const std::vector<std::string>& calls() const { return calls_; }
  void forget_calls() { calls_.clear(); }

  storage::Traits traits() const override { return traits_.value_or(inner_.traits()); }
  std::string location() const override { return "scripted:"; }

  std::optional<storage::ObjectInfo> stat(const storage::Key& key) override {
    return run("stat " + key.text(), [&] { return inner_.stat(key); });
  }
  std::optional<storage::ObjectInfo> read(const storage::Key& key, const storage::ByteRange& range,
                                          ByteSink& sink) override {
    return run("read " + key.text(), [&] { return inner_.read(key, range, sink); });
  }
  storage::WriteResult write(const storage::Key& key, ByteSource& source,
                             const storage::Condition& condition) override {
    return run("write " + key.text(), [&] { return inner_.write(key, source, condition); });
  }
  void remove(const storage::Key& key) override {
    run("remove " + key.text(), [&] {
      inner_.remove(key);
      return 0;
    });
  }
  storage::ListPage list(std::string_view prefix, std::string_view after) override {
    return run("list " + std::string(prefix), [&] {
      auto page = inner_.list(prefix, after);
      if (!hidden_from_.empty())
        std::erase_if(page.objects, [&](const auto& object) { return object.key.text() >= hidden_from_; });
      return page;
    });
  }

 private:
  template <class Call>
  std::invoke_result_t<Call> run(const std::string& name, const Call& call) {
    CallFault fault = CallFault::none;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(name);
      if (script_) fault = script_(name, calls_.size());
    }
    if (fault == CallFault::lost_request) throw Error(ErrorCode::network, "the request was lost");
    auto result = call();
    if (fault == CallFault::lost_answer) throw Error(ErrorCode::network, "the answer was lost");
    if (fault == CallFault::doubtful) throw Error(ErrorCode::unknown_outcome, "it may not last");
    return result;
  }

  storage::Storage& inner_;
  std::mutex mutex_;
  Script script_;
  std::optional<storage::Traits> traits_;
  std::string hidden_from_;
  std::vector<std::string> calls_;
};

}  // namespace axon::sync
