#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "framework/draw/trace.h"
#include "framework/model/network.h"
#include "framework/model/summary.h"

namespace mixwright::draw {

/// What a node of a drawing is.
enum class Kind {
  kInput,
  kOutput,
  kTokenMixer,
  kChannelMixer,
  kNormalization,
  kActivation,
  kBlock,
  kEmbedding,
  kHead,
  kPart,       ///< of another kind
  kSum,        ///< of what comes in: residual branches
  kProduct,    ///< of what comes in: gates
  kOperation,  ///< another operation that joins tensors or has weights
};

struct Graph;

/// A part or an operation, as it is drawn.
struct Node {
  Node() = default;
  explicit Node(Kind made_of, std::string name = "", std::string passes = "")
      : kind(made_of), title(std::move(name)), shape(std::move(passes)) {}

  Kind kind = Kind::kPart;
  std::string title;   ///< the component's name, or the operation's
  std::string detail;  ///< kernels, and what small parts it holds: `7 x 7, gelu`
  std::string shape;   ///< what comes out: `56 x 56 x 64`; empty where it is not known
  int64_t parameters = 0;
  int64_t macs = 0;                     ///< of all its runs
  std::shared_ptr<const Graph> inside;  ///< null: a leaf
  /// Equal for parts that are made alike, whatever their sizes.
  std::string signature() const;
};

/// The data flow within a part: node 0 is what comes in, the last what goes out, and edges lead
/// from lower to higher numbers.
struct Graph {
  struct Edge {
    size_t from = 0;
    size_t to = 0;
    bool scaled = false;  ///< by a weight on its way
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  int64_t repeat = 1;  ///< how often it runs with the same weights

  std::string signature() const;
};

/// Blocks of one make that follow each other.
struct BlockGroup {
  std::vector<Node> blocks;  ///< one of each make, which follow each other `count` times
  int64_t count = 1;
};

struct StageOutline {
  std::shared_ptr<const Node> embedding;  ///< null: none
  std::vector<BlockGroup> groups;
  std::string shape;
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t repeat = 1;
};

/// A network as its drawing shows it.
struct Outline {
  std::string name;
  std::string input;
  std::string output;
  int64_t parameters = 0;
  int64_t macs = 0;
  std::vector<StageOutline> stages;
  std::shared_ptr<const Node> head;  ///< null: the last features are the answer
};

/// Draws from what a network did: `trace` and `summary` are of this network.
Outline outline(const model::Network& network,
                const Trace& trace,
                const model::Summary& summary,
                const std::string& name);

}  // namespace mixwright::draw
