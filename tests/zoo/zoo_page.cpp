#include "tests/zoo/zoo_page.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <mixwright/error.h>
#include <mixwright/option_schema.h>

#include "framework/draw/drawing.h"
#include "framework/io/atomic_file.h"
#include "framework/io/text.h"
#include "tests/support/paths.h"
#include "tests/zoo/zoo_system.h"

namespace mixwright {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kHead = R"(# The zoo

Published systems as configs, each with its paper, what it is made of, what its sizes cost, how far it is
from its authors' own code, and a drawing. Made by `scripts/zoo_page.sh`; what is said of a system stands in
`zoo.toml` beside this page.

Parameters are all that a network registers. Multiply-accumulates (MACs) are those of convolutions and
matrix products, attention's two included, for one sample. Published counts were taken on the authors' code;
`tests/zoo` compares them with ours to the last digit. A drawing is what `mixwright model draw` makes of the
system's smallest config.

Errors are the largest difference from the authors' code over all cases of a system, as a share of the largest
magnitude in the tensor, in float32: outputs and gradients in evaluation mode, outputs of the form for inference
(branches merged, norms folded, products packed), and outputs, gradients and buffers (running statistics, power
iterations) in training mode. 0: every bit is equal. A dash: the authors' code has no such form, or its golden files hold none. `tests/golden` measures them; a
figure may differ in its digits from machine to machine, and the tests fail above 2e-5 (outputs, buffers) and 1e-4 (gradients).
)";

json read_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(file.string() + ": cannot be read");
  return json::parse(in);
}

/// What stands in a table of Markdown or in a sentence of it.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::string("|*_`[]<>\\").find(c) != std::string::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string number(int64_t value) {
  return io::grouped(static_cast<uint64_t>(value));
}

/// The published numbers of a config at its input, or null.
struct Published {
  std::string parameters = "\u2013";
  std::string macs = "\u2013";
};

Published published_of(const json& published, const ZooNetwork& network) {
  Published result;
  const std::string name = network.file.stem().string();
  if (!published["models"].contains(name)) return result;
  const json& model = published["models"][name];
  result.parameters = number(model["params"]);
  for (const json& size : model["macs"]) {
    if (size["input"].dump() == network.input) result.macs = number(size["macs"]);
  }
  return result;
}

std::string config_table(const ZooSystem& system, const json& published) {
  std::string text =
      "| config | input | parameters | published | MACs | published |\n"
      "| --- | --- | ---: | ---: | ---: | ---: |\n";
  for (const ZooNetwork& network : system.networks) {
    const Published theirs = published_of(published, network);
    const std::string path = fs::relative(network.file, test::source_dir()).string();
    text += fmt::format("| [{}](../{}) | {} | {} | {} | {} | {} |\n",
                        plain(network.file.stem().string()),
                        path,
                        network.outline.input,
                        number(network.outline.parameters),
                        theirs.parameters,
                        number(network.outline.macs),
                        theirs.macs);
  }
  return text;
}

/// The worst of all cases of a system; a dash where none measured it.
std::string worst(const json& cases, const char* what) {
  double most = -1;
  for (const json& one : cases) {
    if (one.contains(what)) most = std::max(most, one[what].get<double>());
  }
  return most < 0 ? "\u2013" : most == 0 ? "0" : fmt::format("{:.1e}", most);
}

std::string error_row(const json& cases) {
  return fmt::format("{} | {} | {} | {} | {} | {}",
                     worst(cases, "y"),
                     worst(cases, "g"),
                     worst(cases, "y.inference"),
                     worst(cases, "y.train"),
                     worst(cases, "gt"),
                     worst(cases, "buffers"));
}

std::string overview(const std::vector<ZooSystem>& systems, const json& errors) {
  std::string text =
      "\n| system | configs | cases | outputs | gradients | inference form | training outputs | "
      "training gradients | buffers |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const ZooSystem& system : systems) {
    const json cases = errors.contains(system.folder) ? errors[system.folder] : json::object();
    text += fmt::format("| [{}](#{}) | {} | {} | {} |\n",
                        plain(system.title),
                        system.folder,
                        system.is_published ? system.networks.size() : 0,
                        cases.size(),
                        error_row(cases));
  }
  return text;
}

std::string section(const ZooSystem& system, const json& published) {
  std::string text = fmt::format(
      "\n<a name=\"{}\"></a>\n## {}\n\n{}, [arXiv:{}](https://arxiv.org/abs/{}). Authors' code: "
      "{}.\n\n",
      system.folder,
      plain(system.title),
      plain(system.paper),
      system.arxiv,
      system.arxiv,
      plain(system.code));
  text += "Components: ";
  for (const auto& [kind, names] : system.components) {
    if (!text.ends_with(": ")) text += "; ";
    text += kind_words(kind);
    for (const std::string& name : names) {
      text += (name == *names.begin() ? " `" : ", `") + name + "`";
    }
  }
  text += ".\n\n";
  if (!system.is_published)
    text += "No published size stands here yet; these are the golden cases.\n\n";
  text += config_table(system, published);
  text += fmt::format("\n![{} drawn](pictures/zoo/{}.svg)\n", plain(system.title), system.folder);
  return text;
}

}  // namespace

void write_zoo_page(const fs::path& out) {
  const std::vector<ZooSystem> systems = zoo_systems();
  const json published = read_json(test::source_dir() / "tests" / "zoo" / "published.json");
  const json errors = read_json(test::source_dir() / "tests" / "golden" / "errors.json");
  fs::create_directories(out / "pictures" / "zoo");
  std::string page = kHead + overview(systems, errors);
  for (const ZooSystem& system : systems) {
    page += section(system, published);
    io::write_text_file_atomically(out / "pictures" / "zoo" / (system.folder + ".svg"),
                                   draw::drawing(system.smallest().outline));
  }
  io::write_text_file_atomically(out / "zoo.md", page);
}

}  // namespace mixwright
