#include "tests/unit/config/typos.h"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "framework/config/schema_lookup.h"
#include "framework/config/toml_reader.h"
#include "tests/unit/config/vocabulary_lookup.h"

namespace mixwright::config {

namespace {

/// A word of a file and where it begins.
struct Site {
  std::string word;
  SourceLocation location;
};

bool is_component(const std::string& word) {
  const VocabularyLookup lookup;
  return std::any_of(component_kinds().begin(), component_kinds().end(), [&](const auto& kind) {
    return lookup.schema(kind, word).has_value();
  });
}

void collect(const ConfigValue& value, bool names_follow, std::vector<Site>& sites) {
  if (value.is_string() && is_component(value.as_string())) {
    sites.push_back({value.as_string(), value.location()});
    ++sites.back().location.column;  // behind the quote
  } else if (value.is_array()) {
    for (const ConfigValue& item : value.as_array()) collect(item, false, sites);
  } else if (value.is_table()) {
    for (const ConfigValue::Entry& entry : value.as_table()) {
      if (!names_follow) sites.push_back({entry.key, entry.key_location});
      // The keys of these are the user's own words.
      collect(entry.value, entry.key == "parts" || entry.key == "share", sites);
    }
  }
}

std::string misspelled(const std::string& word, std::mt19937& random) {
  std::string wrong = word;
  const size_t at = random() % (word.size() - 1);
  switch (random() % 4) {
    case 0:
      std::swap(wrong[at], wrong[at + 1]);
      break;
    case 1:
      wrong.erase(at, 1);
      break;
    case 2:
      wrong.insert(at, 1, wrong[at]);
      break;
    default:
      wrong[at] = wrong[at] == 'x' ? 'y' : 'x';
      break;
  }
  return wrong == word ? word.substr(0, word.size() - 1) : wrong;
}

size_t offset_of(const std::string& text, const SourceLocation& location) {
  size_t at = 0;
  for (int line = 1; line < location.line; ++line) at = text.find('\n', at) + 1;
  return at + static_cast<size_t>(location.column) - 1;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<Typo> all_typos() {
  std::mt19937 random(1);
  std::vector<Typo> typos;
  for (const std::string& name : vocabulary_names()) {
    const std::string text = read_text(vocabulary_path(name));
    std::vector<Site> sites;
    collect(parse_toml(text, name), false, sites);
    for (const Site& site : sites) {
      if (site.word.size() < 4) continue;
      Typo typo{name, text, site.location.line, site.location.column, site.word, ""};
      typo.wrong = misspelled(site.word, random);
      typo.text.replace(offset_of(text, site.location), site.word.size(), typo.wrong);
      typos.push_back(std::move(typo));
    }
  }
  return typos;
}

std::vector<Typo> forty_typos() {
  const std::vector<Typo> all = all_typos();
  std::vector<Typo> chosen;
  for (size_t i = 0; i < 40; ++i) chosen.push_back(all[i * all.size() / 40]);
  return chosen;
}

}  // namespace mixwright::config
