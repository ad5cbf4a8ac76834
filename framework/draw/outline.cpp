#include "framework/draw/outline.h"

#include <map>
#include <optional>
#include <utility>

#include "framework/draw/graph_builder.h"

namespace mixwright::draw {

namespace {

/// Builds the outline of one network.
class Outliner {
 public:
  Outliner(const Trace& trace, const PartBook& book) : builder_(trace, book) {
    for (const PartRun::Item& item : trace.runs.front().items) {
      if (item.is_run) runs_[trace.runs[item.index].path].push_back(item.index);
    }
  }

  /// The node of the first run of a part.
  std::optional<Node> node(const Part& part, const std::string& in) const {
    const auto runs = runs_.find(part.path());
    if (runs == runs_.end()) return std::nullopt;
    return builder_.node(runs->second.front(), in);
  }

  /// `in`: the shape that the stage takes.
  StageOutline stage(const model::StageImpl& stage, const std::string& in) const {
    StageOutline result;
    result.shape = in;
    if (stage.embedding()) {
      if (auto embedding = node(*stage.embedding(), in)) {
        embedding->kind = Kind::kEmbedding;
        add(result, *embedding);
        result.shape = embedding->shape;
        result.embedding = std::make_shared<Node>(std::move(*embedding));
      }
    }
    std::vector<Node> blocks;
    for (const LayerPtr& block : stage.blocks()) {
      auto made = node(*block, result.shape);
      if (!made) continue;
      made->kind = Kind::kBlock;
      add(result, *made);
      result.shape = made->shape;
      blocks.push_back(std::move(*made));
      result.repeat = static_cast<int64_t>(runs_.at(block->path()).size());
    }
    result.groups = grouped(blocks);
    return result;
  }

 private:
  static void add(StageOutline& stage, const Node& node) {
    stage.parameters += node.parameters;
    stage.macs += node.macs;
  }

  /// A A A B A B -> (A) x 2, (A B) x 2: at each place the period that covers most.
  static std::vector<BlockGroup> grouped(const std::vector<Node>& blocks) {
    std::vector<std::string> makes;
    makes.reserve(blocks.size());
    for (const Node& block : blocks) makes.push_back(block.signature());
    std::vector<BlockGroup> groups;
    for (size_t begin = 0; begin < blocks.size();) {
      size_t length = 1;
      size_t covered = 1;
      for (size_t period = 1; begin + 2 * period <= blocks.size(); ++period) {
        size_t end = begin + period;
        while (end < blocks.size() && makes[end] == makes[end - period]) ++end;
        const size_t whole = (end - begin) / period * period;
        if (whole >= 2 * period && whole > covered) {
          length = period;
          covered = whole;
        }
      }
      groups.push_back(group(blocks, begin, length, covered));
      begin += covered;
    }
    return groups;
  }

  /// Blocks [begin, begin + covered), which repeat after `length`; their costs are added up.
  static BlockGroup group(const std::vector<Node>& blocks,
                          size_t begin,
                          size_t length,
                          size_t covered) {
    BlockGroup result;
    result.count = static_cast<int64_t>(covered / length);
    for (size_t i = 0; i < length; ++i) result.blocks.push_back(blocks[begin + i]);
    for (size_t i = length; i < covered; ++i) {
      result.blocks[i % length].parameters += blocks[begin + i].parameters;
      result.blocks[i % length].macs += blocks[begin + i].macs;
    }
    return result;
  }

  GraphBuilder builder_;
  std::map<std::string, std::vector<size_t>> runs_;
};

}  // namespace

std::string Node::signature() const {
  return std::to_string(static_cast<int>(kind)) + ":" + title + ":" + detail +
         (inside ? "{" + inside->signature() + "}" : "");
}

std::string Graph::signature() const {
  std::string text = std::to_string(repeat);
  for (const Node& node : nodes) text += "|" + node.signature();
  for (const Edge& edge : edges) {
    text += "|" + std::to_string(edge.from) + (edge.scaled ? "*" : ">") + std::to_string(edge.to);
  }
  return text;
}

Outline outline(const model::Network& network,
                const Trace& trace,
                const model::Summary& summary,
                const std::string& name) {
  const PartBook book(network, summary);
  const Outliner outliner(trace, book);
  Outline result;
  result.name = name;
  result.input = shape_text(network.input_shape());
  const std::vector<int64_t>& answer = trace.answer_sizes;
  result.output = times_text({answer.begin() + (answer.empty() ? 0 : 1), answer.end()});
  result.parameters = summary.parameters;
  result.macs = summary.macs;
  std::string shape = result.input;
  for (const model::Stage& stage : network.stages()) {
    result.stages.push_back(outliner.stage(*stage, shape));
    shape = result.stages.back().shape;
  }
  if (network.head()) {
    if (auto head = outliner.node(*network.head(), shape)) {
      result.head = std::make_shared<Node>(std::move(*head));
    }
  }
  return result;
}

}  // namespace mixwright::draw
