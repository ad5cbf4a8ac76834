#include "framework/train/key_memory.h"

#include <algorithm>
#include <numeric>

#include <mixwright/error.h>
#include <mixwright/layer_watch.h>

#include "framework/data/batch_loader.h"
#include "framework/model/factory.h"
#include "framework/train/evaluation.h"

namespace mixwright::train {

namespace {

/// What the strongest keys so far are kept in, [top, keys] each.
struct Strongest {
  torch::Tensor coefficients;
  torch::Tensor samples;
  torch::Tensor places;

  void take(const torch::Tensor& values, const torch::Tensor& at, const torch::Tensor& indices) {
    const torch::Tensor of_keys = indices.unsqueeze(1).expand_as(values);
    const auto joined = [](const torch::Tensor& kept, const torch::Tensor& more) {
      return kept.defined() ? torch::cat({kept, more}) : more;
    };
    coefficients = joined(coefficients, values);
    samples = joined(samples, of_keys);
    places = joined(places, at);
  }

  void keep(int64_t top) {
    const int64_t rows = std::min(top, coefficients.size(0));
    torch::Tensor order;
    std::tie(coefficients, order) = coefficients.topk(rows, 0);
    samples = samples.gather(0, order);
    places = places.gather(0, order);
  }
};

torch::Tensor values_of(const FoundMemory& found) {
  torch::Tensor values;
  try {
    values = found.memory->values();
  } catch (const Error& error) {
    throw UsageError(found.path + " (" + found.layer->component() + "): " + error.what());
  }
  if (values.dim() == 2 && values.size(1) == found.layer->out_shape().channels) return values;
  throw Error(found.path + " (" + found.layer->component() + "): its values are " +
              list_text(values.sizes().vec()) + "; [keys, " +
              std::to_string(found.layer->out_shape().channels) + "] expected");
}

/// [batch, *grid, keys], checked.
torch::Tensor coefficients_of(const FoundMemory& found,
                              const torch::Tensor& x,
                              const Context& context,
                              int64_t keys) {
  torch::Tensor m = found.memory->coefficients(x, context);
  std::vector<int64_t> expected = x.sizes().vec();
  expected.back() = keys;
  if (m.sizes() == torch::IntArrayRef(expected)) return m;
  throw Error(found.path + " (" + found.layer->component() + "): its coefficients are " +
              list_text(m.sizes().vec()) + "; " + list_text(expected) + " expected");
}

/// The features that a network's head gets.
Shape last_features(const model::Network& network) {
  const model::Stage& stage = network.stages().back();
  if (!stage->blocks().empty()) return stage->blocks().back()->out_shape();
  return shape_after(stage->embedding(), network.input_shape());
}

bool in_last_stage(const model::Network& network, const FoundMemory& found) {
  return found.path.starts_with("stage[" + std::to_string(network.stages().size() - 1) + "].");
}

/// Samples of a source by their indices in the dataset's split, as the network sees them.
Batch read_samples(const data::SampleSource& source, const std::vector<int64_t>& indices) {
  data::SampleSource chosen = source;
  chosen.samples = indices;
  std::vector<int64_t> places(indices.size());
  std::iota(places.begin(), places.end(), 0);
  return chosen.read(places, {});
}

}  // namespace

std::vector<FoundMemory> memories_of(const model::Network& network) {
  std::vector<FoundMemory> found;
  for (const auto& entry : network.named_modules("", /*include_self=*/false)) {
    auto* memory = dynamic_cast<KeyValueMemory*>(entry.value().get());
    const auto* layer = dynamic_cast<const Layer*>(entry.value().get());
    if (memory == nullptr || layer == nullptr) continue;
    found.push_back({model::config_words(entry.key()), entry.key(), layer, memory});
  }
  return found;
}

MemorySurvey survey_memory(model::Network& network,
                           const FoundMemory& found,
                           const data::SampleSource& source,
                           const SurveyOptions& options) {
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(network);
  const torch::Tensor values = values_of(found);
  const int64_t keys = values.size(0);
  const int64_t prefix = found.layer->out_shape().prefix_tokens;
  data::LoaderOptions loading;
  loading.batch_size = options.batch_size;
  loading.workers = 1;
  data::BatchLoader loader(source, loading);
  loader.start(0, 0, 0);

  torch::Tensor seen;  // [batch, places, keys] of the batch that runs
  const LayerWatch watch(
      *found.layer, [&](const torch::Tensor& x, const Context& context, const torch::Tensor& y) {
        torch::Tensor m = coefficients_of(found, x, context, keys).flatten(1, -2);
        m = m.narrow(1, prefix, m.size(1) - prefix);
        seen = seen.defined() ? torch::maximum(seen, m) : m;
        return y;
      });
  Strongest strongest;
  torch::Tensor sum = torch::zeros({keys}, torch::kFloat64);
  torch::Tensor active = torch::zeros({keys}, torch::kFloat64);
  int64_t places = 0;
  for (int64_t done = 0; auto batch = loader.next(); ++done) {
    const Batch moved = to_device(std::move(*batch), options.device);
    seen = torch::Tensor();
    network.forward(moved.inputs);
    if (!seen.defined()) throw Error(found.path + ": it took no part in the network's answer");
    const torch::Tensor m = seen.cpu().to(torch::kFloat32);
    const auto [most, at] = m.max(1);  // [batch, keys]
    strongest.take(most, at, moved.indices.cpu());
    strongest.keep(options.top);
    sum += m.sum(torch::IntArrayRef({0, 1})).to(torch::kFloat64);
    active += (m > 0).sum(torch::IntArrayRef({0, 1})).to(torch::kFloat64);
    places += m.size(0) * m.size(1);
    if (options.progress) options.progress(done + 1, loader.batches());
  }

  MemorySurvey survey;
  survey.grid = found.layer->out_shape().places();
  survey.samples = loader.samples();
  const torch::Tensor norms = values.cpu().to(torch::kFloat64).norm(2, 1);
  for (int64_t key = 0; key < keys; ++key) {
    KeyRecord record;
    record.key = key;
    record.mean = sum[key].item<double>() / static_cast<double>(places);
    record.active_share = active[key].item<double>() / static_cast<double>(places);
    record.value_norm = norms[key].item<double>();
    for (int64_t i = 0; i < strongest.coefficients.size(0); ++i) {
      record.triggers.push_back({strongest.coefficients[i][key].item<double>(),
                                 strongest.samples[i][key].item<int64_t>(),
                                 strongest.places[i][key].item<int64_t>()});
    }
    survey.keys.push_back(std::move(record));
  }
  return survey;
}

std::vector<int64_t> strongest_keys(const MemorySurvey& survey, int64_t count) {
  std::vector<int64_t> order(survey.keys.size());
  std::iota(order.begin(), order.end(), 0);
  const auto weight = [&](int64_t key) {
    const KeyRecord& record = survey.keys[static_cast<size_t>(key)];
    return record.triggers.empty() ? 0.0 : record.triggers.front().coefficient * record.value_norm;
  };
  std::stable_sort(
      order.begin(), order.end(), [&](int64_t a, int64_t b) { return weight(a) > weight(b); });
  if (count > 0 && count < static_cast<int64_t>(order.size())) {
    order.resize(static_cast<size_t>(count));
  }
  return order;
}

torch::Tensor key_effects(model::Network& network,
                          const FoundMemory& found,
                          const data::SampleSource& source,
                          const std::vector<KeyRecord>& keys,
                          const torch::Device& device) {
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(network);
  const torch::Tensor values = values_of(found);
  std::vector<torch::Tensor> effects;
  for (const KeyRecord& record : keys) {
    std::vector<int64_t> samples;
    for (const Trigger& trigger : record.triggers) samples.push_back(trigger.sample);
    const torch::Tensor inputs = read_samples(source, samples).inputs.to(device);
    const torch::Tensor whole = network.forward(inputs);
    if (whole.dim() != 2) {
      throw UsageError("the network answers " + list_text(whole.sizes().vec()) +
                       " to a batch; [batch, classes] expected to say what a value adds");
    }
    const LayerWatch watch(
        *found.layer, [&](const torch::Tensor& x, const Context& context, const torch::Tensor& y) {
          const torch::Tensor m = coefficients_of(found, x, context, values.size(0));
          return y - m.narrow(-1, record.key, 1) * values[record.key];
        });
    effects.push_back((whole - network.forward(inputs)).mean(0).cpu().to(torch::kFloat32));
  }
  return torch::stack(effects);
}

torch::Tensor projected_values(const model::Network& network,
                               const FoundMemory& found,
                               const std::vector<KeyRecord>& keys) {
  const torch::NoGradGuard no_grad;
  const std::shared_ptr<Head>& head = network.head();
  if (!head || head->needs_input() || head->needs_stages()) return {};
  const Shape last = last_features(network);
  if (!in_last_stage(network, found) || last.channels != found.layer->out_shape().channels) {
    return {};
  }
  const torch::Tensor values = values_of(found);
  std::vector<torch::Tensor> chosen = {torch::zeros_like(values[0])};
  for (const KeyRecord& record : keys) chosen.push_back(values[record.key]);
  std::vector<int64_t> one(last.grid.size() + 2, 1);  // [keys, 1, ..., C]
  one.front() = static_cast<int64_t>(chosen.size());
  one.back() = last.channels;
  std::vector<int64_t> whole = last.grid;
  whole.insert(whole.begin(), one.front());
  whole.push_back(last.channels);
  Features features;
  features.last = torch::stack(chosen).view(one).expand(whole).contiguous();
  head->eval();
  const torch::Tensor answers = (*head)(features).cpu().to(torch::kFloat32);
  if (answers.dim() != 2) return {};
  return answers.narrow(0, 1, answers.size(0) - 1) - answers[0];
}

}  // namespace mixwright::train
