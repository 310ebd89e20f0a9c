#include "core/workspace/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/model/tensor_diff.h"

namespace axon::workspace {

namespace {

std::string counted(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void add_tensors(const std::string& path, const std::vector<content::RecipeTensor>& from,
                 std::vector<model::ModelTensor>& to) {
  for (const auto& tensor : from) {
    to.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.length, tensor.id, path});
  }
}

// "add 5 files", "change config.json"
void add_files(const char* verb, const std::vector<std::string>& paths, std::vector<std::string>& parts) {
  if (paths.empty()) return;
  parts.push_back(paths.size() == 1 ? fmt::format("{} {}", verb, paths.front())
                                    : fmt::format("{} {}", verb, counted(paths.size(), "file")));
}

class Summary {
 public:
  Summary(std::span<const FileEdit> edits, std::span<const BaseTensors> base) : edits_(edits), base_(base) {}

  std::string text() {
    tell_tensors();
    tell_files();
    if (parts_.empty()) return "no changes";
    return fmt::format("{}", fmt::join(parts_, ", "));
  }

 private:
  // Only where tensors went on from the base: of a first version the files say more.
  void tell_tensors() {
    std::unordered_map<std::string_view, const FileEdit*> edited;
    for (const auto& edit : edits_) edited.emplace(edit.path, &edit);
    std::vector<model::ModelTensor> before, after;
    for (const auto& file : base_) {
      add_tensors(file.path, file.tensors, before);
      if (!edited.contains(file.path)) add_tensors(file.path, file.tensors, after);
    }
    if (before.empty()) return;
    for (const auto& edit : edits_) add_tensors(edit.path, edit.tensors, after);
    const auto diff = model::diff_tensors(before, after);
    std::unordered_set<std::string_view> files;
    const auto count = [&](const std::vector<model::TensorPair>& pairs) {
      for (const auto& pair : pairs) files.insert(pair.after->file);
      return pairs.size();
    };
    const auto changed = count(diff.changed) + count(diff.retyped) + count(diff.reshaped);
    for (const auto* tensor : diff.added) files.insert(tensor->file);
    if (changed > 0) {
      parts_.push_back(fmt::format("{} of {} changed in {}", changed, counted(after.size(), "tensor"),
                                   counted(files.size(), "file")));
    }
    if (!diff.added.empty()) parts_.push_back("add " + counted(diff.added.size(), "tensor"));
    if (!diff.removed.empty()) parts_.push_back("remove " + counted(diff.removed.size(), "tensor"));
    for (const auto file : files) told_.insert(std::string(file));
  }

  void tell_files() {
    std::vector<std::string> added, changed, removed;
    for (const auto& edit : edits_) {
      if (told_.contains(edit.path)) continue;
      (!edit.before ? added : !edit.now ? removed : changed).push_back(edit.path);
    }
    add_files("add", added, parts_);
    add_files("change", changed, parts_);
    add_files("remove", removed, parts_);
  }

  std::span<const FileEdit> edits_;
  std::span<const BaseTensors> base_;
  std::unordered_set<std::string> told_;  // files that the tensors have told of
  std::vector<std::string> parts_;
};

}  // namespace

std::string describe_edits(std::span<const FileEdit> edits, std::span<const BaseTensors> base) {
  return Summary(edits, base).text();
}

std::string reflog_text(std::string_view message) {
  return fmt::format("commit: {}", message.substr(0, message.find('\n')));
}

}  // namespace axon::workspace
