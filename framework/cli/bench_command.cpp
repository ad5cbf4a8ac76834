#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/bench/peer_environment.h"
#include "framework/bench/report.h"
#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/io/atomic_file.h"
#include "framework/io/child_process.h"
#include "framework/io/scratch_folder.h"
#include "framework/model/summary.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

namespace fs = std::filesystem;

const std::vector<std::string>& peer_names() {
  static const std::vector<std::string> names = {
      "eager", "eager-channels-last", "compile", "onnxruntime", "openvino"};
  return names;
}

struct BenchArguments {
  std::vector<std::string> configs;
  std::vector<std::string> sets;
  std::string against = "eager,eager-channels-last,compile,onnxruntime,openvino";
  std::string batches = "1,16";
  std::string mode = "inference";
  std::string precision = "float32";
  std::string networks;
  std::string peer_program;
  std::string out;
  int rounds = 10;
  int threads = 0;
};

std::vector<std::string> words_between_commas(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::vector<std::string> wanted_peers(const std::string& against) {
  std::vector<std::string> wanted = words_between_commas(against);
  if (wanted == std::vector<std::string>{"none"}) return {};
  for (const std::string& name : wanted) {
    const auto& names = peer_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw UsageError("--against: no peer is called \"" + name + "\"" + did_you_mean(name, names) +
                     "; there are " + fmt::format("{}", fmt::join(names, ", ")) + ", or none");
  }
  if (wanted.empty()) throw UsageError("--against: names of peers expected, or none");
  return wanted;
}

std::vector<int64_t> wanted_batches(const std::string& text) {
  constexpr int64_t kMost = 65536;
  std::vector<int64_t> batches;
  for (const std::string& word : words_between_commas(text)) {
    int64_t batch = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, batch);
    if (error != std::errc() || stop != end || batch < 1 || batch > kMost) {
      throw UsageError("--batch: \"" + word + "\" is no batch size; numbers from 1 to 65536, " +
                       "such as 1,16, expected");
    }
    batches.push_back(batch);
  }
  if (batches.empty()) throw UsageError("--batch: numbers such as 1,16 expected");
  return batches;
}

/// The peers' program and what it needs, or why there is none.
struct PeerProgram {
  std::string program;
  std::vector<std::string> words;
  std::string failure;
};

PeerProgram peer_program(const BenchArguments& arguments, const fs::path& scratch) {
  if (!arguments.peer_program.empty()) return {arguments.peer_program, {}, ""};
  const fs::path folder = bench::peer_folder();
  spdlog::info("looking for the peers' Python environment; the first time it is made, in minutes");
  try {
    const fs::path python = bench::prepare_environment(folder, scratch / "environment.log");
    return {python.string(), {(folder / "peer.py").string()}, ""};
  } catch (const Error& error) {
    return {"", {}, error.what()};
  }
}

bench::Contestant peer_of(const std::string& name,
                          const PeerProgram& program,
                          const nlohmann::json& network) {
  std::vector<std::string> words = program.words;
  words.insert(words.end(), {"--peer", name});
  return {name, program.program, words, network};
}

/// What runs: one object for a whole call of the program.
class Bench {
 public:
  Bench(const BenchArguments& arguments, Globals& globals)
      : arguments_(arguments),
        globals_(globals),
        scratch_("mixwright-bench"),
        peers_(wanted_peers(arguments.against)),
        batches_(wanted_batches(arguments.batches)) {
    if (arguments.rounds < 1) throw UsageError("--rounds: at least 1 expected");
    if (arguments.threads < 0) throw UsageError("--threads: at least 1 expected, or 0 for all");
    report_.threads =
        arguments.threads > 0 ? arguments.threads : static_cast<int>(io::usable_cpus().size());
    report_.precision = arguments.precision;
    report_.command_line = globals.command_line;
  }

  bench::Report run() {
    std::vector<bench::Contest> contests;
    for (const std::string& config : arguments_.configs) contests.push_back(describe(config));
    if (!peers_.empty()) program_ = peer_program(arguments_, scratch_.path());
    ask_versions();
    spdlog::info("measuring the processor's peak on {} threads", report_.threads);
    report_.peak = bench::measure_peak(report_.threads);
    for (bench::Contest& contest : contests) {
      for (const int64_t batch : batches_) {
        if (train::stop_signal() != 0) return std::move(report_);
        contest.batch = batch;
        hold(contest);
      }
    }
    return std::move(report_);
  }

 private:
  /// What is known of a config before anybody runs, its peers left out.
  bench::Contest describe(const std::string& config) {
    LoadedModel loaded = load_unbuilt(config, arguments_.sets, globals_);
    if (loaded.input.shape.channels == 0 || loaded.input.classes == 0) {
      throw UsageError(config + ": a network of pictures with classes expected; others have no " +
                       "peers yet");
    }
    bench::Contest contest;
    contest.config = config;
    contest.network = loaded.name();
    std::vector<std::string> sets = arguments_.sets;
    if (const auto peer = peer_network(contest.network)) {
      // The user's own come last, so that they win.
      sets.insert(sets.begin(), peer->sets.begin(), peer->sets.end());
      contest.weight_map = peer->weight_map;
      peer_networks_[contest.network] = *peer;
      loaded = load_unbuilt(config, sets, globals_);
    }
    contest.shape = loaded.input.shape.grid;
    contest.shape.push_back(loaded.input.shape.channels);
    contest.classes = loaded.input.classes;
    contest.macs = model::summarize(loaded.config, loaded.input, *loaded.factory).macs;
    contest.mode = arguments_.mode == "training" ? bench::Mode::kTraining : bench::Mode::kInference;
    contest.threads = report_.threads;
    contest.rounds = arguments_.rounds;
    contest.ours = our_side();
    contest.ours.network = {{"config", config}, {"set", sets}, {"weight_map", contest.weight_map}};
    return contest;
  }

  std::optional<bench::PeerNetwork> peer_network(const std::string& name) const {
    if (peers_.empty()) return std::nullopt;
    if (arguments_.networks.empty()) return bench::find_peer_network(bench::peer_folder(), name);
    bench::PeerNetwork network = bench::read_peer_network(arguments_.networks);
    const auto& names = network.networks;
    if (std::find(names.begin(), names.end(), name) != names.end()) return network;
    throw UsageError(arguments_.networks + ": has no network \"" + name + "\" in `networks`");
  }

  bench::Contestant our_side() const {
    std::vector<std::string> words = globals_.plugin_words();
    words.emplace_back("bench-side");
    return {"mixwright", io::own_program().string(), words, {}};
  }

  void ask_versions() {
    std::vector<bench::Contestant> asked = {our_side()};
    if (!peers_.empty() && program_.failure.empty()) {
      asked.push_back(peer_of("eager", program_, {}));
    }
    for (const bench::Contestant& each : asked) {
      try {
        bench::AnsweringProcess process(
            each.program, each.arguments, scratch_.path() / "versions.log");
        const nlohmann::json answer = process.ask({{"do", "versions"}}, std::chrono::seconds(120))
                                          .value("versions", nlohmann::json::object());
        for (const auto& [name, version] : answer.items()) {
          if (version.is_string()) report_.versions[name] = version;
        }
      } catch (const Error& error) {
        spdlog::warn("{} does not say its version: {}", each.name, error.what());
      }
    }
  }

  void hold(bench::Contest contest) {
    std::string missing = program_.failure;
    const auto network = peer_networks_.find(contest.network);
    if (missing.empty() && network == peer_networks_.end()) {
      missing = "no network \"" + contest.network +
                "\" is known there; a description of it goes with --networks FILE";
    }
    std::vector<bench::SideResult> absent;
    for (const std::string& name : peers_) {
      if (missing.empty()) {
        const nlohmann::json theirs = {{"module", network->second.module},
                                       {"name", contest.network}};
        contest.peers.push_back(peer_of(name, program_, theirs));
      } else {
        absent.emplace_back();
        absent.back().name = name;
        absent.back().failure = missing;
      }
    }
    if (!contest.peers.empty()) {
      contest.weights = peer_of("eager", program_, contest.peers.front().network);
      contest.weights->name = "weights";
    }
    try {
      const io::ScratchFolder folder("mixwright-bench");
      std::vector<bench::SideResult> results = bench::hold_contest(contest, folder.path());
      results.insert(results.end(), absent.begin(), absent.end());
      report_.contests.push_back({contest, std::move(results)});
    } catch (const Error&) {
      if (train::stop_signal() == 0) throw;
    }
  }

  const BenchArguments& arguments_;
  Globals& globals_;
  io::ScratchFolder scratch_;
  std::vector<std::string> peers_;
  std::vector<int64_t> batches_;
  std::map<std::string, bench::PeerNetwork> peer_networks_;
  PeerProgram program_;
  bench::Report report_;
};

std::string report_text(const bench::Report& report) {
  std::string text;
  for (const auto& [name, version] : report.versions) {
    text += (text.empty() ? "" : ", ") + name + " " + version;
  }
  text += fmt::format("\n{} threads for everybody; peak {:.1f} GFLOP/s by {} multiply-adds\n",
                      report.threads,
                      report.peak.flops / 1e9,
                      report.peak.instruction_set);
  for (const bench::Finished& finished : report.contests) {
    text += "\n" + train::table_text(bench::result_table(finished, report.peak));
    for (const bench::SideResult& side : finished.results) {
      text += side.name + ": " + (side.is_measured() ? side.form : "not measured, " + side.failure);
      if (side.is_measured() && side.difference) {
        text += fmt::format("; differs by {:.1e}", *side.difference);
      }
      text += "\n";
    }
  }
  return text;
}

void write_report(const bench::Report& report, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be made (" + error.message() + ")");
  io::write_text_file_atomically(folder / "bench.json", bench::report_json(report));
  if (report.contests.empty()) return;
  try {
    bench::draw_report(report, {folder / "bench.svg", folder / "bench.png"});
  } catch (const Error& failure) {
    spdlog::warn("no chart: {}", failure.what());
  }
}

void run_bench(const BenchArguments& arguments, Globals& globals) {
  const train::StopSignals signals;
  const bench::Report report = Bench(arguments, globals).run();
  if (!arguments.out.empty()) write_report(report, arguments.out);
  std::cout << (globals.json ? bench::report_json(report) : report_text(report));
  if (const int signal = train::stop_signal(); signal != 0) {
    spdlog::warn("stopped by {}", train::signal_name(signal));
    globals.exit_code = train::stop_exit_code(signal);
  } else if (report.has_wrong_answer()) {
    throw Error("answers differ, so there is no speed of them; the lines above say whose");
  }
}

}  // namespace

void add_bench_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "bench", "speed of networks, beside the same networks in other programs where there are any");
  auto arguments = std::make_shared<BenchArguments>();
  command.option("configs", arguments->configs, "configs").required();
  command.option("--against", arguments->against, "peers between commas, or none").show_default();
  command.option("--batch", arguments->batches, "batch sizes between commas").show_default();
  command.option("--mode", arguments->mode, "what is timed: an answer, or a step of training")
      .choices({"inference", "training"})
      .show_default();
  command.option("--precision", arguments->precision, "of weights and arithmetic")
      .choices({"float32"})
      .show_default();
  command.option("--rounds", arguments->rounds, "turns of everybody").show_default();
  command.option("--threads", arguments->threads, "threads of everybody; 0: one a processor")
      .show_default();
  command.option("--networks", arguments->networks, "how networks of your own are found there")
      .type_name("FILE");
  command.option("--out", arguments->out, "folder for bench.json and a chart").type_name("FOLDER");
  command.option("--peer-program", arguments->peer_program, "run this as every peer").hidden();
  command.sets(arguments->sets);
  command.footer(
      R"(Both sides get the same weights and the same input. A peer whose answer differs from ours by more
than 1e-4 of the largest value gets no speed, and the exit code is 1. The others run one after another
in every round. ours/theirs is the median over rounds of our time through theirs, below 1 where we are
faster, with the interval that holds it. docs/benchmarks.md says what is counted.

  mixwright bench configs/zoo/mlp_mixer/mixer_s16_224.toml --against eager,compile --out bench
  mixwright bench configs/zoo/mlp_mixer/mixer_s16_224.toml --against none --batch 1)");
  command.run([arguments, &globals] { run_bench(*arguments, globals); });
}

}  // namespace mixwright::cli
