#include "framework/model/features.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <mixwright/error.h>

namespace mixwright::model {

namespace {

size_t stage_number(const std::string& word, size_t stages) {
  if (word == "last") return stages - 1;
  size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || word.empty() ||
      number >= stages) {
    throw UsageError("--stages: \"" + word + "\" is nothing to take; 0 to " +
                     std::to_string(stages - 1) +
                     ", last, embedding, pooled and answer are, with commas between them");
  }
  return number;
}

torch::Tensor kept(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
}

}  // namespace

FeatureChoice feature_choice(const std::string& words, size_t stages) {
  FeatureChoice choice;
  std::istringstream in(words);
  for (std::string word; std::getline(in, word, ',');) {
    if (word == "embedding") {
      choice.embedding = true;
    } else if (word == "pooled") {
      choice.pooled = true;
    } else if (word == "answer") {
      choice.answer = true;
    } else {
      choice.stages.push_back(stage_number(word, stages));
    }
  }
  std::sort(choice.stages.begin(), choice.stages.end());
  choice.stages.erase(std::unique(choice.stages.begin(), choice.stages.end()), choice.stages.end());
  if (choice.stages.empty() && !choice.embedding && !choice.pooled && !choice.answer) {
    throw UsageError("--stages: nothing to take; say for example --stages last,pooled");
  }
  return choice;
}

NamedTensors features(Network& network, const torch::Tensor& input, const FeatureChoice& choice) {
  network.check_input(input);
  const torch::NoGradGuard no_grad;
  const Context context;
  NamedTensors result;
  if (choice.embedding) {
    result["embedding"] = kept(run(network.stages().front()->embedding(), input, context));
  }
  Features seen;
  seen.input = input;
  seen.last = input;
  for (const Stage& stage : network.stages()) {
    seen.last = stage.ptr()->forward(seen.last, context);
    const size_t number = seen.stages.size();
    seen.stages.push_back(seen.last);
    if (std::binary_search(choice.stages.begin(), choice.stages.end(), number)) {
      result["stage." + std::to_string(number)] = kept(seen.last);
    }
  }
  // [batch, *grid, C] -> [batch, C]
  if (choice.pooled) result["pooled"] = kept(seen.last.flatten(1, -2).mean(1));
  if (choice.answer) {
    result["answer"] = kept(network.head() ? (*network.head())(seen) : seen.last);
  }
  return result;
}

}  // namespace mixwright::model
