#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/options.h>

namespace mixwright {

enum class OptimizerType { kAdamW, kSgd, kLamb };

MIXWRIGHT_CHOICES(OptimizerType,
                  choice("adamw", OptimizerType::kAdamW),
                  choice("sgd", OptimizerType::kSgd),
                  choice("lamb", OptimizerType::kLamb))

/// One of `optimizer.groups`: what holds for the parameters whose names a pattern matches.
struct ParameterGroup {
  std::string match;
  double lr_factor = 1.0;
  std::optional<double> weight_decay;
  bool frozen = false;
};

MIXWRIGHT_OPTIONS(
    ParameterGroup,
    field("match", &ParameterGroup::match)
        .required()
        .doc("pattern of full names, such as stages.{i}.{rest:*} or head.{rest:*}"),
    field("lr_factor", &ParameterGroup::lr_factor)
        .at_least(0)
        .doc("factor on the learning rate of these parameters"),
    field("weight_decay", &ParameterGroup::weight_decay)
        .at_least(0)
        .doc("their weight decay, norms and biases among them included; left out: as without it"),
    field("frozen", &ParameterGroup::frozen).doc("they are not trained at all"))

/// `optimizer = { type = "adamw", … }`.
struct OptimizerOptions {
  OptimizerType type = OptimizerType::kAdamW;
  double lr = 1e-3;
  double weight_decay = 0.05;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double momentum = 0.9;
  bool nesterov = true;
  std::vector<std::string> no_decay;
  double layer_decay = 1.0;
  std::vector<ParameterGroup> groups;
};

MIXWRIGHT_OPTIONS(
    OptimizerOptions,
    field("type", &OptimizerOptions::type)
        .doc("the rule of the update: adamw (arXiv:1711.05101), sgd with momentum, lamb "
             "(arXiv:1904.00962)"),
    field("lr", &OptimizerOptions::lr)
        .at_least(0)
        .doc("highest learning rate; the schedule scales it"),
    field("weight_decay", &OptimizerOptions::weight_decay)
        .at_least(0)
        .doc("decay of weights, for sgd a part of the gradient, else beside it; norms, biases and "
             "other vectors have none"),
    field("beta1", &OptimizerOptions::beta1)
        .at_least(0)
        .at_most(1)
        .doc("decay of the first moment; adamw and lamb"),
    field("beta2", &OptimizerOptions::beta2)
        .at_least(0)
        .at_most(1)
        .doc("decay of the second moment; adamw and lamb"),
    field("eps", &OptimizerOptions::eps).at_least(0).doc("added to the divisor; adamw and lamb"),
    field("momentum", &OptimizerOptions::momentum)
        .at_least(0)
        .at_most(1)
        .doc("share of the last move that goes on; sgd"),
    field("nesterov", &OptimizerOptions::nesterov)
        .doc("whether the gradient is taken a step ahead; sgd"),
    field("no_decay", &OptimizerOptions::no_decay)
        .doc("further parameters without decay: endings of names, `position`"),
    field("layer_decay", &OptimizerOptions::layer_decay)
        .at_least(0)
        .at_most(1)
        .doc("factor on the learning rate for each block further from the head (arXiv:2106.08254)"),
    field("groups", &OptimizerOptions::groups)
        .doc("exceptions by name; where several match, each adds to those before it"))

}  // namespace mixwright
