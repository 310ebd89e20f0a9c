// Transaction: new content and history on their way into a store, published by one compare-and-swap of refs.
//
// Holds gc.lock (shared) for its life. Content goes to content(), objects to git(); `publish` makes all
// durable, takes publish.lock, moves packs into place, indexes them, checks gates' word has been given, and
// updates the refs: all or nothing. Without publish nothing becomes visible; packs that were published before
// a lost race stay (they are content without a name, which gc collects).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/content/content_writer.h"
#include "core/history/git_pack_writer.h"
#include "core/store/store.h"

namespace axon::store {

class Transaction {
 public:
  Transaction(Store& store, const CancelToken& cancel);
  ~Transaction();
  content::ContentWriter& content();
  history::GitPackWriter& git();
  // Throws Error(moved) when a ref is not where the update expects it.
  void publish(std::span<const history::RefUpdate> updates, const history::Person& who,
               const std::string& reflog_message);
  // Makes content and objects durable and visible without moving any ref (fetch, before its refs).
  void publish_objects();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// After a publish: merges small packs when nobody else is at work. Never throws for lack of a lock.
void tidy(Store& store, const CancelToken& cancel);

}  // namespace axon::store
