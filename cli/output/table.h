// Table: rows of text in aligned columns, two spaces between them, no line ends with spaces.
#pragma once

#include <string>
#include <vector>

namespace axon::cli {

enum class Align { left, right };

class Table {
 public:
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  // At most as many cells as there are columns; cells may hold escape sequences of Style.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // One line per row, each after `indent`.
  std::vector<std::string> lines(const std::string& indent = "") const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace axon::cli
