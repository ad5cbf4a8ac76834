#include "framework/draw/drawing.h"

#include <algorithm>

#include "framework/draw/panels.h"
#include "framework/draw/styles.h"
#include "framework/model/meta_device.h"

namespace mixwright::draw {

namespace {

constexpr double kMargin = 18;
constexpr double kTop = 64;
constexpr double kStageWidth = 290;
constexpr double kPanelWidth = 560;
constexpr double kGap = 24;
constexpr double kArrow = 30;
constexpr double kChip = 26;
constexpr double kChipGap = 5;

/// The column of stages.
class Column {
 public:
  Column(Svg& svg, const Panels& panels, const Point& corner)
      : svg_(svg), panels_(panels), x_(corner.x), y_(corner.y) {}

  double bottom() const { return y_; }

  void end(const std::string& what, const std::string& shape) {
    svg_.text({x_ + kStageWidth / 2, y_ + 12},
              what + " " + shape,
              bold(12, Anchor::kMiddle),
              kStageWidth);
    y_ += 18;
  }

  /// An arrow downwards; beside it what flows.
  void arrow(const std::string& shape) {
    const double x = x_ + kStageWidth / 2;
    svg_.path({{x, y_}, {x, y_ + kArrow}}, true);
    svg_.text({x + 8, y_ + kArrow / 2 + 4}, shape, quiet(10));
    y_ += kArrow;
  }

  void stage(const StageOutline& stage, size_t number) {
    size_t chips = stage.embedding ? 1 : 0;
    for (const BlockGroup& group : stage.groups) chips += group.blocks.size();
    const Box box{x_, y_, kStageWidth, 30 + static_cast<double>(chips) * (kChip + kChipGap) + 5};
    svg_.rectangle(box, {"#fbfcfd", "#d0d7de"}, 8);
    const std::string times = stage.repeat > 1 ? " \u00d7 " + std::to_string(stage.repeat) : "";
    svg_.text({box.x + 10, box.y + 20}, "Stage " + std::to_string(number) + times, bold(12.5));
    svg_.text({box.right() - 10, box.y + 20},
              cost_text(stage.parameters, stage.macs),
              quiet(10, Anchor::kEnd));
    y_ += 30;
    if (stage.embedding) chip(*stage.embedding, 1, false);
    for (const BlockGroup& group : stage.groups) {
      for (const Node& block : group.blocks) {
        chip(block, group.count, group.blocks.size() > 1 && &block != &group.blocks.front());
      }
    }
    y_ = box.bottom();
  }

  void head(const Node& node) {
    const Box box{x_, y_, kStageWidth, 40};
    svg_.rectangle(box, colours_of(node.kind), 8);
    svg_.text({box.x + 10, box.y + 17}, node.title, bold(12.5), box.width - 20);
    const std::string cost = cost_text(node.parameters, node.macs);
    svg_.text({box.x + 10, box.y + 32},
              node.detail.empty() ? words_of(node.kind) : node.detail,
              quiet(10),
              box.width - 30 - text_width(cost, quiet(10)));
    svg_.text({box.right() - 10, box.y + 32}, cost, quiet(10, Anchor::kEnd));
    y_ += box.height;
  }

 private:
  /// `alternates`: it takes turns with the one above.
  void chip(const Node& node, int64_t count, bool alternates) {
    const Box box{x_ + 8, y_, kStageWidth - 16, kChip};
    svg_.rectangle(box, colours_of(node.kind), 5);
    double x = box.x + 7;
    const std::string letter = panels_.letter(node);
    draw_letter(svg_, {x, box.y + 5}, letter);
    if (!letter.empty()) x += 24;
    const std::string cost = cost_text(node.parameters, node.macs);
    const std::string times = count > 1 ? " \u00d7 " + std::to_string(count) : "";
    std::string text = node.title + times;
    if (alternates) text += ", in turn";
    if (!node.detail.empty()) text += " \u00b7 " + node.detail;
    svg_.text(
        {x, box.y + 17}, text, TextStyle{11}, box.right() - x - 14 - text_width(cost, quiet(10)));
    svg_.text({box.right() - 7, box.y + 17}, cost, quiet(10, Anchor::kEnd));
    y_ += kChip + kChipGap;
  }

  Svg& svg_;
  const Panels& panels_;
  double x_;
  double y_;
};

Outline outline_of(model::Network& network, const std::string& name) {
  const model::Summary summary = model::summarize(network);
  return outline(network, trace(network, model::zero_sample(network.input_shape())), summary, name);
}

}  // namespace

Outline outline(const config::RunConfig& config,
                const model::InputSignal& input,
                const model::PartFactory& factory,
                const std::string& name) {
  try {
    const model::MetaDevice meta;
    const std::shared_ptr<model::Network> network = model::assemble(config, input, factory);
    network->move_to(torch::kMeta);
    return outline_of(*network, name);
  } catch (const std::exception&) {
    // Either a part reads a value, or the network is wrong and this says it once more.
    return outline_of(*model::assemble(config, input, factory), name);
  }
}

std::string drawing(const Outline& outline) {
  Svg svg;
  const Panels panels(outline);
  svg.text({kMargin, 30}, outline.name, bold(17), kStageWidth + kPanelWidth);
  const std::string parameters = count_text(outline.parameters);
  const std::string macs = count_text(outline.macs);
  svg.text({kMargin, 49},
           (parameters.empty() ? "no" : parameters) + " parameters \u00b7 " +
               (macs.empty() ? "no" : macs) +
               " multiply-accumulates of one sample; beside each part its own" +
               (panels.has_scales() ? "; \u03b3: a learned scale" : ""),
           quiet(11));
  Column column(svg, panels, {kMargin, kTop});
  column.end("input", outline.input);
  std::string shape;
  for (size_t i = 0; i < outline.stages.size(); ++i) {
    column.arrow(shape);
    column.stage(outline.stages[i], i + 1);
    shape = outline.stages[i].shape;
  }
  if (outline.head) {
    column.arrow(shape);
    column.head(*outline.head);
    shape.clear();
  }
  column.arrow(shape);
  column.end("output", outline.output);
  const Point taken = panels.draw(svg, {kMargin + kStageWidth + kGap, kTop}, kPanelWidth);
  const double right = taken.x > 0 ? kMargin + kStageWidth + kGap + taken.x : kMargin + kStageWidth;
  return svg.document(std::max(right + kMargin, 480.0),
                      std::max(column.bottom(), kTop + taken.y) + kMargin,
                      outline.name + ", block diagram");
}

}  // namespace mixwright::draw
