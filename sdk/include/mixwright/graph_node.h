#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>

namespace mixwright {

/// A handle on a node of LibTorch's graph. LibTorch 2.13 counts handles in the node itself,
/// 2.11 by std::shared_ptr.
using GraphNode = decltype(torch::autograd::Edge::function);

/// Makes a node of a class derived from torch::autograd::Node. `node` points to it as long as the
/// handle, or a graph that has it, lives.
template <class Node, class... Arguments>
GraphNode make_graph_node(Node*& node, Arguments&&... arguments) {
  if constexpr (std::is_same_v<GraphNode, std::shared_ptr<torch::autograd::Node>>) {
    node = new Node(std::forward<Arguments>(arguments)...);
    return GraphNode(node, [](Node* last) { deleteNode(last); });  // LibTorch's, without recursion
  } else {
    auto made = c10::make_intrusive<Node>(std::forward<Arguments>(arguments)...);
    node = made.get();
    return made;
  }
}

}  // namespace mixwright
