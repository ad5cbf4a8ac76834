#include "framework/model/network.h"

#include <utility>

#include "framework/host/calls.h"
#include "framework/host/collected_log.h"
#include "framework/model/assemble.h"

namespace mixwright::host {

namespace {

ConfigValue table_of(const Options& options) {
  ConfigValue table = ConfigValue::table();
  for (const auto& [key, value] : options) {
    if (table.find(key) != nullptr) throw UsageError("option \"" + key + "\" is given twice");
    table.set(key, value);
  }
  return table;
}

}  // namespace

ConfigValue part(const std::string& type, const Options& options) {
  ConfigValue table = table_of(options);
  table.set("type", type);
  return table;
}

struct Network::State {
  std::shared_ptr<plugin::Registry> registry;
  std::shared_ptr<model::Network> network;
  std::vector<std::string> warnings;
};

Network::Network(std::shared_ptr<State> state) : state_(std::move(state)) {}
Network::Network(const Network&) = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(const Network&) = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

torch::Tensor Network::forward(const torch::Tensor& x) {
  return translated([&] { return state_->network->forward(x); });
}

void Network::train(bool on) {
  state_->network->train(on);
}

std::vector<std::pair<std::string, torch::Tensor>> Network::parameters() const {
  return state_->network->trained_parameters();
}

int64_t Network::parameter_count() const {
  int64_t count = 0;
  for (const auto& [name, parameter] : parameters()) count += parameter.numel();
  return count;
}

const std::vector<std::string>& Network::warnings() const {
  return state_->warnings;
}

NetworkBuilder::NetworkBuilder() : model_(ConfigValue::table()) {}
NetworkBuilder::~NetworkBuilder() = default;

NetworkBuilder& NetworkBuilder::input(std::vector<int64_t> shape, int64_t classes) {
  ConfigValue::Array sizes(shape.begin(), shape.end());
  model_.set("input", table_of({{"shape", std::move(sizes)}, {"classes", classes}}));
  return *this;
}

NetworkBuilder& NetworkBuilder::stage(const Options& options) {
  stages_.push_back(table_of(options));
  return *this;
}

NetworkBuilder& NetworkBuilder::head(ConfigValue head) {
  model_.set("head", std::move(head));
  return *this;
}

NetworkBuilder& NetworkBuilder::init(const std::string& scheme) {
  model_.set("init", scheme);
  return *this;
}

NetworkBuilder& NetworkBuilder::share(const std::string& target, const std::string& source) {
  if (model_.find("share") == nullptr) model_.set("share", ConfigValue::table());
  model_.find("share")->set(target, source);
  return *this;
}

NetworkBuilder& NetworkBuilder::seed(int64_t seed) {
  seed_ = seed;
  return *this;
}

Network NetworkBuilder::build(const PluginPlaces& plugins) const {
  return translated([&] {
    const std::lock_guard lock(loading());
    const CollectedLog log;
    config::LoadedConfig file;
    file.path = "a network built in code";
    file.root = ConfigValue::table();
    ConfigValue model = model_;
    model.set("stage", stages_);
    file.root.set("model", std::move(model));
    auto state = std::make_shared<Network::State>();
    const model::PluginSource source = source_of(plugins);
    const model::Loaded loaded =
        model::load_config(std::move(file), [&](const std::vector<std::string>& config_paths) {
          state->registry = source(config_paths);
          return state->registry;
        });
    if (seed_) torch::manual_seed(static_cast<uint64_t>(*seed_));
    state->network = model::assemble(
        loaded.config, model::input_signal(loaded.config, nullptr), *loaded.factory);
    state->warnings = log.warnings();
    return Network(std::move(state));
  });
}

}  // namespace mixwright::host
