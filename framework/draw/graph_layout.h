#pragma once

#include <vector>

#include "framework/draw/outline.h"
#include "framework/draw/svg.h"

namespace mixwright::draw {

/// Where the nodes of a graph stand. Each has a level, one below the lowest of those it takes from;
/// nodes of a level stand side by side, and an arrow over more than a level runs down a lane on the
/// left.
class GraphLayout {
 public:
  /// `ends`: shows the shapes that come in and go out.
  GraphLayout(const Graph& graph, bool ends);
  double width() const { return width_; }
  double height() const { return height_; }
  int64_t repeat() const { return graph_->repeat; }
  /// Draws it with its upper left corner there.
  void draw(Svg& svg, const Point& corner) const;

 private:
  struct Placed {
    size_t level = 0;
    Box box;
    std::vector<GraphLayout> inside;  // one or none
  };
  struct Lane {
    Graph::Edge edge;
    size_t lane = 0;
  };
  void set_levels();
  void measure();
  void assign_lanes();
  void place();
  void draw_node(Svg& svg, const Node& node, const Placed& placed, const Point& corner) const;
  void draw_edges(Svg& svg, const Point& corner) const;

  bool leads_to_end(size_t index) const;
  /// Writes the shape beside the arrow below a node that changes it.
  void draw_shape(Svg& svg, size_t index, const Point& corner) const;

  const Graph* graph_;  // outlives the layout
  bool ends_;
  std::vector<Placed> placed_;
  std::vector<Lane> lanes_;
  size_t lane_count_ = 0;
  double width_ = 0;
  double height_ = 0;
};

/// `1.23 M`; empty for none.
std::string count_text(int64_t count);
/// `1.23 M · 4.1 G`: parameters and multiply-accumulates.
std::string cost_text(int64_t parameters, int64_t macs);
Colours colours_of(Kind kind);
const char* words_of(Kind kind);

}  // namespace mixwright::draw
