#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mixwright::dev {

/// Where the rounds are shown, on standard output. A terminal is drawn anew each time, and no more
/// than fits is drawn; anything else gets a block for each round and nothing in between.
class Screen {
 public:
  struct Size {
    size_t columns = 0;
    size_t rows = 0;
  };

  /// `title` stands above every round.
  explicit Screen(std::string title);

  /// What is going on now, below what the last round came to.
  void show_state(const std::string& state);
  void show_round(std::vector<std::string> lines);

  /// The lines that a terminal of this size shows: each cut at its width, what is too much left out
  /// and said.
  static std::vector<std::string> fitted(const std::vector<std::string>& lines, Size size);

 private:
  void draw(const std::string& state) const;

  std::string title_;
  bool is_terminal_;
  std::vector<std::string> lines_;
};

}  // namespace mixwright::dev
