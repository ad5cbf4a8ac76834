#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mixwright/conformance.h>
#include <mixwright/kinds.h>

namespace mixwright::conformance {

/// A layer, embedding or head under test, made runnable as x -> y whatever its kind.
struct Specimen {
  std::shared_ptr<Part> part;
  std::function<torch::Tensor(const torch::Tensor&)> run;
  Shape in;
  std::vector<int64_t> out_sizes;  ///< with batch 1; empty: not promised
};

/// Sizes that a component is tried on: grids of one rank, a batch and a width.
struct Trial {
  Shape shape;
  int64_t batch = 2;
  std::string text() const { return shape.text(); }
};

std::vector<Trial> trials(const ComponentEntry& entry);

/// Builds the subject for a trial, with fresh random weights where it has constant ones.
Specimen build(const Subject& subject, const ConfigValue& options, const Trial& trial);

/// The subject's example and the defaults that `describe` prints, as one table of options.
ConfigValue printed_options(const Subject& subject);

torch::Tensor sample(const Trial& trial, torch::ScalarType dtype = torch::kFloat32);

/// Collects the checks of one report.
class Checker {
 public:
  explicit Checker(Report& report) : report_(report) {}
  /// Runs `body`, which returns "" or what went wrong; an exception is a failure, too.
  void run(const std::string& name, const std::function<std::string()>& body);
  void skip(const std::string& name, const std::string& why);

 private:
  Report& report_;
};

void check_layer(const Subject& subject, Checker& checker);

/// Trains a small network around the subject on one fixed batch of eight.
std::string memorises(const Subject& subject, const Trial& trial);

}  // namespace mixwright::conformance
