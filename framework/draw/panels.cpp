#include "framework/draw/panels.h"

#include <algorithm>

#include "framework/draw/styles.h"

namespace mixwright::draw {

namespace {

constexpr double kPanelPadding = 12;
constexpr double kPanelHeader = 46;
constexpr double kPanelGap = 16;

/// A, B, … Z, A2, B2, …
std::string letter_of(size_t index) {
  const std::string letter(1, static_cast<char>('A' + index % 26));
  return index < 26 ? letter : letter + std::to_string(index / 26 + 1);
}

std::string stages_text(const std::vector<size_t>& stages) {
  std::string text = stages.size() == 1 ? "stage " : "stages ";
  for (const size_t stage : stages) {
    text += (stage == stages.front() ? "" : ", ") + std::to_string(stage);
  }
  return text;
}

bool has_scales_in(const Graph& graph) {
  return std::any_of(graph.edges.begin(),
                     graph.edges.end(),
                     [](const auto& edge) { return edge.scaled; }) ||
         std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
           return node.inside && has_scales_in(*node.inside);
         });
}

}  // namespace

double Panels::Panel::width() const {
  return std::max(layout.width() + 2 * kPanelPadding, 214.0);
}

double Panels::Panel::height() const {
  return layout.height() + kPanelHeader + kPanelPadding;
}

Panels::Panels(const Outline& outline) {
  for (size_t i = 0; i < outline.stages.size(); ++i) {
    const StageOutline& stage = outline.stages[i];
    if (stage.embedding) add(*stage.embedding, i + 1);
    for (const BlockGroup& group : stage.groups) {
      for (const Node& block : group.blocks) add(block, i + 1);
    }
  }
}

void Panels::add(const Node& node, size_t stage) {
  if (!node.inside) return;
  const auto [known, is_new] = by_signature_.emplace(node.signature(), panels_.size());
  if (is_new) panels_.push_back({node, {}, GraphLayout(*node.inside, /*ends=*/true)});
  std::vector<size_t>& stages = panels_[known->second].stages;
  if (stages.empty() || stages.back() != stage) stages.push_back(stage);
}

std::string Panels::letter(const Node& node) const {
  const auto known = by_signature_.find(node.signature());
  return known == by_signature_.end() ? "" : letter_of(known->second);
}

bool Panels::has_scales() const {
  return std::any_of(panels_.begin(), panels_.end(), [](const Panel& panel) {
    return has_scales_in(*panel.node.inside);
  });
}

Point Panels::draw(Svg& svg, const Point& corner, double width) const {
  const double half = (width - kPanelGap) / 2;
  double left = 0;  // what each of two columns has taken
  double right = 0;
  Point taken;
  for (const Panel& panel : panels_) {
    Box box{0, 0, std::max(panel.width(), half), panel.height()};
    double* column = left <= right ? &left : &right;
    if (box.width > half) {
      left = right = std::max(left, right);
      right += box.height + kPanelGap;
      column = &left;
    }
    box.x = corner.x + (column == &left ? 0 : half + kPanelGap);
    box.y = corner.y + *column;
    *column += box.height + kPanelGap;
    draw_panel(svg, panel, box);
    taken.x = std::max(taken.x, box.right() - corner.x);
    taken.y = std::max(taken.y, box.bottom() - corner.y);
  }
  return taken;
}

void Panels::draw_panel(Svg& svg, const Panel& panel, const Box& box) const {
  svg.rectangle(box, {"#fbfcfd", "#d0d7de"}, 8);
  const std::string times =
      panel.layout.repeat() > 1 ? " \u00d7 " + std::to_string(panel.layout.repeat()) : "";
  draw_letter(svg, {box.x + kPanelPadding, box.y + 9}, letter(panel.node));
  svg.text({box.x + kPanelPadding + 24, box.y + 21},
           panel.node.title + times,
           bold(12.5),
           box.width - 100);
  svg.text({box.right() - kPanelPadding, box.y + 21},
           words_of(panel.node.kind),
           quiet(10, Anchor::kEnd));
  std::string note = stages_text(panel.stages);
  if (panel.stages.size() > 1) note += "; numbers of stage " + std::to_string(panel.stages.front());
  svg.text({box.x + kPanelPadding, box.y + 38}, note, quiet(10), box.width - 2 * kPanelPadding);
  panel.layout.draw(svg, {box.centre() - panel.layout.width() / 2, box.y + kPanelHeader});
}

void draw_letter(Svg& svg, const Point& corner, const std::string& letter) {
  if (letter.empty()) return;
  svg.rectangle({corner.x, corner.y, 18, 16}, {"#24292f", "#24292f"}, 4);
  svg.text({corner.x + 9, corner.y + 12}, letter, {11, true, "#ffffff", Anchor::kMiddle});
}

}  // namespace mixwright::draw
