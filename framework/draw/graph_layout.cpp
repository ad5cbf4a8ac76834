#include "framework/draw/graph_layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "framework/draw/styles.h"

namespace mixwright::draw {

namespace {

constexpr double kLeafWidth = 198;
constexpr double kLeafHeight = 36;
constexpr double kSmallHeight = 22;  // norms and activations
constexpr double kEndHeight = 14;
constexpr double kRadius = 9;
constexpr double kLevelGap = 18;
constexpr double kSideGap = 14;
constexpr double kLane = 13;
constexpr double kPadding = 10;
constexpr double kHeader = 24;

bool is_round(Kind kind) {
  return kind == Kind::kSum || kind == Kind::kProduct;
}

bool is_end(Kind kind) {
  return kind == Kind::kInput || kind == Kind::kOutput;
}

bool is_small(Kind kind) {
  return kind == Kind::kNormalization || kind == Kind::kActivation || kind == Kind::kOperation;
}

Box leaf_box(Kind kind) {
  if (is_round(kind)) return {0, 0, 2 * kRadius, 2 * kRadius};
  if (is_end(kind)) return {0, 0, kLeafWidth, kEndHeight};
  if (kind == Kind::kOperation) return {0, 0, 100, kSmallHeight};
  return {0, 0, kLeafWidth, is_small(kind) ? kSmallHeight : kLeafHeight};
}

/// The sign of a learned scale on an arrow.
void draw_scale(Svg& svg, const Point& centre) {
  svg.circle(centre, 6, {"#fff3d6", "#d9a53a"});
  svg.text({centre.x, centre.y + 3}, "\u03b3", bold(9, Anchor::kMiddle));
}

}  // namespace

std::string count_text(int64_t count) {
  if (count <= 0) return "";
  const auto value = static_cast<double>(count);
  if (value < 1e3) return std::to_string(count);
  const double unit = value < 999.5e3 ? 1e3 : value < 999.5e6 ? 1e6 : value < 999.5e9 ? 1e9 : 1e12;
  const char* suffix = unit < 1e6 ? "k" : unit < 1e9 ? "M" : unit < 1e12 ? "G" : "T";
  const double scaled = value / unit;
  return fmt::format("{:.{}f} {}", scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0, suffix);
}

std::string cost_text(int64_t parameters, int64_t macs) {
  const std::string weights = count_text(parameters);
  const std::string products = count_text(macs);
  return weights + (weights.empty() || products.empty() ? "" : " \u00b7 ") + products;
}

Colours colours_of(Kind kind) {
  switch (kind) {
    case Kind::kTokenMixer:
      return {"#ddf0ff", "#3f8fd2"};
    case Kind::kChannelMixer:
      return {"#e0f5e4", "#4aa564"};
    case Kind::kNormalization:
      return {"#f1f3f5", "#a5adb6"};
    case Kind::kActivation:
      return {"#fff3d6", "#d9a53a"};
    case Kind::kEmbedding:
      return {"#efe5fd", "#9165d6"};
    case Kind::kHead:
      return {"#ffe4e6", "#d7606f"};
    case Kind::kOperation:
      return {"#ffffff", "#a5adb6"};
    default:
      return {"#ffffff", "#8b949e"};
  }
}

const char* words_of(Kind kind) {
  switch (kind) {
    case Kind::kTokenMixer:
      return "token mixer";
    case Kind::kChannelMixer:
      return "channel mixer";
    case Kind::kNormalization:
      return "norm";
    case Kind::kActivation:
      return "activation";
    case Kind::kEmbedding:
      return "embedding";
    case Kind::kBlock:
      return "block";
    case Kind::kHead:
      return "head";
    default:
      return "part";
  }
}

GraphLayout::GraphLayout(const Graph& graph, bool ends)
    : graph_(&graph), ends_(ends), placed_(graph.nodes.size()) {
  set_levels();
  measure();
  assign_lanes();
  place();
}

void GraphLayout::set_levels() {
  // Edges lead from lower to higher numbers but for what a merged sum took over; repeat until
  // still.
  bool moved = true;
  for (size_t round = 0; moved && round < placed_.size(); ++round) {
    moved = false;
    for (const Graph::Edge& edge : graph_->edges) {
      const size_t below = placed_[edge.from].level + 1;
      if (placed_[edge.to].level >= below) continue;
      placed_[edge.to].level = below;
      moved = true;
    }
  }
}

void GraphLayout::measure() {
  for (size_t i = 0; i < placed_.size(); ++i) {
    const Node& node = graph_->nodes[i];
    placed_[i].box = leaf_box(node.kind);
    if (is_end(node.kind) && !ends_) placed_[i].box.height = 0;
    if (!node.inside) continue;
    placed_[i].inside.emplace_back(*node.inside, /*ends=*/false);
    const GraphLayout& inside = placed_[i].inside.front();
    placed_[i].box = {
        0, 0, std::max(inside.width() + 2 * kPadding, kLeafWidth), inside.height() + kHeader};
  }
}

void GraphLayout::assign_lanes() {
  for (const Graph::Edge& edge : graph_->edges) {
    if (placed_[edge.to].level - placed_[edge.from].level < 2) continue;
    // Those that leave one node share their lane.
    const auto sibling = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
      return lane.edge.from == edge.from;
    });
    if (sibling != lanes_.end()) {
      lanes_.push_back({edge, sibling->lane});
      continue;
    }
    size_t lane = 0;
    const auto taken = [&] {
      return std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& other) {
        return other.lane == lane && placed_[other.edge.from].level < placed_[edge.to].level &&
               placed_[edge.from].level < placed_[other.edge.to].level;
      });
    };
    while (taken()) ++lane;
    lanes_.push_back({edge, lane});
    lane_count_ = std::max(lane_count_, lane + 1);
  }
}

void GraphLayout::place() {
  size_t levels = 0;
  for (const Placed& placed : placed_) levels = std::max(levels, placed.level + 1);
  std::vector<double> widths(levels, -kSideGap);
  std::vector<double> heights(levels, 0);
  for (const Placed& placed : placed_) {
    widths[placed.level] += placed.box.width + kSideGap;
    heights[placed.level] = std::max(heights[placed.level], placed.box.height);
  }
  const double lanes = static_cast<double>(lane_count_) * kLane;
  const double widest = levels == 0 ? 0 : *std::max_element(widths.begin(), widths.end());
  // The same room on the right keeps the main line in the middle.
  width_ = widest + 2 * lanes;
  double y = 0;
  for (size_t level = 0; level < levels; ++level) {
    double x = width_ / 2 - widths[level] / 2;
    for (Placed& placed : placed_) {
      if (placed.level != level) continue;
      placed.box.x = x;
      placed.box.y = y;
      x += placed.box.width + kSideGap;
    }
    y += heights[level] + kLevelGap;
  }
  height_ = std::max(0.0, y - kLevelGap);
}

void GraphLayout::draw(Svg& svg, const Point& corner) const {
  draw_edges(svg, corner);
  for (size_t i = 0; i < placed_.size(); ++i) {
    draw_node(svg, graph_->nodes[i], placed_[i], corner);
    draw_shape(svg, i, corner);
  }
}

bool GraphLayout::leads_to_end(size_t index) const {
  return std::any_of(graph_->edges.begin(), graph_->edges.end(), [&](const auto& edge) {
    return edge.from == index && graph_->nodes[edge.to].kind == Kind::kOutput;
  });
}

void GraphLayout::draw_shape(Svg& svg, size_t index, const Point& corner) const {
  const Node& node = graph_->nodes[index];
  const Box& box = placed_[index].box;
  for (const Graph::Edge& edge : graph_->edges) {
    if (edge.to != index || graph_->nodes[edge.from].shape == node.shape) continue;
    if (!is_end(node.kind) && !leads_to_end(index)) {
      svg.text({corner.x + box.centre() + 7, corner.y + box.bottom() + 12}, node.shape, quiet(9.5));
    }
    return;
  }
}

void GraphLayout::draw_node(Svg& svg,
                            const Node& node,
                            const Placed& placed,
                            const Point& corner) const {
  Box box = placed.box;
  box.x += corner.x;
  box.y += corner.y;
  const double middle = box.y + box.height / 2 + 4;
  const std::string cost = cost_text(node.parameters, node.macs);
  if (is_end(node.kind)) {
    if (ends_) svg.text({box.centre(), middle}, node.shape, quiet(9.5, Anchor::kMiddle));
    return;
  }
  if (is_round(node.kind)) {
    svg.circle({box.centre(), box.y + kRadius}, kRadius, {"#ffffff", "#57606a"});
    svg.text({box.centre(), box.y + kRadius + 4.5}, node.title, bold(14, Anchor::kMiddle));
    return;
  }
  Colours colours = colours_of(node.kind);
  if (node.inside) colours.fill = "#ffffff";
  svg.rectangle(box, colours, 5, node.inside != nullptr);
  if (node.inside) {
    const std::string times =
        node.inside->repeat > 1 ? " \u00d7 " + std::to_string(node.inside->repeat) : "";
    svg.text({box.x + 8, box.y + 15},
             node.title + times,
             bold(11.5),
             box.width - 20 - text_width(cost, quiet(9.5)));
    svg.text({box.right() - 8, box.y + 15}, cost, quiet(9.5, Anchor::kEnd));
    const GraphLayout& inside = placed.inside.front();
    inside.draw(svg, {box.centre() - inside.width() / 2, box.y + kHeader});
    return;
  }
  if (is_small(node.kind)) {
    svg.text(
        {box.x + 8, middle}, node.title, {10.5}, box.width - 16 - text_width(cost, quiet(9.5)));
    svg.text({box.right() - 8, middle - 0.5}, cost, quiet(9.5, Anchor::kEnd));
    return;
  }
  const std::string words = words_of(node.kind);
  svg.text({box.x + 8, box.y + 15},
           node.title,
           bold(11.5),
           box.width - 20 - text_width(words, quiet(9.5)));
  svg.text({box.right() - 8, box.y + 14.5}, words, quiet(9.5, Anchor::kEnd));
  svg.text({box.x + 8, box.y + 28},
           node.detail,
           quiet(9.5),
           box.width - 24 - text_width(cost, quiet(9.5)));
  svg.text({box.right() - 8, box.y + 28}, cost, quiet(9.5, Anchor::kEnd));
}

void GraphLayout::draw_edges(Svg& svg, const Point& corner) const {
  for (const Graph::Edge& edge : graph_->edges) {
    Box from = placed_[edge.from].box;
    Box to = placed_[edge.to].box;
    for (Box* box : {&from, &to}) {
      box->x += corner.x;
      box->y += corner.y;
    }
    const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& other) {
      return other.edge.from == edge.from && other.edge.to == edge.to;
    });
    if (lane == lanes_.end()) {
      const double turn = to.y - kLevelGap / 2;
      if (from.centre() == to.centre()) {
        const bool leaves = graph_->nodes[edge.to].kind == Kind::kOutput && !ends_;
        svg.path({{from.centre(), from.bottom()}, {to.centre(), to.y}}, !leaves);
        if (edge.scaled) draw_scale(svg, {to.centre(), (from.bottom() + to.y) / 2 - 2});
      } else {
        svg.path({{from.centre(), from.bottom()},
                  {from.centre(), turn},
                  {to.centre(), turn},
                  {to.centre(), to.y}},
                 true);
      }
      continue;
    }
    const double x = corner.x + static_cast<double>(lane_count_ - lane->lane) * kLane - kLane / 2;
    const double leave = from.bottom() + kLevelGap / 3;
    const Point start{from.centre(), leave};
    if (is_round(graph_->nodes[edge.to].kind)) {
      const double y = to.y + to.height / 2;
      svg.path({start, {x, leave}, {x, y}, {to.x, y}}, true);
      if (edge.scaled) draw_scale(svg, {to.x - 16, y});
    } else {
      const double turn = to.y - kLevelGap / 2;
      svg.path({start, {x, leave}, {x, turn}, {to.centre(), turn}, {to.centre(), to.y}}, true);
    }
  }
}

}  // namespace mixwright::draw
