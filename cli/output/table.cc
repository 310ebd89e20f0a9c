#include "cli/output/table.h"

#include <algorithm>

#include "cli/output/format.h"

namespace axon::cli {

std::vector<std::string> Table::lines(const std::string& indent) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], display_width(row[at]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line = indent;
    for (std::size_t at = 0; at < row.size(); ++at) {
      const std::string space(widths[at] - display_width(row[at]), ' ');
      if (at > 0) line += "  ";
      line += columns_[at] == Align::right ? space + row[at] : row[at] + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace axon::cli
