#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "framework/draw/part_book.h"

namespace mixwright::draw {

/// Makes the graph of one run of a part out of a trace.
///
/// A run of a part within it is a node, and so are the operations that join what flows in two
/// streams; operations on one stream alone (views, copies) are part of its arrow.
class GraphBuilder {
 public:
  GraphBuilder(const Trace& trace, const PartBook& book) : trace_(trace), book_(book) {}

  /// The node of a run, with its inside where that is worth showing. `in`: the shape that comes in.
  Node node(size_t run, const std::string& in) const;

 private:
  struct Growing;
  Graph graph(const PartRun& run, const std::string& in, const std::string& out) const;
  void add_run(Growing& growing, size_t run) const;
  void add_operation(Growing& growing, const Operation& operation) const;
  /// Operations of a run and of the runs within it, in order.
  void collect(const PartRun& run, std::vector<size_t>& operations) const;
  size_t period(const PartRun& run) const;

  const Trace& trace_;
  const PartBook& book_;
};

}  // namespace mixwright::draw
