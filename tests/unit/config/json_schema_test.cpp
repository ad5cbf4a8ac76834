#include "framework/config/json_schema.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/config/typos.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

Json schema() {
  return Json::parse(json_schema(VocabularyLookup()));
}

/// The alternative of a definition that stands for one component.
Json component(const Json& definition, const std::string& name) {
  for (const Json& each : definition["anyOf"]) {
    if (each.contains("properties") && each["properties"]["type"].contains("enum") &&
        each["properties"]["type"]["enum"] == Json::array({name})) {
      return each;
    }
  }
  return {};
}

TEST(JsonSchema, DescribesComponents) {
  const Json pooling = component(schema()["definitions"]["token_mixer_in_block"], "pooling");
  EXPECT_EQ(pooling["title"], "token mixer \"pooling\"");
  EXPECT_EQ(pooling["description"], "average pooling minus identity");
  EXPECT_EQ(pooling["additionalProperties"], false);
  EXPECT_EQ(pooling["properties"]["pool_size"],
            Json::parse(R"({"type": "integer", "minimum": 1.0, "not": {"multipleOf": 2},
                            "description": "side of the window", "default": 3})"));
}

TEST(JsonSchema, NamesTheInstalledComponents) {
  const Json names = schema()["definitions"]["normalization"]["anyOf"][0]["enum"];
  EXPECT_THAT(names, ElementsAre("layer_norm", "group_norm", "batch_norm", "none"));
}

TEST(JsonSchema, UsesOnlyWhatEditorsKnow) {
  static const std::set<std::string> kKnown = {"$schema",
                                               "$ref",
                                               "title",
                                               "description",
                                               "default",
                                               "type",
                                               "enum",
                                               "properties",
                                               "items",
                                               "definitions",
                                               "additionalProperties",
                                               "required",
                                               "minimum",
                                               "maximum",
                                               "minProperties",
                                               "maxProperties",
                                               "multipleOf",
                                               "pattern",
                                               "anyOf",
                                               "allOf",
                                               "not"};
  const std::function<void(const Json&)> walk = [&](const Json& node) {
    if (node.is_array()) {
      for (const Json& item : node) walk(item);
    } else if (node.is_object()) {
      for (const auto& [key, value] : node.items()) {
        EXPECT_TRUE(kKnown.contains(key)) << key;
        if (key == "default" || key == "enum") continue;
        if (key == "properties" || key == "definitions") {
          for (const auto& [name, each] : value.items()) walk(each);
        } else {
          walk(value);
        }
      }
    }
  };
  walk(schema());
}

TEST(JsonSchema, RefersToWhatItDefines) {
  const Json whole = schema();
  size_t references = 0;
  const std::function<void(const Json&)> walk = [&](const Json& node) {
    if (!node.is_structured()) return;
    for (const auto& [key, value] : node.items()) {
      if (key == "$ref") {
        ++references;
        const std::string name = value.get<std::string>().substr(sizeof("#/definitions/") - 1);
        ASSERT_TRUE(whole["definitions"].contains(name)) << name;
        EXPECT_FALSE(whole["definitions"][name].empty()) << name;
      } else {
        walk(value);
      }
    }
  };
  walk(whole);
  EXPECT_GT(references, 100U);
}

/// Python's own validator of JSON Schema, as an outside judge. scripts/setup.sh installs it.
std::string python() {
  return std::string(MIXWRIGHT_SOURCE_DIR) + "/.venv/bin/python";
}

TEST(JsonSchema, LetsTheVocabularyInAndRefusesFortyTypos) {
  if (!std::filesystem::exists(python())) {
    GTEST_SKIP() << "no .venv: LibTorch was given by TORCH_ROOT and Python was not set up";
  }
  const TestFolder folder;
  Json cases = Json::array();
  for (const std::string& name : vocabulary_names()) {
    const LoadedConfig loaded = load(vocabulary_path(name));
    const ConfigValue* parts = loaded.root.find("parts");
    const auto own = parts == nullptr ? std::vector<std::string>() : parts->keys();
    folder.write(name + ".strict.json", json_schema(VocabularyLookup(parts), own));
    folder.write(name + ".lax.json", json_schema(VocabularyLookup(parts)));
    for (const char* way : {".strict.json", ".lax.json"}) {
      cases.push_back(
          {{"toml", vocabulary_path(name)}, {"schema", folder.path(name + way)}, {"valid", true}});
    }
  }
  int number = 0;
  for (const Typo& typo : forty_typos()) {
    const std::string file =
        folder.write("typo" + std::to_string(number++) + ".toml",
                     "# " + typo.name + ": " + typo.right + " -> " + typo.wrong + "\n" + typo.text);
    cases.push_back(
        {{"toml", file}, {"schema", folder.path(typo.name + ".strict.json")}, {"valid", false}});
  }
  const std::string list = folder.write("cases.json", cases.dump());
  const std::string command =
      "\"" + python() + "\" \"" MIXWRIGHT_SOURCE_DIR "/tests/unit/config/validate_schema.py\" \"" +
      list + "\" " + std::to_string(cases.size());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace mixwright::config
