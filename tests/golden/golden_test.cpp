// Every golden case as a config and a weight map: outputs, gradients, penalty and what training
// moves beside the weights, of the authors' own code. One small case of each system lies in data/;
// the others are read from the shared golden folder where there is one. MIXWRIGHT_TEST_DEVICE says
// where they run, "cuda" for example; the bounds stay.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "framework/config/loader.h"
#include "framework/io/atomic_file.h"
#include "framework/io/safetensors.h"
#include "framework/model/assemble.h"
#include "framework/model/probe.h"
#include "framework/model/weights.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;
using model::NamedTensors;
using model::WeightMap;

constexpr double kOutputBound = 2e-5;    // relative to the largest magnitude of the tensor
constexpr double kGradientBound = 1e-4;  // the bound of the golden files' own README

struct GoldenCase {
  std::string system;
  std::string name;
};

void PrintTo(const GoldenCase& golden, std::ostream* out) {
  *out << golden.system << "/" << golden.name;
}

fs::path golden_folder() {
  return test::source_dir() / "tests" / "golden";
}

/// Weight maps serve whole families.
std::string map_of(const std::string& system) {
  static const std::map<std::string, std::string> kFamilies = {{"vanillamixer", "paramixer"},
                                                               {"symmixer", "paramixer"},
                                                               {"asymmixer", "paramixer"},
                                                               {"identityformer", "metaformer"},
                                                               {"randformer", "metaformer"},
                                                               {"poolformerv2", "metaformer"},
                                                               {"convformer", "metaformer"},
                                                               {"caformer", "metaformer"}};
  const auto family = kFamilies.find(system);
  return family == kFamilies.end() ? system : family->second;
}

std::vector<GoldenCase> all_cases() {
  std::vector<GoldenCase> cases;
  for (const auto& file : fs::recursive_directory_iterator(golden_folder() / "configs")) {
    if (file.path().extension() != ".toml") continue;
    cases.push_back({file.path().parent_path().filename(), file.path().stem()});
  }
  std::sort(cases.begin(), cases.end(), [](const GoldenCase& a, const GoldenCase& b) {
    return std::tie(a.system, a.name) < std::tie(b.system, b.name);
  });
  return cases;
}

/// max|a - b| / max|b|.
double relative_error(const torch::Tensor& ours, const torch::Tensor& theirs) {
  EXPECT_EQ(ours.sizes(), theirs.sizes());
  const double scale = theirs.abs().max().item<double>();
  const double error = (ours - theirs).abs().max().item<double>();
  return scale == 0 ? error : error / scale;
}

double absolute_error(const torch::Tensor& ours, const torch::Tensor& theirs) {
  return (ours - theirs).abs().max().item<double>();
}

/// What was measured, by system, case and quantity. Where MIXWRIGHT_GOLDEN_ERRORS names a file it
/// is written there in the end: docs/zoo.md shows it.
class MeasuredErrors : public testing::Environment {
 public:
  void TearDown() override {
    const char* file = std::getenv("MIXWRIGHT_GOLDEN_ERRORS");
    if (file != nullptr) io::write_text_file_atomically(file, errors_.dump(1) + "\n");
  }
  void add(const GoldenCase& golden, const char* what, double error) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1e", error);
    errors_[golden.system][golden.name][what] = std::strtod(text, nullptr);
  }

 private:
  nlohmann::json errors_;
};

MeasuredErrors& measured() {
  static auto* errors = new MeasuredErrors;  // googletest owns it
  return *errors;
}

class Golden : public testing::TestWithParam<GoldenCase> {
 protected:
  void SetUp() override {
    const std::string file = GetParam().system + "/" + GetParam().name + ".safetensors";
    fs::path path = golden_folder() / "data" / file;
    if (!fs::exists(path)) path = test::shared_dir() / "golden" / file;
    if (!fs::exists(path)) {
      GTEST_SKIP() << "no golden file " << file
                   << " here: this case proves nothing on this machine";
    }
    file_ = io::load_safetensors(path);
    case_ = nlohmann::json::parse(io::SafetensorsFile::open(path).metadata().at("case"));
    map_ = WeightMap::load(test::source_dir() / "configs" / "weight_maps" /
                           (map_of(GetParam().system) + ".toml"));
    const config::LoadedConfig loaded = config::load(
        (golden_folder() / "configs" / GetParam().system / (GetParam().name + ".toml")).string());
    factory_ = test::factory(loaded.root);
    Diagnostics diagnostics;
    const config::RunConfig config = config::read_config(loaded.root, *factory_, diagnostics);
    diagnostics.throw_if_errors();
    network_ = model::assemble(config, model::input_signal(config, nullptr), *factory_);
    load_weights();
    network_->move_to(test::device());
    for (auto& [name, tensor] : file_) tensor = tensor.to(test::device());
  }

  void load_weights() {
    model::load_values(
        *network_,
        map_.apply(WeightMap::with_prefix(file_, "w."), model::state_by_name(*network_)));
  }

  std::set<std::string> names_in_metadata(const char* key) const {
    return case_.contains(key) ? case_[key].get<std::set<std::string>>() : std::set<std::string>();
  }

  model::Probe run(bool train) {
    model::ProbeOptions options;
    options.train = train;
    options.gradients = true;
    options.cotangent = map_.to_ours(file_.at("r"));
    return model::probe(*network_, map_.to_ours(file_.at("x")), options);
  }

  /// Compares all gradients stored under `prefix`; returns the worst relative error.
  double compare_gradients(const model::Probe& probe,
                           const std::string& prefix,
                           const std::set<std::string>& structurally_zero) {
    double worst = relative_error(map_.to_theirs(probe.input_gradient), file_.at(prefix + "x"));
    NamedTensors stored = WeightMap::with_prefix(file_, prefix);
    stored.erase("x");
    std::set<std::string> zero_here;  // our names of gradients that are zero but for rounding
    for (const auto& [ours, marks] : map_.apply(marked(stored, structurally_zero), trained())) {
      if (marks.abs().max().item<double>() > 0) zero_here.insert(ours);
    }
    for (const auto& [name, theirs] : map_.apply(stored, trained())) {
      const torch::Tensor& ours = probe.gradients.at(name);
      if (zero_here.count(name) != 0) {
        EXPECT_LT(absolute_error(ours, theirs), 1e-4) << name;
        continue;
      }
      const double error = relative_error(ours, theirs);
      EXPECT_LT(error, kGradientBound) << prefix << name;
      worst = std::max(worst, error);
    }
    return worst;
  }

  /// Buffers as the authors' code leaves them after one training-mode forward: batch statistics,
  /// singular vectors of weights.
  NamedTensors moved_buffers() const {
    NamedTensors result;
    for (const char* prefix : {"bn.", "sn."}) result.merge(WeightMap::with_prefix(file_, prefix));
    return result;
  }

  NamedTensors trained() const {
    NamedTensors result;
    for (const auto& [name, tensor] : network_->trained_parameters()) result.emplace(name, tensor);
    return result;
  }

  /// Ones for the named tensors and zeros for the others, in their shapes.
  static NamedTensors marked(const NamedTensors& tensors, const std::set<std::string>& names) {
    NamedTensors result;
    for (const auto& [name, tensor] : tensors) {
      result[name] = names.count(name) != 0 ? torch::ones_like(tensor) : torch::zeros_like(tensor);
    }
    return result;
  }

  NamedTensors file_;
  nlohmann::json case_;
  WeightMap map_ = WeightMap::identity();
  std::shared_ptr<model::PartFactory> factory_;
  std::shared_ptr<model::Network> network_;
};

TEST_P(Golden, MatchesOfficialCode) {
  int64_t parameters = 0;
  for (const torch::Tensor& parameter : network_->parameters()) parameters += parameter.numel();
  EXPECT_EQ(parameters, case_["params"].get<int64_t>());

  const model::Probe probe = run(/*train=*/false);
  const double output = relative_error(map_.to_theirs(probe.output), file_.at("y"));
  EXPECT_LT(output, kOutputBound);
  const double gradient = compare_gradients(probe, "g.", names_in_metadata("structurally_zero"));
  std::cout << "  output " << output << ", worst gradient " << gradient << "\n";
  measured().add(GetParam(), "y", output);
  measured().add(GetParam(), "g", gradient);

  if (file_.count("penalty") != 0) {
    ASSERT_TRUE(probe.penalty.defined());
    EXPECT_LT(relative_error(probe.penalty.reshape({1}), file_.at("penalty")), kOutputBound);
  }
}

TEST_P(Golden, MatchesOfficialCodeReparameterised) {
  // Where the authors merge nothing, the answer is the usual one.
  const char* expected = file_.count("y.fused") != 0 ? "y.fused" : "y";
  network_->eval();
  EXPECT_GT(network_->use_inference_forms(), 0);
  const torch::NoGradGuard no_grad;
  const torch::Tensor output = network_->forward(map_.to_ours(file_.at("x")));
  const double error = relative_error(map_.to_theirs(output), file_.at(expected));
  EXPECT_LT(error, kOutputBound);
  std::cout << "  output " << error << "\n";
  measured().add(GetParam(), "y.inference", error);
}

TEST_P(Golden, MatchesOfficialCodeInTrainingMode) {
  if (file_.count("y.train") == 0) {
    EXPECT_TRUE(moved_buffers().empty());
    return;  // a system without such buffers: training mode is evaluation mode
  }
  const model::Probe probe = run(/*train=*/true);
  const double output = relative_error(map_.to_theirs(probe.output), file_.at("y.train"));
  EXPECT_LT(output, kOutputBound);
  double gradient = 0;
  if (file_.count("gt.x") != 0) {
    gradient = compare_gradients(probe, "gt.", names_in_metadata("structurally_zero_train"));
  }

  const NamedTensors moved = moved_buffers();
  ASSERT_FALSE(moved.empty());
  NamedTensors buffers;
  for (const auto& buffer : network_->named_buffers()) {
    if (buffer.value().is_floating_point()) buffers.emplace(buffer.key(), buffer.value());
  }
  double worst = 0;
  for (const auto& [name, theirs] : map_.apply(moved, buffers)) {
    worst = std::max(worst, relative_error(buffers.at(name), theirs));
  }
  EXPECT_LT(worst, kOutputBound);
  std::cout << "  training output " << output << ", worst gradient " << gradient << ", buffers "
            << worst << "\n";
  measured().add(GetParam(), "y.train", output);
  if (file_.count("gt.x") != 0) measured().add(GetParam(), "gt", gradient);
  measured().add(GetParam(), "buffers", worst);
}

const auto* const kMeasured = testing::AddGlobalTestEnvironment(&measured());

INSTANTIATE_TEST_SUITE_P(AllSystems,
                         Golden,
                         testing::ValuesIn(all_cases()),
                         [](const testing::TestParamInfo<GoldenCase>& info) {
                           return info.param.system + "_" + info.param.name;
                         });

TEST(GoldenData, HasOneCommittedCaseOfEachSystem) {
  std::set<std::string> systems;
  for (const GoldenCase& golden : all_cases()) systems.insert(golden.system);
  EXPECT_EQ(systems.size(), 23u);
  for (const std::string& system : systems) {
    EXPECT_TRUE(fs::exists(golden_folder() / "data" / system)) << system;
  }
}

}  // namespace
}  // namespace mixwright
