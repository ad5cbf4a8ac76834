#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "framework/cli/commands.h"
#include "framework/cli/text_table.h"
#include "framework/fetch/catalogue.h"
#include "framework/fetch/data_folder.h"

namespace mixwright::cli {

namespace {

using fetch::DataFolder;
using nlohmann::ordered_json;

std::string state_text(const DataFolder& folder) {
  switch (folder.state()) {
    case DataFolder::State::kWhole:
      return folder.path().string();
    case DataFolder::State::kOutdated:
      return folder.path().string() + " (not as it should be; fetch it again)";
    case DataFolder::State::kForeign:
      return folder.path().string() + " (not fetched by mixwright)";
    case DataFolder::State::kMissing:
      break;
  }
  std::error_code error;
  return std::filesystem::exists(folder.partial(), error) ? "begun, not complete" : "no";
}

std::string megabytes_text(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void list_datasets(const std::string& to, Globals& globals) {
  const std::filesystem::path root = to.empty() ? fetch::data_root() : std::filesystem::path(to);
  std::vector<std::vector<std::string>> rows = {{"name", "download", "fetched", "what"}};
  ordered_json json = ordered_json::array();
  for (const fetch::PublicDataset& dataset : fetch::read_catalogue(fetch::catalogue_folder())) {
    const DataFolder folder(root, dataset);
    rows.push_back({dataset.name,
                    megabytes_text(dataset.download_bytes()),
                    state_text(folder),
                    dataset.title});
    json.push_back({{"name", dataset.name},
                    {"title", dataset.title},
                    {"homepage", dataset.homepage},
                    {"license", dataset.license},
                    {"download_bytes", dataset.download_bytes()},
                    {"fetched", folder.state() == DataFolder::State::kWhole},
                    {"folder", folder.path().string()},
                    {"described_in", dataset.path}});
  }
  if (globals.json) {
    std::cout << json.dump(2) << "\n";
  } else {
    std::cout << text_table(rows, "") << "\nmixwright data fetch NAME brings one to "
              << root.string() << "\n";
  }
}

}  // namespace

void add_data_list(Command data, Globals& globals) {
  Command command =
      data.subcommand("list", "the known public data sets, their size, and where they lie");
  auto to = std::make_shared<std::string>();
  command.option("--to", *to, "look for fetched ones in this folder instead of the cache")
      .type_name("FOLDER");
  command.run([to, &globals] { list_datasets(*to, globals); });
}

}  // namespace mixwright::cli
