#pragma once

#include "framework/cli/command.h"
#include "framework/cli/globals.h"

namespace mixwright::cli {

// Each declares one command, and stands in the file of its name.
void add_bench_command(Command program, Globals& globals);
void add_bench_side_command(Command program, Globals& globals);
void add_compare_command(Command program, Globals& globals);
void add_config_command(Command program, Globals& globals);
void add_data_command(Command program, Globals& globals);
void add_dev_command(Command program, Globals& globals);
void add_evaluate_command(Command program, Globals& globals);
void add_features_command(Command program, Globals& globals);
void add_forward_command(Command program, Globals& globals);
void add_memory_command(Command program, Globals& globals);
void add_model_command(Command program, Globals& globals);
void add_plot_command(Command program, Globals& globals);
void add_predict_command(Command program, Globals& globals);
void add_plugins_command(Command program, Globals& globals);
void add_recall_command(Command program, Globals& globals);
void add_sweep_command(Command program, Globals& globals);
void add_train_command(Command program, Globals& globals);
void add_verify_resume_command(Command program, Globals& globals);
void add_weights_command(Command program, Globals& globals);

// The commands below `data`.
void add_data_fetch(Command data, Globals& globals);
void add_data_list(Command data, Globals& globals);

// The commands below `plugins`.
void add_plugins_check(Command plugins, Globals& globals);
void add_plugins_describe(Command plugins, Globals& globals);
void add_plugins_install(Command plugins, Globals& globals);
void add_plugins_list(Command plugins, Globals& globals);
void add_plugins_new(Command plugins, Globals& globals);
void add_plugins_paths(Command plugins, Globals& globals);
void add_plugins_reference(Command plugins, Globals& globals);
void add_plugins_remove(Command plugins, Globals& globals);

}  // namespace mixwright::cli
