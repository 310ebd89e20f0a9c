// Names of versions and lines: tags and branches, made and removed. Listing them: resolve.h.
//
// All or nothing, by compare-and-swap under publish.lock; tags and branches of one model share one set of
// names. Errors: Error(already_exists), Error(not_found) with "did you mean", Error(moved) when another
// command was faster.
#pragma once

#include <optional>
#include <string>

#include "core/store/store.h"

namespace axon::store {

// With a message the tag is a git object of its own (annotated), else the ref alone.
void create_tag(Store& store, const ModelName& model, const VersionName& name, const GitId& commit,
                const std::optional<std::string>& message, const history::Person& who,
                const CancelToken& cancel);
void create_branch(Store& store, const ModelName& model, const VersionName& name, const GitId& commit,
                   const history::Person& who, const CancelToken& cancel);

// Return the commit that had the name. Content that only it reached stays until gc.
GitId delete_tag(Store& store, const ModelName& model, const VersionName& name, const history::Person& who,
                 const CancelToken& cancel);
GitId delete_branch(Store& store, const ModelName& model, const VersionName& name, const history::Person& who,
                    const CancelToken& cancel);

// The message of an annotated tag, as it was given; nullopt for any other.
std::optional<std::string> tag_message(Store& store, const ModelName& model, const VersionName& name);

}  // namespace axon::store
