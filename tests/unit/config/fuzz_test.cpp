#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "framework/config/defaults.h"
#include "framework/config/override.h"
#include "framework/config/toml_reader.h"
#include "framework/config/toml_writer.h"
#include "tests/unit/config/typos.h"
#include "tests/unit/config/vocabulary_lookup.h"

// Mutations of good inputs, always the same ones. What they must never do, beside crashing, is said
// by the oracles.

namespace mixwright::config {
namespace {

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string next() {
    std::string text = seeds_[pick(seeds_.size())];
    const size_t times = 1 + pick(4);
    for (size_t i = 0; i < times; ++i) mutate(text);
    return text;
  }

 private:
  size_t pick(size_t size) { return size == 0 ? 0 : random_() % size; }

  void mutate(std::string& text) {
    static const std::vector<std::string> kTokens = {"[",
                                                     "]",
                                                     "{",
                                                     "}",
                                                     "\"",
                                                     "'",
                                                     "\"\"\"",
                                                     "'''",
                                                     "=",
                                                     ".",
                                                     ",",
                                                     "#",
                                                     "\n",
                                                     "\r",
                                                     "[[",
                                                     "]]",
                                                     "\xFF",
                                                     "\\",
                                                     "\\u0000",
                                                     "\xC3\xA9",
                                                     "0x",
                                                     "1e999",
                                                     "inf",
                                                     "-",
                                                     "true",
                                                     "none",
                                                     "1979-05-27",
                                                     "type = ",
                                                     "a.b.c",
                                                     "\t",
                                                     "[0]",
                                                     "[99]",
                                                     "\"\"",
                                                     "[[[[[",
                                                     "{{{",
                                                     "parts",
                                                     "[model.stage]",
                                                     "99999999999999999999"};
    const size_t at = pick(text.size() + 1);
    const size_t size = std::min(1 + pick(20), text.size() - std::min(at, text.size()));
    switch (pick(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(pick(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      case 3:
        text.insert(pick(text.size() + 1), text.substr(at, size));
        break;
      default:
        text.insert(at, kTokens[pick(kTokens.size())]);
        break;
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937 random_{7};
};

/// Whether a place exists in a text, one behind the end of a line included.
bool is_inside(const std::string& text, int line, int column) {
  if (line < 1 || column < 1) return false;
  size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return false;
    ++begin;
  }
  const size_t end = std::min(text.find('\n', begin), text.size());
  const auto characters = std::count_if(text.begin() + static_cast<ptrdiff_t>(begin),
                                        text.begin() + static_cast<ptrdiff_t>(end),
                                        [](char c) { return (c & 0xC0) != 0x80; });
  return column <= characters + 1;
}

/// `t.toml:3:7: …` with a place inside the text, on one line.
bool is_good_message(const std::string& message, const std::string& text) {
  int line = 0;
  int column = 0;
  return message.find('\n') == std::string::npos &&
         std::sscanf(message.c_str(), "t.toml:%d:%d: ", &line, &column) == 2 &&
         is_inside(text, line, column);
}

void check_tree(const ConfigValue& root, const std::string& text) {
  for (const bool origin : {false, true}) {
    const std::string printed = to_toml(root, origin);
    ASSERT_TRUE(same(parse_toml(printed, "printed"), root)) << text << "\nprinted:\n" << printed;
  }
}

TEST(Fuzz, TomlGivesAPlaceOrATree) {
  std::vector<std::string> seeds;
  for (const std::string& name : vocabulary_names())
    seeds.push_back(read_text(vocabulary_path(name)));
  Mutator mutator(std::move(seeds));
  int trees = 0;
  constexpr int kRounds = 3000;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = mutator.next();
    ConfigValue root;
    const std::string error = error_of([&] { root = parse_toml(text, "t.toml"); });
    if (!error.empty()) {
      ASSERT_TRUE(is_good_message(error, text)) << error << "\n" << text;
      continue;
    }
    ++trees;
    check_tree(root, text);
    const std::string refused = error_of([&] {
      const Diagnostics diagnostics = check_text(text);
      for (const Diagnostics::Entry& entry : diagnostics.errors()) {
        ASSERT_TRUE(is_good_message(entry.text(), text)) << entry.text() << "\n" << text;
      }
      with_defaults(load_text(text, "t.toml").root, VocabularyLookup());
    });
    if (!refused.empty()) {
      ASSERT_TRUE(is_good_message(refused, text)) << refused << "\n" << text;
    }
  }
  // Both ways were walked.
  EXPECT_GT(trees, kRounds / 20);
  EXPECT_LT(trees, kRounds * 19 / 20);
}

TEST(Fuzz, OverridesAreAppliedWholeOrNotAtAll) {
  Mutator mutator({"model.stage[0].dim=96",
                   "model.stage[1].token_mixer=\"pooling\"",
                   "model.stage[0].token_mixer=pooling",
                   "data.transforms=[\"flip\", { type = \"flip\", share = 0.5 }]",
                   "model.share.\"head.fc.weight\"='a.b'",
                   "model.stage[0].step[1].layers[2]={ norm = 'layer_norm' }"});
  const ConfigValue config = load(vocabulary_path("convmixer")).root;
  const std::string before = config.toml();
  int applied = 0;
  constexpr int kRounds = 5000;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = mutator.next();
    ConfigValue root = config;
    const std::string error = error_of(
        [&] { apply_overrides(root, {parse_override("name=first"), parse_override(text)}); });
    if (error.empty()) {
      ++applied;
      ASSERT_EQ(root.find("name") != nullptr, true) << text;
      check_tree(root, text);
    } else {
      ASSERT_EQ(root.toml(), before) << text;
      ASSERT_TRUE(error.starts_with("--set ")) << error;
      ASSERT_EQ(error.find('\n'), std::string::npos) << error;
    }
  }
  EXPECT_GT(applied, kRounds / 20);
  EXPECT_LT(applied, kRounds * 19 / 20);
}

}  // namespace
}  // namespace mixwright::config
