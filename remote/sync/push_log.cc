#include "remote/sync/push_log.h"

#include <algorithm>

#include "core/base/error.h"

namespace axon::sync {

namespace {

// How often an append is made again that got no answer and cannot be read back either way.
constexpr int kAttempts = 3;

std::string entry_name(const storage::Storage& storage, std::uint64_t seq) {
  return "entry " + std::to_string(seq) + " of the push log at '" + storage.location() + "'";
}

Error changed_log(const storage::Storage& storage, std::string reason) {
  return Error(ErrorCode::integrity,
               "the push log at '" + storage.location() + "' is not the one seen before")
      .because(std::move(reason))
      .hint("find out who replaced or restored the remote; do not push to it before");
}

}  // namespace

PushLog::PushLog(storage::Storage& storage, RemoteState known)
    : storage_(storage), state_(std::move(known)) {}

std::optional<PushLog::Fetched> PushLog::fetch(std::uint64_t seq) {
  const auto bytes = storage::read_object(storage_, log_key(seq), kMaxEntrySize);
  if (!bytes) return std::nullopt;
  Fetched fetched;
  fetched.bytes = as_text(*bytes);
  fetched.entry = decode_entry(fetched.bytes, entry_name(storage_, seq));
  fetched.hash = entry_hash(fetched.bytes);
  return fetched;
}

// The last entry that we know must still be there, byte for byte: a log that was cut or written anew would
// otherwise be noticed only when somebody pushes.
void PushLog::check_known_head() {
  if (state_.seq() == 0) return;
  const auto bytes = storage::read_object(storage_, log_key(state_.seq()), kMaxEntrySize);
  if (!bytes) throw changed_log(storage_, "its entry " + std::to_string(state_.seq()) + " is gone");
  if (entry_hash(as_text(*bytes)) != state_.head())
    throw changed_log(storage_, "its entry " + std::to_string(state_.seq()) + " has changed");
}

// nullopt: no snapshot that can be used. Only the log is the truth, so a damaged one is passed over.
std::optional<RemoteState> PushLog::read_snapshot(std::uint64_t seq) {
  const auto key = snapshot_key(seq);
  try {
    const auto bytes = storage::read_object(storage_, key, kMaxSnapshotSize);
    if (!bytes) return std::nullopt;
    auto state = RemoteState::decode(as_text(*bytes), "snapshot '" + key.text() + "'");
    if (state.seq() != seq || state.remote_id() != state_.remote_id()) return std::nullopt;
    const auto entry = storage::read_object(storage_, log_key(seq), kMaxEntrySize);
    if (!entry || entry_hash(as_text(*entry)) != state.head()) return std::nullopt;
    return state;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity) throw;
    return std::nullopt;
  }
}

void PushLog::start_from_snapshot() {
  const auto listed = storage::list_all(storage_, kSnapshotPrefix);
  for (auto each = listed.rbegin(); each != listed.rend(); ++each) {
    const auto seq = snapshot_seq(each->key);
    if (!seq || *seq == 0) continue;
    if (auto state = read_snapshot(*seq)) {
      state_ = std::move(*state);
      return;
    }
  }
}

std::uint64_t PushLog::newest_listed() {
  std::uint64_t newest = state_.seq();
  for (const auto& object : storage::list_all(storage_, kLogPrefix, log_key(state_.seq()).text())) {
    const auto seq = log_seq(object.key);
    if (!seq) {
      throw Error(ErrorCode::integrity, "the push log at '" + storage_.location() + "' holds a stranger")
          .because("'" + object.key.text() + "' is no entry");
    }
    newest = std::max(newest, *seq);
  }
  return newest;
}

void PushLog::read_from_state(const Visitor& visit) {
  const auto newest = newest_listed();
  for (;;) {
    const auto seq = state_.seq() + 1;
    // With a listing that cannot lag, nothing needs to be asked for beyond it.
    if (seq > newest && storage_.traits().strong_listing) return;
    const auto fetched = fetch(seq);
    if (!fetched && seq > newest) return;
    if (!fetched) {
      throw Error(ErrorCode::integrity, "the push log at '" + storage_.location() + "' has a gap")
          .because("there is an entry " + std::to_string(newest) + ", but no entry " + std::to_string(seq));
    }
    try {
      state_.apply(fetched->entry, fetched->hash, fetched->bytes.size());
    } catch (Error& error) {
      error.within("cannot read the push log at '" + storage_.location() + "'");
      throw;
    }
    if (visit) visit(fetched->entry, fetched->hash);
  }
}

const RemoteState& PushLog::refresh(const Visitor& visit) {
  if (state_.seq() == 0) {
    start_from_snapshot();
  } else {
    check_known_head();
  }
  read_from_state(visit);
  return state_;
}

RemoteState PushLog::replay(const Visitor& visit) {
  PushLog whole(storage_, RemoteState(state_.remote_id()));
  whole.read_from_state(visit);
  if (whole.state_.seq() < state_.seq())
    throw changed_log(storage_, "its entry " + std::to_string(state_.seq()) + " is gone");
  return whole.state_;
}

LogEntry PushLog::next_entry() const {
  LogEntry entry;
  entry.seq = state_.seq() + 1;
  entry.prev = state_.head();
  entry.remote_id = state_.remote_id();
  entry.epoch = state_.epoch();
  return entry;
}

// nullopt: nothing is there under this number (yet).
std::optional<AppendOutcome> PushLog::read_back(const LogEntry& entry) {
  const auto found = fetch(entry.seq);
  if (!found) return std::nullopt;
  if (found->entry.op_id != entry.op_id) return AppendOutcome::lost;
  state_.apply(found->entry, found->hash, found->bytes.size());
  return AppendOutcome::committed;
}

// Writing the same bytes under the same number again is harmless: at most one of the attempts is taken, and
// the op_id tells whose it was.
AppendOutcome PushLog::append(const LogEntry& entry) {
  const auto bytes = encode_entry(entry);
  auto next = state_;
  next.apply(entry, entry_hash(bytes), bytes.size());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    try {
      SpanSource source(as_bytes(bytes));
      if (storage_.write(log_key(entry.seq), source, storage::Condition::if_absent()).written) {
        state_ = std::move(next);
        return AppendOutcome::committed;
      }
    } catch (const Error& error) {
      // What can be seen but may not last cannot be proved by looking.
      if (error.code() == ErrorCode::unknown_outcome) return AppendOutcome::unknown;
      if (error.code() != ErrorCode::network) throw;
    }
    try {
      if (const auto outcome = read_back(entry)) return *outcome;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::network) throw;
    }
  }
  return AppendOutcome::unknown;
}

void PushLog::write_snapshot_if_due() noexcept {
  if (!state_.snapshot_due()) return;
  try {
    const auto bytes = state_.encode();
    if (bytes.size() > kMaxSnapshotSize) return;
    SpanSource source(as_bytes(bytes));
    storage_.write(snapshot_key(state_.seq()), source, storage::Condition::if_absent());
  } catch (...) {  // the log itself says it all
  }
}

}  // namespace axon::sync
