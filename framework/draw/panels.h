#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/draw/graph_layout.h"

namespace mixwright::draw {

/// What is in blocks and embeddings, each make once, under a letter.
class Panels {
 public:
  explicit Panels(const Outline& outline);

  /// The letter of what is in a node: `B`; empty for a leaf.
  std::string letter(const Node& node) const;
  /// Whether a learned scale stands in one of them.
  bool has_scales() const;
  /// Draws them in two columns, `width` in all; a wide one stands across both. Gives what they
  /// take.
  Point draw(Svg& svg, const Point& corner, double width) const;

 private:
  struct Panel {
    Node node;
    std::vector<size_t> stages;  // where such a one stands, counted from 1
    GraphLayout layout;
    double width() const;
    double height() const;
  };
  void add(const Node& node, size_t stage);
  void draw_panel(Svg& svg, const Panel& panel, const Box& box) const;

  std::vector<Panel> panels_;
  std::map<std::string, size_t> by_signature_;
};

/// The letter's sign, 18 x 16.
void draw_letter(Svg& svg, const Point& corner, const std::string& letter);

}  // namespace mixwright::draw
