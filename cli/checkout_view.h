// How the result of checkout, restore, switch and clone is shown.
#pragma once

#include <string>

#include "cli/context.h"
#include "core/store/resolve.h"
#include "core/workspace/checkout.h"

namespace axon::cli {

// "v1 (4f2c1a9be0d1)", or the id alone.
std::string name_of(const store::ResolvedSpec& version);

// `headline` says in text form what was done; the files that changed follow it.
void show_checkout(Context& context, const std::string& headline, const store::ResolvedSpec& version,
                   const fs::Path& directory, const workspace::CheckoutResult& result);

}  // namespace axon::cli
