#include "framework/cli/command.h"

#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

namespace mixwright::cli {

CommandOption CommandOption::required() {
  option_->required();
  return *this;
}

CommandOption CommandOption::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

CommandOption CommandOption::choices(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

CommandOption CommandOption::hidden() {
  option_->group("");
  return *this;
}

CommandOption CommandOption::show_default() {
  option_->capture_default_str();
  return *this;
}

Command Command::subcommand(const std::string& name, const std::string& summary) {
  return Command(app_->add_subcommand(name, summary));
}

void Command::require_subcommand() {
  app_->require_subcommand(1);
}

void Command::hidden() {
  app_->group("");
}

void Command::footer(const std::string& text) {
  app_->footer(text);
}

void Command::run(std::function<void()> action) {
  app_->callback(std::move(action));
}

CommandOption Command::option(const std::string& name,
                              std::string& value,
                              const std::string& help) {
  return CommandOption(app_->add_option(name, value, help));
}

CommandOption Command::option(const std::string& name, int& value, const std::string& help) {
  return CommandOption(app_->add_option(name, value, help));
}

CommandOption Command::option(const std::string& name,
                              std::vector<std::string>& values,
                              const std::string& help) {
  CLI::Option* option = app_->add_option(name, values, help);
  if (name.front() == '-') {
    option->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  return CommandOption(option);
}

void Command::flag(const std::string& name, bool& value, const std::string& help) {
  app_->add_flag(name, value, help);
}

void Command::sets(std::vector<std::string>& values) {
  option("--set",
         values,
         "overrides the config, such as model.stage[0].dim=96 or model.stage[0].token_mixer=NAME; "
         "may repeat")
      .type_name("PATH=VALUE");
}

void Command::checkpoint(std::string& value) {
  option("--checkpoint", value, "best, last or step-N; best where nothing is said");
}

bool parse_and_run(const ProgramText& text,
                   int argc,
                   char** argv,
                   const std::function<void(Command)>& declare,
                   const std::function<void()>& parsed) {
  CLI::App app(text.summary, text.name);
  app.set_version_flag("--version", text.version);
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the subcommand, too
  app.footer(text.footer);
  declare(Command(&app));
  app.parse_complete_callback(parsed);
  if (argc <= 1) {
    std::cerr << app.help();
    return false;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0;
  }
  return true;
}

}  // namespace mixwright::cli
