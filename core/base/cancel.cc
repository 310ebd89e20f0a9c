#include "core/base/cancel.h"

#include "core/base/error.h"

namespace axon {

void CancelToken::throw_if_cancelled() const {
  if (cancelled()) throw Error(ErrorCode::interrupted, "interrupted");
}

}  // namespace axon
