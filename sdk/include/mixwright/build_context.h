#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mixwright/config_value.h>
#include <mixwright/option_schema.h>
#include <mixwright/shape.h>

namespace mixwright {

class BuildContext;

/// Builds components by name; implemented by the host, reached through BuildContext::make.
class MIXWRIGHT_API ComponentFactory : public ComponentChecker {
 public:
  ~ComponentFactory() override;
  /// Returns the kind's interface behind a void pointer, or null for "none".
  virtual std::shared_ptr<void> make(const std::string& kind, const ConfigValue& value,
                                     const BuildContext& context) const = 0;
};

/// Indices and totals that place a part in the network.
struct MIXWRIGHT_API Place {
  int64_t stage = 0;
  int64_t stages = 1;
  int64_t block = 0;   ///< within the stage
  int64_t blocks = 1;  ///< depth of the stage
  int64_t block_in_network = 0;
  int64_t blocks_in_network = 1;
  bool in_block = false;  ///< below a block, where lists of components cycle
};

/// What a part may know of its place when it is built. A value: copy and change it to build a
/// nested part for another shape.
class MIXWRIGHT_API BuildContext {
 public:
  Shape shape;                      ///< what comes in
  int64_t dim = 0;                  ///< the channels that the stage wants
  Place place;
  Shape input;                      ///< the network's input signal
  int64_t classes = 0;              ///< 0: the data has none
  int64_t vocabulary = 0;           ///< 0: the input is not token ids
  std::vector<Shape> stage_shapes;  ///< heads: every stage's output; interactions, synapses: operands
  std::string path;                 ///< `stages.0.blocks.1.token_mixer`
  const ComponentFactory* factory = nullptr;

  BuildContext with_shape(Shape value) const;
  BuildContext with_dim(int64_t value) const;
  /// The context of a part called `name` below this one.
  BuildContext below(const std::string& name) const;
  /// Builds a nested component. Throws BuildError with the part's path.
  std::shared_ptr<void> make(const std::string& kind, const ConfigValue& value) const;
  /// rate x b / (B - 1) for block b of B in the network: stochastic depth, arXiv:1603.09382 eq. 4.
  double linear_drop_rate(double rate) const;
};

}  // namespace mixwright
