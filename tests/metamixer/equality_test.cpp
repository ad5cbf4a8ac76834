// The general query_key_value of configs/metamixer, exactly as it stands there, equals the mixers
// that it says, forward and backward.

#include <cmath>
#include <filesystem>
#include <iostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/config/toml_reader.h"
#include "tests/metamixer/twin.h"

namespace mixwright {
namespace {

using test::Mixer;
using test::Place;
using test::Places;
using torch::Tensor;

// Relative, of lengths.
constexpr double kMostInFloat64 = 1e-12;
constexpr double kMostInFloat32 = 2e-6;

const Shape kShape{{7, 7}, 64, 0, {}};
constexpr int64_t kBatch = 3;

Tensor row_of_table(const Tensor& x) {  // [S, C] -> [1, S, C]
  return x.unsqueeze(0);
}
Tensor column_of_table(const Tensor& x) {  // [C, S] -> [1, S, C]
  return x.t().unsqueeze(0);
}
Tensor kernel(const Tensor& x) {  // [C, 1, *kernel] -> [1, *kernel, C]
  return x.squeeze(1).movedim(0, -1).unsqueeze(0);
}
/// The i-th of three equal parts.
std::function<Tensor(const Tensor&)> third(int64_t i) {
  return [i](const Tensor& x) { return x.chunk(3)[static_cast<size_t>(i)]; };
}

/// A mixer as it stands in a config of configs/metamixer.
Mixer from_config(const std::string& name,
                  const std::string& kind,
                  torch::ScalarType dtype,
                  const std::vector<std::string>& sets = {}) {
  const auto file = test::source_dir() / "configs" / "metamixer" / (name + ".toml");
  const config::LoadedConfig loaded = config::load(file.string(), sets);
  const ConfigValue& stage = loaded.root.find("model")->find("stage")->as_array().at(0);
  const auto factory = test::factory(loaded.root);
  return test::build(*factory, kind, *stage.find(kind), kShape, dtype);
}

/// A mixer of one line, `mixer = { … }`.
Mixer from_line(const std::string& line, const std::string& kind, torch::ScalarType dtype) {
  const ConfigValue root = config::parse_toml("mixer = " + line, "a line of the test");
  return test::build(
      *test::factory(ConfigValue::table()), kind, *root.find("mixer"), kShape, dtype);
}

Tensor input(torch::ScalarType dtype) {
  return torch::randn({kBatch, 7, 7, 64}, torch::kFloat64).to(dtype);
}

/// `ours` and `other` make the two mixers for a type of numbers.
template <class Ours, class Other>
void expect_equal(const Ours& ours,
                  const Other& other,
                  const Places& places,
                  const Context& context = {}) {
  for (const auto& [dtype, most] :
       {std::pair(torch::kFloat64, kMostInFloat64), std::pair(torch::kFloat32, kMostInFloat32)}) {
    torch::manual_seed(1);
    std::cout << "  " << c10::toString(dtype) << "\n";
    EXPECT_LE(test::largest_error(ours(dtype), other(dtype), places, input(dtype), context), most)
        << c10::toString(dtype);
  }
}

auto config(const std::string& name,
            const std::string& kind,
            const std::vector<std::string>& sets = {}) {
  return [=](torch::ScalarType dtype) { return from_config(name, kind, dtype, sets); };
}
auto line(const std::string& text, const std::string& kind) {
  return [=](torch::ScalarType dtype) { return from_line(text, kind, dtype); };
}

const Places kAttention = {{"query.linear.weight", {"qkv.weight", third(0)}},
                           {"query.linear.bias", {"qkv.bias", third(0)}},
                           {"key.linear.weight", {"qkv.weight", third(1)}},
                           {"key.linear.bias", {"qkv.bias", third(1)}},
                           {"value.linear.weight", {"qkv.weight", third(2)}},
                           {"value.linear.bias", {"qkv.bias", third(2)}},
                           {"output.linear.weight", {"proj.weight"}},
                           {"output.linear.bias", {"proj.bias"}}};

TEST(QueryKeyValue, IsMultiHeadSelfAttention) {
  expect_equal(config("self_attention", "token_mixer"),
               line("{ type = \"self_attention\", heads = 4 }", "token_mixer"),
               kAttention);
}

TEST(QueryKeyValue, IsSelfAttentionOverTokensThatThePaddingMaskLeaves) {
  Context context;
  context.padding_mask = torch::rand({kBatch, 7, 7}) < 0.7;
  expect_equal(config("self_attention", "token_mixer"),
               line("{ type = \"self_attention\", heads = 4 }", "token_mixer"),
               kAttention,
               context);
}

TEST(QueryKeyValue, IsCausalSelfAttention) {
  const std::string interaction =
      "model.stage[0].token_mixer.interaction={ type = \"causal_dot_product\", scaled = true }";
  expect_equal(config("self_attention", "token_mixer", {interaction}),
               line("{ type = \"self_attention\", heads = 4, causal = true }", "token_mixer"),
               kAttention);
}

const Places kMemory = {{"key.weight", {"fc1.weight", row_of_table}},
                        {"interaction.bias", {"fc1.bias"}},
                        {"value.weight", {"fc2.weight", column_of_table}},
                        {"aggregation.bias", {"fc2.bias"}}};

TEST(QueryKeyValue, IsAFeedForwardNetwork) {
  expect_equal(config("feed_forward", "channel_mixer"),
               line("{ type = \"mlp\", ratio = 4.0 }", "channel_mixer"),
               kMemory);
}

TEST(QueryKeyValue, IsAFeedForwardNetworkByDefaultOverChannels) {
  expect_equal(
      line("\"query_key_value\"", "channel_mixer"), line("\"mlp\"", "channel_mixer"), kMemory);
}

TEST(QueryKeyValue, IsTheTokenMixingOfMlpMixer) {
  expect_equal(config("token_mlp", "token_mixer"),
               line("{ type = \"mlp\", ratio = 0.5 }", "token_mixer"),
               kMemory);
}

const Places kFfnified = {{"query.layers.0.linear.weight", {"query.weight"}},
                          {"query.layers.1.weight", {"norm.weight"}},
                          {"query.layers.1.bias", {"norm.bias"}},
                          {"query.layers.1.running_mean", {"norm.running_mean"}},
                          {"query.layers.1.running_var", {"norm.running_var"}},
                          {"query.layers.1.num_batches_tracked", {"norm.num_batches_tracked"}},
                          {"key.weight", {"interaction.conv.weight", kernel}},
                          {"interaction.bias", {"interaction.conv.bias"}},
                          {"value.weight", {"aggregation.conv.weight", kernel}},
                          {"aggregation.bias", {"aggregation.conv.bias"}}};

TEST(QueryKeyValue, IsFfnifiedAttentionOfEveryKernel) {
  for (const char* size : {"3", "5", "7"}) {
    SCOPED_TRACE(size);
    expect_equal(
        config("ffnified_attention", "token_mixer", {std::string("parts.kernels.kernel=") + size}),
        line(std::string("{ type = \"ffnified_attention\", kernel = ") + size + " }",
             "token_mixer"),
        kFfnified);
  }
}

TEST(QueryKeyValue, IsFfnifiedAttentionWithSoftmaxInPlaceOfGelu) {
  expect_equal(
      config(
          "ffnified_attention", "token_mixer", {"model.stage[0].token_mixer.activation=softmax"}),
      line("{ type = \"ffnified_attention\", activation = \"softmax\" }", "token_mixer"),
      kFfnified);
}

TEST(QueryKeyValue, IsTheSeparableConvolutionOfConvFormer) {
  expect_equal(config("separable_convolution", "token_mixer"),
               line("\"separable_conv\"", "token_mixer"),
               {{"query.linear.weight", {"pwconv1.weight"}},
                {"activation.scale", {"act1.scale"}},
                {"activation.bias", {"act1.bias"}},
                {"value.weight", {"dwconv.weight", kernel}},
                {"output.linear.weight", {"pwconv2.weight"}}});
}

TEST(QueryKeyValue, IsADepthwiseConvolution) {
  expect_equal(line("{ type = \"query_key_value\", query = \"none\", interaction = \"none\", "
                    "activation = \"none\", value = { type = \"parameter\", kernel = 9 }, "
                    "aggregation = { type = \"convolution\", bias = true }, output = \"none\" }",
                    "token_mixer"),
               line("{ type = \"depthwise_conv\", kernel = 9 }", "token_mixer"),
               {{"value.weight", {"conv.weight", kernel}}, {"aggregation.bias", {"conv.bias"}}});
}

Tensor randn_leaf(at::IntArrayRef sizes, torch::ScalarType dtype) {
  return (torch::randn(sizes, torch::kFloat64) * 0.3).to(dtype).requires_grad_();
}

/// Attention to a memory that all samples share, in plain LibTorch; arXiv:2105.02358, eq. 5 to 8:
/// softmax over the tokens, then each token over its sum.
Mixer external_attention(torch::ScalarType dtype) {
  Mixer mixer;
  for (const char* name : {"in.weight", "out.weight", "keys", "values"}) {
    mixer.tensors[name] = randn_leaf({64, 64}, dtype);
  }
  for (const char* name : {"in.bias", "out.bias"}) mixer.tensors[name] = randn_leaf({64}, dtype);
  mixer.run = [t = mixer.tensors](const Tensor& x, const Context&) {
    const Tensor q = torch::linear(x, t.at("in.weight"), t.at("in.bias")).flatten(1, 2);
    const Tensor shares = torch::softmax(q.matmul(t.at("keys").t()), 1);  // [B, N, S]
    const Tensor a = shares / (1e-9 + shares.sum(2, true));
    return torch::linear(a.matmul(t.at("values")), t.at("out.weight"), t.at("out.bias"))
        .view(x.sizes());
  };
  return mixer;
}

TEST(QueryKeyValue, IsExternalAttention) {
  expect_equal(config("external_attention", "token_mixer"),
               external_attention,
               {{"query.linear.weight", {"in.weight"}},
                {"query.linear.bias", {"in.bias"}},
                {"key.weight", {"keys", row_of_table}},
                {"value.weight", {"values", row_of_table}},
                {"output.linear.weight", {"out.weight"}},
                {"output.linear.bias", {"out.bias"}}});
}

/// Each head has its own memory: row b mod heads of the operands. arXiv:2105.02358, sec. 3.3, with
/// a memory for each head.
Mixer external_attention_with_heads(torch::ScalarType dtype) {
  Mixer mixer;
  mixer.tensors["keys"] = randn_leaf({10, 64}, dtype);
  mixer.tensors["values"] = randn_leaf({10, 64}, dtype);
  mixer.run = [t = mixer.tensors](const Tensor& x, const Context&) {
    std::vector<Tensor> heads;
    for (int64_t h = 0; h < 4; ++h) {
      const Tensor q = x.flatten(1, 2).narrow(2, 16 * h, 16);
      const Tensor a = torch::softmax(q.matmul(t.at("keys").narrow(1, 16 * h, 16).t()), -1);
      heads.push_back(a.matmul(t.at("values").narrow(1, 16 * h, 16)));
    }
    return torch::cat(heads, -1).view(x.sizes());
  };
  return mixer;
}

TEST(QueryKeyValue, GivesEveryHeadItsPartOfATable) {
  expect_equal(
      line("{ type = \"query_key_value\", heads = 4, query = \"none\", output = \"none\", "
           "interaction = \"dot_product\", aggregation = \"weighted_sum\", "
           "key = { type = \"parameter\", slots = 10 }, "
           "value = { type = \"parameter\", slots = 10 } }",
           "token_mixer"),
      external_attention_with_heads,
      {{"key.weight", {"keys", row_of_table}}, {"value.weight", {"values", row_of_table}}});
}

/// arXiv:2211.11943, eq. 3: y = W3 ((K * W1 x) x (W2 x)), * a depthwise convolution.
Mixer modulation(torch::ScalarType dtype) {
  Mixer mixer;
  for (const char* name : {"w1", "w2", "w3"}) mixer.tensors[name] = randn_leaf({64, 64}, dtype);
  mixer.tensors["k"] = randn_leaf({64, 1, 5, 5}, dtype);
  mixer.run = [t = mixer.tensors](const Tensor& x, const Context&) {
    const Tensor q = torch::linear(x, t.at("w1")).movedim(-1, 1);
    const Tensor a = torch::conv2d(q, t.at("k"), {}, 1, 2, 1, 64).movedim(1, -1);
    return torch::linear(a * torch::linear(x, t.at("w2")), t.at("w3"));
  };
  return mixer;
}

TEST(QueryKeyValue, IsAConvolutionalModulation) {
  const std::string linear = "{ type = \"linear\", bias = false }";
  expect_equal(line("{ type = \"query_key_value\", query = " + linear + ", value = " + linear +
                        ", output = " + linear +
                        ", key = { type = \"parameter\", kernel = 5 }, "
                        "interaction = \"convolution\", activation = \"none\", "
                        "aggregation = \"product\" }",
                    "token_mixer"),
               modulation,
               {{"query.linear.weight", {"w1"}},
                {"key.weight", {"k", kernel}},
                {"value.linear.weight", {"w2"}},
                {"output.linear.weight", {"w3"}}});
}

TEST(QueryKeyValue, EveryConfigOfItsFolderIsLookedAtHere) {
  std::vector<std::string> names;
  for (const auto& file :
       std::filesystem::directory_iterator(test::source_dir() / "configs" / "metamixer")) {
    names.push_back(file.path().stem());
  }
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("base",
                                            "self_attention",
                                            "feed_forward",
                                            "ffnified_attention",
                                            "token_mlp",
                                            "external_attention",
                                            "separable_convolution",
                                            "pyramid"));  // by tests/studies, FFNification
}

}  // namespace
}  // namespace mixwright
