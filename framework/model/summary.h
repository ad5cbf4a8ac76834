#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/model/assemble.h"
#include "framework/model/network.h"

namespace mixwright::model {

/// Counts of one part, those of the parts within it included.
struct PartCount {
  std::string path;       ///< `stages.0.blocks.1`
  std::string component;  ///< `serial, libblocks.so`; empty for what is no component
  std::string out_shape;  ///< `[14, 14, 384]`; empty where it is not known
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t kept_bytes = 0;  ///< see Summary::activation_bytes
  int depth = 0;
};

/// What a network is made of and what it costs, for one sample.
struct Summary {
  std::vector<PartCount> parts;
  int64_t parameters = 0;  ///< shared ones once, frozen ones too
  int64_t trained_parameters = 0;
  int64_t buffers = 0;  ///< elements
  int64_t macs = 0;
  std::map<std::string, int64_t> macs_by_operation;
  std::vector<std::string> uncounted;  ///< matrix-like operations that no rule counts
  int64_t parameter_bytes = 0;
  /// What autograd keeps of one sample in float32 from a forward pass in training mode to its
  /// backward pass: all memory that operations wrote and that is still alive when the answer is
  /// there, the answer included; half of what two samples need, since one has no batch statistics.
  /// Not counted: the sample itself, parameters and buffers, gradients, and what the loss and
  /// backward write.
  int64_t activation_bytes = 0;
};

/// Samples of zeros, or of token ids.
/// Shape: -> [batch, *grid, channels] or [batch, L].
torch::Tensor zero_sample(const Shape& input, int64_t batch = 1);

/// Runs one sample of zeros in evaluation mode, and two in training mode for the memory that they
/// keep, and counts what LibTorch's dispatcher does:
/// convolutions and matrix products, attention's two products included. Bias, norms, activations
/// and pooling are not multiply-accumulates.
Summary summarize(Network& network);

/// The same for a network that is not built yet. Nothing is allocated or computed (MetaDevice)
/// unless a part cannot do without: then the network is built for real.
/// Throws: BuildError that names the part where something does not fit.
Summary summarize(const config::RunConfig& config,
                  const InputSignal& input,
                  const PartFactory& factory);

/// The same, and where a part cannot do without values an error says so.
Summary summarize_without_values(const config::RunConfig& config,
                                 const InputSignal& input,
                                 const PartFactory& factory);

std::string summary_text(const Summary& summary, const std::string& name, int depth);
std::string summary_json(const Summary& summary, const std::string& name);

}  // namespace mixwright::model
