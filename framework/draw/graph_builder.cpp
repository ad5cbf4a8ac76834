#include "framework/draw/graph_builder.h"

#include <algorithm>
#include <utility>

namespace mixwright::draw {

namespace {

/// `aten::add_` -> `add`.
std::string plain_name(const std::string& operation) {
  std::string name = operation.substr(operation.rfind(':') + 1);
  while (name.ends_with('_')) name.pop_back();
  return name;
}

/// Sums of a sum are one.
void merge_sums(Graph& graph) {
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    const auto leaving = std::count_if(
        graph.edges.begin(), graph.edges.end(), [&](const auto& edge) { return edge.from == i; });
    if (graph.nodes[i].kind != Kind::kSum || leaving != 1) continue;
    const size_t next = std::find_if(graph.edges.begin(), graph.edges.end(), [&](const auto& edge) {
                          return edge.from == i;
                        })->to;
    const Node& sum = graph.nodes[next];
    if (sum.kind != Kind::kSum || sum.title != graph.nodes[i].title) continue;
    std::erase_if(graph.edges, [&](const auto& edge) { return edge.from == i; });
    for (auto& edge : graph.edges) {
      if (edge.to == i) edge.to = next;
    }
    graph.nodes[i].title.clear();  // stays without edges and is taken out below
  }
}

void drop_unconnected(Graph& graph) {
  std::vector<size_t> place(graph.nodes.size());
  std::vector<Node> kept;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool connected = std::any_of(graph.edges.begin(), graph.edges.end(), [&](const auto& e) {
      return e.from == i || e.to == i;
    });
    place[i] = kept.size();
    if (connected) kept.push_back(std::move(graph.nodes[i]));
  }
  for (auto& edge : graph.edges) edge = {place[edge.from], place[edge.to], edge.scaled};
  graph.nodes = std::move(kept);
}

}  // namespace

/// What flows, and whether a weight scaled it on its way from the node that it comes from.
struct Source {
  size_t node = 0;
  bool scaled = false;
  bool operator==(const Source&) const = default;
};

/// A graph while the run is read.
struct GraphBuilder::Growing {
  explicit Growing(const Trace& whole) : trace(whole) {}

  const Trace& trace;
  Graph graph;
  std::map<TensorId, Source> producer;
  TensorId last_tensor = nullptr;  // that flows
  Source last;                     // that it comes from

  /// Adds what a tensor comes from; what flows in from outside is node 0.
  void add_source(std::vector<Source>& sources, TensorId id) const {
    if (trace.flowing.count(id) == 0) return;
    const auto known = producer.find(id);
    const Source source = known == producer.end() ? Source() : known->second;
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) {
      sources.push_back(source);
    }
  }
  Source add(Node node, const std::vector<Source>& sources) {
    if (node.shape.empty()) node.shape = graph.nodes[sources.front().node].shape;
    const size_t index = graph.nodes.size();
    graph.nodes.push_back(std::move(node));
    for (const Source& source : sources) {
      graph.edges.push_back({source.node, index, source.scaled});
    }
    return {index, false};
  }
  void give(TensorId id, const Source& source) {
    if (trace.flowing.count(id) == 0) return;
    producer[id] = source;
    last_tensor = id;
    last = source;
  }
};

void GraphBuilder::collect(const PartRun& run, std::vector<size_t>& operations) const {
  for (const PartRun::Item& item : run.items) {
    if (item.is_run) {
      collect(trace_.runs[item.index], operations);
    } else {
      operations.push_back(item.index);
    }
  }
}

void GraphBuilder::add_run(Growing& growing, size_t run) const {
  std::vector<size_t> operations;
  collect(trace_.runs[run], operations);
  std::set<TensorId> made;
  std::vector<Source> sources;
  for (const size_t index : operations) {
    const Operation& operation = trace_.operations[index];
    for (const TensorId id : operation.inputs) {
      if (made.count(id) == 0) growing.add_source(sources, id);
    }
    made.insert(operation.outputs.begin(), operation.outputs.end());
  }
  if (sources.empty()) sources.push_back(growing.last);
  const Source given =
      growing.add(node(run, growing.graph.nodes[sources.front().node].shape), sources);
  bool gave = false;
  for (const size_t done : operations) {
    for (const TensorId id : trace_.operations[done].outputs) {
      growing.give(id, given);
      gave = gave || trace_.flowing.count(id) != 0;
    }
  }
  // It answers with what it was given.
  if (!gave && growing.last_tensor != nullptr) growing.give(growing.last_tensor, given);
}

void GraphBuilder::add_operation(Growing& growing, const Operation& operation) const {
  std::vector<Source> sources;
  for (const TensorId id : operation.inputs) growing.add_source(sources, id);
  if (sources.empty()) return;
  const std::string name = plain_name(operation.name);
  Source result = sources.front();
  const bool scaled_sum = name == "addcmul" && sources.size() == 2;
  if (sources.size() > 1) {
    if (scaled_sum && operation.uses_weights) sources.back().scaled = true;
    if (name == "add" || scaled_sum) {
      result = growing.add(Node(Kind::kSum, "+"), sources);
    } else if (name == "sub") {
      result = growing.add(Node(Kind::kSum, "\u2212"), sources);
    } else if (name == "mul") {
      result = growing.add(Node(Kind::kProduct, "\u00d7"), sources);
    } else {
      result = growing.add(Node(Kind::kOperation, name), sources);
    }
  } else if (operation.uses_weights && name == "mul") {
    result.scaled = true;
  } else if (operation.uses_weights && name != "add") {  // a bias belongs to what it is added to
    result = growing.add(Node(Kind::kOperation, name), sources);
  }
  for (const TensorId id : operation.outputs) growing.give(id, result);
}

size_t GraphBuilder::period(const PartRun& run) const {
  const auto label = [&](const PartRun::Item& item) {
    return item.is_run ? trace_.runs[item.index].path : trace_.operations[item.index].name;
  };
  const size_t count = run.items.size();
  for (size_t length = 1; length < count; ++length) {
    if (count % length != 0) continue;
    bool has_run = false;
    bool repeats = true;
    for (size_t i = 0; i < count && repeats; ++i) {
      has_run = has_run || run.items[i].is_run;
      repeats = i < length || label(run.items[i]) == label(run.items[i - length]);
    }
    if (repeats && has_run) return length;
  }
  return std::max<size_t>(count, 1);
}

Graph GraphBuilder::graph(const PartRun& run, const std::string& in, const std::string& out) const {
  Growing growing(trace_);
  growing.graph.nodes.emplace_back(Kind::kInput, "in", in);
  const size_t once = period(run);
  growing.graph.repeat = static_cast<int64_t>(std::max<size_t>(run.items.size(), 1) / once);
  for (size_t i = 0; i < std::min(once, run.items.size()); ++i) {
    const PartRun::Item& item = run.items[i];
    if (item.is_run) {
      add_run(growing, item.index);
    } else {
      add_operation(growing, trace_.operations[item.index]);
    }
  }
  growing.add(Node(Kind::kOutput, "out", out), {growing.last});
  Graph graph = std::move(growing.graph);
  merge_sums(graph);
  drop_unconnected(graph);
  return graph;
}

Node GraphBuilder::node(size_t run, const std::string& in) const {
  const PartRun& here = trace_.runs[run];
  Node node = book_.node(here.path);
  const bool has_runs = std::any_of(
      here.items.begin(), here.items.end(), [](const PartRun::Item& item) { return item.is_run; });
  if (has_runs && book_.opens(here.path)) {
    node.inside = std::make_shared<Graph>(graph(here, in, node.shape));
  }
  return node;
}

}  // namespace mixwright::draw
