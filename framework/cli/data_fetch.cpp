#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/fetch/catalogue.h"
#include "framework/fetch/data_folder.h"
#include "framework/fetch/fetch.h"
#include "framework/io/status_line.h"
#include "framework/train/signals.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct DataFetchArguments {
  std::vector<std::string> names;
  std::string to;
  std::string mirror;
  bool keep_archive = false;
  bool verify = false;
};

/// `cifar: downloading [####................] 34.1/170.1 MB  11.2 MB/s  ETA 0:12`
class FetchDisplay {
 public:
  FetchDisplay(std::string name, bool silent)
      : name_(std::move(name)), line_(io::StatusLine::fitting_mode(silent)) {}

  void show(const fetch::FetchProgress& progress) {
    const Clock::time_point now = Clock::now();
    if (progress.phase != phase_ || progress.done < first_) {
      phase_ = progress.phase;
      first_ = progress.done;
      began_ = now;
    }
    if (!line_.due()) return;
    const auto done = static_cast<double>(progress.done);
    const auto total = static_cast<double>(progress.total);
    const double seconds = std::chrono::duration<double>(now - began_).count();
    const double rate = seconds > 0 ? (done - static_cast<double>(first_)) / seconds : 0;
    std::string text = name_ + ": " + phase_;
    if (phase_ == "downloading") {
      text +=
          fmt::format(" {} {:.1f}/{:.1f} MB", io::bar_text(done, total), done / 1e6, total / 1e6);
    } else {
      text += fmt::format(" {:.1f} MB", done / 1e6);  // its total is only a bound
    }
    if (rate > 0) text += fmt::format("  {:.1f} MB/s", rate / 1e6);
    if (rate > 0 && phase_ == "downloading") {
      text += "  ETA " + train::duration_text((total - done) / rate);
    }
    line_.show(text);
  }

  void clear() { line_.clear(); }

 private:
  std::string name_;
  io::StatusLine line_;
  std::string phase_;
  uint64_t first_ = 0;
  Clock::time_point began_;
};

fetch::FetchOptions options_of(const DataFetchArguments& arguments, FetchDisplay& display) {
  fetch::FetchOptions options;
  options.root = arguments.to.empty() ? fetch::data_root() : std::filesystem::path(arguments.to);
  options.mirror = arguments.mirror;
  options.keep_archive = arguments.keep_archive;
  options.verify = arguments.verify;
  options.download.stopped = [] { return train::stop_signal() != 0; };
  options.download.tell = [&display](const std::string& line) {
    display.clear();
    spdlog::info("{}", line);
  };
  options.progress = [&display](const fetch::FetchProgress& progress) { display.show(progress); };
  return options;
}

void print_fetched(const fetch::PublicDataset& dataset,
                   const fetch::Fetched& fetched,
                   const DataFetchArguments& arguments) {
  std::cout << dataset.name << ": " << dataset.title << "\n";
  std::cout << (fetched.was_there ? "already there: " : "fetched: ") << fetched.folder.string();
  if (fetched.was_there) {
    std::cout << (arguments.verify ? " (all files verified)" : "");
  } else {
    std::cout << fmt::format(" ({:.1f} MB downloaded)",
                             static_cast<double>(fetched.downloaded_bytes) / 1e6);
  }
  std::cout << "\nlicence: " << dataset.license << "\n\n"
            << dataset.config_lines(fetched.folder) << "\n";
}

ordered_json fetched_json(const fetch::PublicDataset& dataset, const fetch::Fetched& fetched) {
  return {{"name", dataset.name},
          {"folder", fetched.folder.string()},
          {"was_there", fetched.was_there},
          {"downloaded_bytes", fetched.downloaded_bytes},
          {"license", dataset.license},
          {"config", dataset.config_lines(fetched.folder)}};
}

void fetch_datasets(const DataFetchArguments& arguments, Globals& globals) {
  std::vector<fetch::PublicDataset> datasets;  // all are looked up before the first is fetched
  for (const std::string& name : arguments.names) {
    datasets.push_back(fetch::find_dataset(fetch::catalogue_folder(), name));
  }
  const train::StopSignals signals;
  ordered_json json = ordered_json::array();
  for (const fetch::PublicDataset& dataset : datasets) {
    FetchDisplay display(dataset.name, globals.quiet || globals.json);
    fetch::Fetched fetched;
    try {
      fetched = fetch::fetch(dataset, options_of(arguments, display));
    } catch (const fetch::Stopped&) {
      display.clear();
      spdlog::warn("{}: stopped by {}; the same command goes on where it was",
                   dataset.name,
                   train::signal_name(train::stop_signal()));
      globals.exit_code = train::stop_exit_code(train::stop_signal());
      break;
    }
    display.clear();
    if (globals.json) {
      json.push_back(fetched_json(dataset, fetched));
    } else {
      print_fetched(dataset, fetched, arguments);
    }
  }
  if (globals.json) std::cout << json.dump(2) << "\n";
}

}  // namespace

void add_data_fetch(Command data, Globals& globals) {
  Command command =
      data.subcommand("fetch", "downloads public data sets, verifies and unpacks them");
  auto arguments = std::make_shared<DataFetchArguments>();
  command
      .option("names",
              arguments->names,
              "names out of `mixwright data list`, or .toml files of your own that describe one")
      .required();
  command.option("--to", arguments->to, "put them below this folder instead of the cache")
      .type_name("FOLDER");
  command
      .option("--mirror",
              arguments->mirror,
              "take every file from ADDRESS/NAME-OF-THE-FILE instead; it must be the same file")
      .type_name("ADDRESS");
  command.flag("--keep-archive", arguments->keep_archive, "keep archives beside what they held");
  command.flag("--verify", arguments->verify, "of what is there already, look at every byte again");
  command.footer(
      R"(The cache is $MIXWRIGHT_DATA, else $XDG_CACHE_HOME/mixwright/data, else ~/.cache/mixwright/data;
each data set has a folder of its name there, which appears when all is complete and verified
(SHA-256). A download that is stopped or cut off goes on where it was when the same command is given
again. Proxies come from the environment (https_proxy, no_proxy).

  mixwright data fetch NAME
  mixwright data fetch NAME --mirror https://mirror.example/data
  mixwright data fetch ./mine.toml --to /data)");
  command.run([arguments, &globals] { fetch_datasets(*arguments, globals); });
}

}  // namespace mixwright::cli
