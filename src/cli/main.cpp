#include <fmt/format.h>

#include <cstdio>

#include "cli/commands.hpp"
#include "server/version.hpp"

namespace {

using namespace osbot_aws;
using namespace osbot_aws::cli;

constexpr const char* examples =
    "Examples:\n"
    "  osbot deploy ./hello.py                     a Python file becomes the function hello\n"
    "  osbot invoke hello '{\"name\": \"Ada\"}' --logs   call it and see what it printed\n"
    "  osbot url hello --public                    give it a URL; curl \"$(osbot url hello)\"\n"
    "  osbot deploy ./order_processor              a C++ program with handler<f> in it\n"
    "  osbot local start                           an AWS endpoint on http://127.0.0.1:4566\n\n"
    "Where calls go: --endpoint-url or AWS_ENDPOINT_URL; else --local or --aws (OSBOT_AWS_TARGET); else AWS when\n"
    "credentials are found; else the local engine, which is started when it does not run.\n\n"
    "Exit codes: 0 done; 1 the function or the call failed; 2 wrong arguments; 3 no answer; 4 not found.";

int version_text(const Options& options) {
    print(options, {{"version", std::string(server::version)}}, fmt::format("osbot {}", server::version));
    return exit_ok;
}

}  // namespace

void osbot_aws::cli::add_version(CLI::App& app, const Options& options, Action& action) {
    app.add_subcommand("version", "Show the version")->callback([&options, &action] {
        action = [&options] { return version_text(options); };
    });
}

int main(int argc, char** argv) try {
    Options options;
    Action action;
    CLI::App app("Functions as running AWS Lambdas: on an embedded local engine, or on AWS", "osbot");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(examples);
    app.set_version_flag("--version", fmt::format("osbot {}", server::version));
    auto* local = app.add_flag("--local", options.local, "Use the local engine");
    app.add_flag("--aws", options.aws, "Use AWS")->excludes(local);
    app.add_option("--endpoint-url", options.endpoint_url, "Use this endpoint");
    app.add_option("--region", options.region, "AWS region");
    app.add_option("--profile", options.profile, "Profile of the shared AWS files");
    app.add_flag("--json", options.json, "Machine-readable output on stdout");
    for (const auto add :
         {add_deploy, add_invoke, add_logs, add_info, add_list, add_delete, add_url, add_local, add_version})
        add(app, options, action);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) { return app.exit(error) == 0 ? exit_ok : exit_usage; }
    return action();
} catch (const Aws_Exception& failed) { return report(failed.error()); } catch (const std::exception& bug) {
    return report({"InternalError", bug.what(), 0});
}
