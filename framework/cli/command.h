#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mixwright::cli {

/// An option of a command; each function narrows it further and gives it back.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option* option) : option_(option) {}

  CommandOption required();
  CommandOption type_name(const std::string& name);  ///< shown by --help, for example FILE
  CommandOption choices(const std::vector<std::string>& values);
  CommandOption hidden();        ///< not shown by --help: for the program's own use
  CommandOption show_default();  ///< --help shows the value that the variable has now

 private:
  CLI::Option* option_;
};

/// The program, or one of its commands. CLI11 does the work; it is a header of 10 seconds, so that
/// command.cpp alone reads it and every command declares itself in these words.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command subcommand(const std::string& name, const std::string& summary);
  void require_subcommand();
  void hidden();  ///< not shown by --help: for the program's own use
  void footer(const std::string& text);
  void run(std::function<void()> action);  ///< what the command does, once all options are read

  /// A name without dashes is a place on the command line; a list given by name takes one value
  /// for each time the name is said.
  CommandOption option(const std::string& name, std::string& value, const std::string& help);
  CommandOption option(const std::string& name, int& value, const std::string& help);
  CommandOption option(const std::string& name,
                       std::vector<std::string>& values,
                       const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);

  /// --set PATH=VALUE, the same for every command that reads a config.
  void sets(std::vector<std::string>& values);
  /// `--checkpoint`: which one of a run.
  void checkpoint(std::string& value);

 private:
  CLI::App* app_;
};

struct ProgramText {
  std::string name;
  std::string summary;
  std::string version;
  std::string footer;
};

/// Declares the commands, reads the arguments, calls `parsed` and then the command's action, whose
/// exceptions come through. Returns false where the arguments were wrong, which was said on
/// standard error; --help and --version are printed and are fine.
bool parse_and_run(const ProgramText& text,
                   int argc,
                   char** argv,
                   const std::function<void(Command)>& declare,
                   const std::function<void()>& parsed);

}  // namespace mixwright::cli
