#include "core/model/tensor_diff.h"

#include <algorithm>
#include <tuple>

namespace axon::model {
namespace {

using Tensors = std::vector<const ModelTensor*>;

Tensors sorted_by_name(std::span<const ModelTensor> tensors) {
  Tensors sorted;
  sorted.reserve(tensors.size());
  for (const auto& tensor : tensors) sorted.push_back(&tensor);
  std::ranges::sort(sorted, {}, [](const ModelTensor* t) { return std::tie(t->name, t->file); });
  return sorted;
}

// Takes the pairs for which `key` is equal out of two lists and hands them to `use`; keeps the order of what
// is left. Of equal keys the first of one side meets the first of the other.
template <class Key, class Use>
void match(Tensors& before, Tensors& after, Key key, Use use) {
  const auto ordered = [&](const Tensors& tensors) {
    Tensors copy = tensors;
    std::ranges::stable_sort(copy, {}, key);
    return copy;
  };
  const Tensors left = ordered(before), right = ordered(after);
  Tensors left_alone, right_alone;
  auto a = left.begin(), b = right.begin();
  while (a != left.end() && b != right.end()) {
    if (key(*a) < key(*b)) {
      left_alone.push_back(*a++);
    } else if (key(*b) < key(*a)) {
      right_alone.push_back(*b++);
    } else {
      use(TensorPair{*a++, *b++});
    }
  }
  left_alone.insert(left_alone.end(), a, left.end());
  right_alone.insert(right_alone.end(), b, right.end());
  before = std::move(left_alone);
  after = std::move(right_alone);
}

void classify(TensorDiff& diff, TensorPair pair) {
  if (pair.before->dtype != pair.after->dtype) {
    diff.retyped.push_back(pair);
  } else if (pair.before->shape != pair.after->shape) {
    diff.reshaped.push_back(pair);
  } else if (pair.before->id != pair.after->id) {
    diff.changed.push_back(pair);
  } else {
    ++diff.unchanged;
  }
}

void sort_by_name(Tensors& tensors) {
  std::ranges::sort(tensors, {}, [](const ModelTensor* t) { return std::tie(t->name, t->file); });
}

void sort_by_name(std::vector<TensorPair>& pairs) {
  std::ranges::sort(pairs, {}, [](const TensorPair& p) { return std::tie(p.after->name, p.after->file); });
}

}  // namespace

bool TensorDiff::any() const {
  return !added.empty() || !removed.empty() || !renamed.empty() || !retyped.empty() || !reshaped.empty() ||
         !changed.empty();
}

TensorDiff diff_tensors(std::span<const ModelTensor> before, std::span<const ModelTensor> after) {
  TensorDiff diff;
  Tensors old_tensors = sorted_by_name(before), new_tensors = sorted_by_name(after);
  const auto take = [&](TensorPair pair) { classify(diff, pair); };
  const auto in_file = [](const ModelTensor* t) { return std::tie(t->name, t->file); };
  const auto with_id = [](const ModelTensor* t) { return std::tie(t->name, t->id); };
  const auto by_name = [](const ModelTensor* t) { return std::tie(t->name); };
  match(old_tensors, new_tensors, in_file, take);
  match(old_tensors, new_tensors, with_id, take);
  match(old_tensors, new_tensors, by_name, take);
  const auto content = [](const ModelTensor* t) { return std::tie(t->id, t->dtype, t->shape); };
  match(old_tensors, new_tensors, content, [&](TensorPair pair) { diff.renamed.push_back(pair); });
  diff.removed = std::move(old_tensors);
  diff.added = std::move(new_tensors);
  sort_by_name(diff.removed);
  sort_by_name(diff.added);
  for (auto* pairs : {&diff.renamed, &diff.retyped, &diff.reshaped, &diff.changed}) sort_by_name(*pairs);
  return diff;
}

}  // namespace axon::model
