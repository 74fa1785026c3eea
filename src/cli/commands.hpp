#pragma once

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace osbot_aws::cli {

/// What a subcommand does when it was chosen; its result is the exit code.
using Action = std::function<int()>;

// One file per command: each adds its subcommand, with help and examples, and sets `action` when it is chosen.
void add_deploy(CLI::App& app, const Options& options, Action& action);
void add_invoke(CLI::App& app, const Options& options, Action& action);
void add_logs(CLI::App& app, const Options& options, Action& action);
void add_info(CLI::App& app, const Options& options, Action& action);
void add_list(CLI::App& app, const Options& options, Action& action);
void add_delete(CLI::App& app, const Options& options, Action& action);
void add_url(CLI::App& app, const Options& options, Action& action);
/// A subcommand of `local`.
void add_images(CLI::App& local, const Options& options, Action& action);
void add_local(CLI::App& app, const Options& options, Action& action);
void add_version(CLI::App& app, const Options& options, Action& action);

}  // namespace osbot_aws::cli
