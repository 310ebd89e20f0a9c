// Style: emphasis for a terminal, nothing anywhere else.
#pragma once

#include <string>
#include <string_view>

namespace axon::cli {

enum class Color { off, on };

class Style {
 public:
  explicit Style(Color color) : color_(color) {}
  bool colored() const { return color_ == Color::on; }
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string faint(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  std::string cyan(std::string_view text) const { return wrap("36", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const {
    if (color_ == Color::off || text.empty()) return std::string(text);
    return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
  }
  Color color_;
};

}  // namespace axon::cli
