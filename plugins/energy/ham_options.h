#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/lagrangian.h>
#include <mixwright/network.h>
#include <mixwright/synapse.h>

namespace mixwright::energy {

/// How a layer of neurons moves.
enum class Motion { kDynamic, kAdiabatic, kClamped };
MIXWRIGHT_CHOICES(Motion,
                  choice("dynamic", Motion::kDynamic),
                  choice("adiabatic", Motion::kAdiabatic),
                  choice("clamped", Motion::kClamped))

struct NeuronsOptions {
  std::string name;
  std::optional<std::vector<int64_t>> shape;
  std::optional<int64_t> tokens;
  std::optional<int64_t> channels;
  bool classes = false;
  Component<Lagrangian> lagrangian{"identity"};
  double time_constant = 1;
  bool decay = true;
  Motion motion = Motion::kDynamic;
};
MIXWRIGHT_OPTIONS(
    NeuronsOptions,
    field("name", &NeuronsOptions::name).required().doc("what connections call it"),
    field("shape", &NeuronsOptions::shape)
        .at_least(1)
        .doc("grid and channels, or channels alone; without it as the features that come in"),
    field("tokens", &NeuronsOptions::tokens)
        .at_least(1)
        .doc("a grid of this many tokens in place of the one that comes in"),
    field("channels", &NeuronsOptions::channels)
        .at_least(1)
        .doc("this many channels in place of those that come in"),
    field("classes", &NeuronsOptions::classes)
        .doc("one unit for each class of the data, and no grid; of a dataset of patterns each "
             "pattern is a class"),
    field("lagrangian", &NeuronsOptions::lagrangian)
        .doc("whose gradient is the layer's activation"),
    field("time_constant", &NeuronsOptions::time_constant)
        .at_least(1e-9)
        .doc("tau: the larger, the slower the layer"),
    field("decay", &NeuronsOptions::decay)
        .doc("whether the layer's own energy <g, x> - L counts, so that its state decays"),
    field("motion", &NeuronsOptions::motion)
        .doc(
            "\"dynamic\": in time; \"adiabatic\": always where it would come to rest; \"clamped\": "
            "not at all"))

struct ConnectionOptions {
  std::vector<std::string> layers;
  Component<Synapse> synapse{"dense"};
  bool stored = false;
};
MIXWRIGHT_OPTIONS(
    ConnectionOptions,
    field("layers", &ConnectionOptions::layers)
        .required()
        .doc("names of the layers that meet, in the synapse's order: of two, the hidden one first"),
    field("synapse", &ConnectionOptions::synapse).doc("their energy"),
    field("stored", &ConnectionOptions::stored)
        .doc("a training begins with samples as the synapse's weights: the activations that the "
             "first of them give the input layer, which must be the last that meets here"))

/// What the input does to its layer.
enum class Entry { kState, kCurrent, kBoth };
MIXWRIGHT_CHOICES(Entry,
                  choice("state", Entry::kState),
                  choice("current", Entry::kCurrent),
                  choice("both", Entry::kBoth))

/// What of the layer that is read comes out.
enum class Shown { kState, kActivation };
MIXWRIGHT_CHOICES(Shown, choice("state", Shown::kState), choice("activation", Shown::kActivation))

/// Which layers a step moves at once.
enum class Order { kTogether, kInTurn };
MIXWRIGHT_CHOICES(Order, choice("together", Order::kTogether), choice("in_turn", Order::kInTurn))

enum class Solver { kSteps, kDopri5, kFlips };
MIXWRIGHT_CHOICES(Solver,
                  choice("steps", Solver::kSteps),
                  choice("dopri5", Solver::kDopri5),
                  choice("flips", Solver::kFlips))

enum class Gradient { kUnrolled, kCheckpointed, kImplicit };
MIXWRIGHT_CHOICES(Gradient,
                  choice("unrolled", Gradient::kUnrolled),
                  choice("checkpointed", Gradient::kCheckpointed),
                  choice("implicit", Gradient::kImplicit))

struct HamOptions {
  std::vector<NeuronsOptions> layer;
  std::vector<ConnectionOptions> connection;
  std::string input_layer;
  std::string output_layer;
  Entry input = Entry::kState;
  Shown output = Shown::kState;
  int64_t steps = 10;
  double step_size = 0.1;
  Order order = Order::kTogether;
  double tolerance = 0;
  Solver solver = Solver::kSteps;
  double relative_error = 1e-6;
  double absolute_error = 1e-8;
  Gradient gradient = Gradient::kUnrolled;
};
MIXWRIGHT_OPTIONS(
    HamOptions,
    field("layer", &HamOptions::layer).required().doc("layers of neurons"),
    field("connection", &HamOptions::connection).doc("synapses and the layers that meet in them"),
    field("input_layer", &HamOptions::input_layer)
        .doc("the layer that what comes in is put into; the first where not given"),
    field("output_layer", &HamOptions::output_layer)
        .doc("the layer that is read; the one of the input where not given"),
    field("input", &HamOptions::input)
        .doc("what comes in is where its layer starts, a constant current into it, or both; all "
             "other states start at 0"),
    field("output", &HamOptions::output).doc("what of the layer comes out: its state x, or g(x)"),
    field("steps", &HamOptions::steps).at_least(1).doc("steps in time, at most"),
    field("step_size", &HamOptions::step_size)
        .at_least(1e-9)
        .doc("time of one step; a step moves x by -step_size / tau dE/dg"),
    field("order", &HamOptions::order)
        .doc("all layers at once, or one after the other, each seeing those before it"),
    field("tolerance", &HamOptions::tolerance)
        .at_least(0)
        .doc("a sample stops when a step changes none of its activations by more; 0: never"),
    field("solver", &HamOptions::solver)
        .doc("\"dopri5\": continuous time, Dormand and Prince's pair of orders 5 and 4; \"flips\": "
             "units of two values, x and -x, of which each takes the one of lower energy, a step "
             "being a sweep over all, until none changes. Both without gradients"),
    field("relative_error", &HamOptions::relative_error)
        .at_least(1e-14)
        .doc("of the solver, in a step"),
    field("absolute_error", &HamOptions::absolute_error)
        .at_least(1e-300)
        .doc("of the solver, in a step"),
    field("gradient", &HamOptions::gradient)
        .doc("training: through all steps; the same keeping every sqrt(steps)-th state; or at the "
             "fixed point alone, which must be reached within tolerance"))

}  // namespace mixwright::energy
