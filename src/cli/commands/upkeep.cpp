// The commands `local status` and `local prune`: show the disk usage of the engine, and free space.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <vector>

#include "base/counted.hpp"
#include "base/json.hpp"
#include "cli/commands/commands.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"
#include "engine/upkeep_api.hpp"
#include "packing/cache_folder.hpp"
#include "packing/zip_cache.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::chrono::minutes prune_timeout{10};

struct Prune_Arguments : State_Argument {
    std::optional<std::uint64_t> logs_bytes_max, images_bytes_max;
    std::uint64_t code_bytes_max = 0, cache_bytes_max = 0;
    bool dry_run = false, yes = false;
};

std::string uptime_text(std::int64_t seconds) {
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string row(const char* name, const std::string& text) { return fmt::format("{:<14} {}\n", name, text); }

/// Formats the size of a kind with its limit, if it has one: "3.0 MiB of 2.0 GiB".
std::string size_with_limit(const Json& status, const char* kind, const char* limit_name) {
    const Json limit = status.at("limits").value(limit_name, Json());
    const std::string size = size_text(status.at("bytes").value(kind, 0.0));
    return limit.is_number() ? fmt::format("{} of {}", size, size_text(limit.get<double>())) : size;
}

std::string running_text(const Json& function) {
    const std::string version = function.value("version", "");
    return fmt::format("{}{}: {} busy, {} idle, {}", function.value("name", ""),
                       version == "$LATEST" ? "" : ":" + version, function.value("busy", 0), function.value("idle", 0),
                       size_text(function.value("memory_bytes", 0.0)));
}

/// Returns a row only if there are such records.
std::string unreadable_row(const Json& status) {
    const auto records = status.value("unreadable_records", std::uint64_t{0});
    if (records == 0) return "";
    return row("unreadable",
               fmt::format("{} records of the state were skipped: see daemon.log in the state folder", records));
}

/// Returns a row for each script of --init.
std::string init_rows(const Json& status) {
    const Json scripts = status.value("init", Json::array());
    std::string rows;
    for (const Json& script : scripts) {
        std::string text = fmt::format("{}: {}", script.value("name", ""), script.value("state", ""));
        if (script.contains("exit_code")) text += fmt::format(" (exit code {})", script.value("exit_code", 0));
        rows += row(rows.empty() ? "init" : "", text);
    }
    return rows;
}

std::string forward_rows(const Json& status) {
    const Json forwards = status.value("forwards", Json::object());
    std::string rows;
    for (const auto& [service, url] : forwards.items())
        rows += row(rows.empty() ? "forwards" : "", fmt::format("{} to {}", service, url.get<std::string>()));
    return rows;
}

std::string status_text(const Json& status, const std::string& state) {
    std::string text = row("endpoint", fmt::format("http://127.0.0.1:{}", status.value("port", 0))) +
                       forward_rows(status) + init_rows(status) + row("state", state) +
                       row("process", fmt::format("{}, up for {}", status.value("pid", 0),
                                                  uptime_text(status.value("uptime_s", std::int64_t{0})))) +
                       row("version", status.value("version", "")) +
                       row("functions", std::to_string(status.value("functions", 0))) +
                       row("environments", std::to_string(status.value("environments", 0)));
    for (const Json& function : status.at("running")) text += row("", running_text(function));
    text += row("queued events", std::to_string(status.value("queued", 0))) +
            row("database", fmt::format("{} ({} log events; maximum size of logs {})",
                                        size_text(status.at("bytes").value("database", 0.0)),
                                        status.value("log_events", std::uint64_t{0}),
                                        size_text(status.at("limits").value("logs_bytes_max", 0.0)))) +
            unreadable_row(status) + row("blobs", size_text(status.at("bytes").value("blobs", 0.0))) +
            row("unpacked code", size_with_limit(status, "code", "code_bytes_max")) +
            row("images", size_with_limit(status, "images", "images_bytes_max")) +
            row("engine log", size_text(status.at("bytes").value("log_file", 0.0)));
    for (const Json& message : status.at("sandbox_missing")) text += row("sandbox", message.get<std::string>());
    if (status.at("sandbox_missing").empty()) text += row("sandbox", "complete");
    return text;
}

Result<int> status(const Options& options, const State_Argument& arguments) {
    OSBOT_TRY(auto running, call_daemon(arguments.folder(), "GET", std::string(engine::Upkeep_Api::status_path)));
    const auto sandbox = sandbox::Sandbox::create(sandbox::Mode::automatic);
    running["sandbox_missing"] = sandbox ? Json((*sandbox)->capabilities().missing) : Json::array();
    print(options, running, status_text(running, arguments.folder().string()));
    return exit_ok;
}

struct Sum {
    std::uint64_t count = 0;
    double bytes = 0;

    void add(const Json& item) {
        ++count;
        bytes += item.value("bytes", 0.0);
    }
};

struct Sums {
    explicit Sums(const Json& items) {
        for (const Json& item : items) {
            kinds[item.value("kind", "")].add(item);
            all.add(item);
        }
    }

    std::map<std::string, Sum> kinds;
    Sum all;
};

/// Formats one line for each kind, or, in a dry run, one line for each item.
std::string prune_text(const Json& pruned, bool dry_run) {
    const Sums sums(pruned);
    if (!dry_run) {
        std::string text;
        for (const auto& [kind, sum] : sums.kinds)
            text += fmt::format("{:<8} {:>5} removed {:>12}\n", kind, sum.count, size_text(sum.bytes));
        return text + "freed " + size_text(sums.all.bytes);
    }
    std::string text;
    for (const Json& item : pruned)
        text += fmt::format("{:<8} {:<72} {:>10}\n", item.value("kind", ""), item.value("name", ""),
                            size_text(item.value("bytes", 0.0)));
    return text + "would free " + size_text(sums.all.bytes);
}

/// Prunes the engine and the cache of packages, or only lists what would be removed.
Result<Json> prune_all(const Prune_Arguments& arguments, bool dry_run) {
    Json request{{"code_bytes_max", arguments.code_bytes_max}, {"dry_run", dry_run}};
    if (arguments.logs_bytes_max) request["logs_bytes_max"] = *arguments.logs_bytes_max;
    if (arguments.images_bytes_max) request["images_bytes_max"] = *arguments.images_bytes_max;
    OSBOT_TRY(auto response, call_engine(arguments.folder(), "POST", std::string(engine::Upkeep_Api::prune_path),
                                         base::dump_json(request), prune_timeout));
    const auto zips = packing::trim_zip_cache(arguments.cache_bytes_max, dry_run);
    if (zips.count > 0)
        response.at("pruned").push_back({{"kind", "packages"},
                                         {"name", base::counted(zips.count, "zip") + " of earlier deploys"},
                                         {"bytes", zips.bytes}});
    return response;
}

/// Formats how much of each kind would be removed, and from where.
std::string plan_text(const Json& planned, const std::string& state) {
    const Sums sums(planned);
    std::string text = fmt::format("This frees {}:\n", size_text(sums.all.bytes));
    for (const auto& [kind, sum] : sums.kinds) {
        const std::string owner = kind == "packages"
                                      ? fmt::format("zips of earlier deploys in {}, the cache of all state folders",
                                                    packing::cache_folder().string())
                                      : fmt::format("{} of {}", base::counted(sum.count, "item"), state);
        text += fmt::format("  {:<8} {:>10}  {}\n", kind, size_text(sum.bytes), owner);
    }
    return text;
}

/// Asks the user to confirm the removal. Returns the exit code of the command if it ends here.
Result<std::optional<int>> ask_to_prune(const Options& options, const Prune_Arguments& arguments) {
    OSBOT_TRY(const auto planned, prune_all(arguments, true));
    if (planned.at("pruned").empty()) {
        print(options, planned, "nothing to free");
        return std::optional<int>(exit_ok);
    }
    std::fputs(plan_text(planned.at("pruned"), arguments.folder().string()).c_str(), stderr);
    const auto confirmed = confirm("", "use --yes to free this space, or --dry-run to list it");
    if (!confirmed) return std::optional(report_usage(confirmed.error()));
    return *confirmed ? std::optional<int>() : exit_failed;
}

Result<int> prune(const Options& options, const Prune_Arguments& arguments) {
    if (!arguments.yes && !arguments.dry_run) {
        OSBOT_TRY(const auto exit_code, ask_to_prune(options, arguments));
        if (exit_code) return *exit_code;
    }
    OSBOT_TRY(const auto response, prune_all(arguments, arguments.dry_run));
    print(options, response, prune_text(response.at("pruned"), arguments.dry_run));
    return exit_ok;
}

}  // namespace

void add_status(Command_Line& line, Command local) {
    line.add_command(local, "status", "Show the endpoint, the running functions and the disk usage", &status);
}

void add_prune(Command_Line& line, Command local) {
    auto [command, arguments] = line.add_command(
        local, "prune", "Free disk space: remove unpacked code and packages of earlier deploys", &prune,
        "Examples:\n"
        "  osbot local prune --dry-run          list what would be removed\n"
        "  osbot local prune --yes              do not ask for confirmation\n"
        "  osbot local prune --logs-max 100M    also remove the oldest log events\n"
        "  osbot local prune --images-max 0     also remove images that no function uses\n\n"
        "Works with or without a running engine. Functions keep working: code is unpacked again when\n"
        "it is needed. The packages of earlier deploys are in a cache that all state folders share.");
    command.add_size("--logs-max", arguments.logs_bytes_max,
                     "Maximum size of log events; the oldest are deleted (default: the engine's limit)");
    command.add_size("--code-max", arguments.code_bytes_max,
                     "Maximum size of unpacked code; the least recently used is evicted (default 0)");
    command.add_size("--images-max", arguments.images_bytes_max,
                     "Maximum size of images; images in use are never removed (default: the engine's limit)");
    command.add_size("--cache-max", arguments.cache_bytes_max,
                     "Maximum size of packages of earlier deploys (default 0)");
    const Option dry_run =
        command.add_flag("--dry-run", arguments.dry_run, "List what would be removed, without removing it");
    command.add_flag("--yes", arguments.yes, "Do not ask for confirmation").excludes(dry_run);
}

}  // namespace osbot_aws::cli
