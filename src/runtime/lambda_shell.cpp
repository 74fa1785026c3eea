#include <osbot_aws/apis/shell/Lambda_Shell.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

constexpr const char* event_member = "lambda_shell";
constexpr const char* key_variable = "LAMBDA_SHELL__AUTH_KEY";
constexpr std::size_t output_bytes_max = 2'000'000;      // per stream: both fit into a response of 6 MB when escaped
constexpr std::chrono::milliseconds response_time{200};  // reserved for the response before the function's deadline

/// Runs the code on standard input. Its output is written to the log; its variable `result` is returned.
constexpr const char* python_exec_program = R"(
import json, os, sys
response = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)
scope = {}
try:
    exec(sys.stdin.read(), scope)
    text = json.dumps(scope.get('result'))
except Exception as error:
    text = json.dumps({'error': str(error)})
response.write(text)
)";

/// The arguments of a call. A missing or invalid argument is an error that names it.
struct Call {
    const Json& arguments;
    std::chrono::milliseconds time_max;

    std::string text(const char* name) const {
        const Json value = arguments.value(name, Json());
        if (!value.is_string()) throw Aws_Exception({"InvalidArgument", fmt::format("'{}' must be a string", name)});
        return value.get<std::string>();
    }
    std::string text_or(const char* name, const char* default_text) const {
        const Json value = arguments.value(name, Json());
        return value.is_string() ? value.get<std::string>() : default_text;
    }
    std::vector<std::string> texts(const char* name) const {
        const Json value = arguments.value(name, Json());
        if (value.is_null()) return {};
        if (value.is_string()) return {value.get<std::string>()};
        return value.get<std::vector<std::string>>();
    }
};

base::Program program_of(std::vector<std::string> argv, const Call& call) {
    base::Program program{.argv = std::move(argv)};
    program.time_max = call.time_max;
    program.output_bytes_max = output_bytes_max;
    return program;
}

/// Runs a program. Returns the fields of OSBot's process result, and `exit_code`.
Json run(std::vector<std::string> argv, const std::string& folder, const Call& call) {
    Json result{{"cwd", folder},
                {"error", nullptr},
                {"kwargs", {{"cwd", folder}, {"stdout", -1}, {"stderr", -1}, {"timeout", nullptr}}},
                {"runParams", argv},
                {"status", "ok"},
                {"stdout", ""},
                {"stderr", ""},
                {"exit_code", nullptr}};
    base::Program program = program_of(std::move(argv), call);
    program.folder = folder;
    const auto end = base::run_program(program);
    if (!end || end->timed_out) {
        result["status"] = "error";
        result["error"] = end ? "killed: the function's timeout is near" : end.error().message;
    }
    if (end) {
        result["stdout"] = end->output;
        result["stderr"] = end->errors;
        result["exit_code"] = end->exit_code;
    }
    return result;
}

Json process_run(const Call& call) {
    std::vector<std::string> argv = call.texts("params");
    argv.insert(argv.begin(), call.text("executable"));
    return run(std::move(argv), call.text_or("cwd", "."), call);
}

Json bash(const Call& call) { return run({"bash", "-c", call.text("command")}, call.text_or("cwd", "."), call); }

Json output_of(const char* command, const Call& call) {
    std::string text = run({"bash", "-c", command}, ".", call).at("stdout").get<std::string>();
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

Json file_contents(const std::string& path) {
    auto bytes = base::read_file(path);
    if (!bytes) return {{"error", bytes.error().message}};
    return std::move(*bytes);
}

Json list_files(const Call& call) {
    const std::string folder = call.text_or("path", ".");
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        names.push_back(at->path().filename().string());
    if (error) return {{"error", fmt::format("{}: {}", folder, error.message())}};
    std::sort(names.begin(), names.end());
    return names;
}

Json python_exec(const Call& call) {
    base::Program program = program_of({"python3", "-c", python_exec_program}, call);
    program.input = call.text("code");
    const auto end = base::run_program(program);
    if (!end) return {{"error", fmt::format("python_exec needs python3 on PATH: {}", end.error().message)}};
    std::fputs(end->errors.c_str(), stderr);
    Json result = base::parse_json(end->output);
    if (result.is_discarded()) return {{"error", fmt::format("python3 exited with status {}", end->exit_code)}};
    return result;
}

/// Returns the methods that a caller can run, by name.
const std::map<std::string_view, Json (*)(const Call&)>& methods() {
    static const std::map<std::string_view, Json (*)(const Call&)> all{
        {"ping", [](const Call&) { return Json("pong"); }},
        {"pwd", [](const Call&) { return Json(fs::current_path().string() + "\n"); }},
        {"bash", bash},
        {"process_run", process_run},
        {"python_exec", python_exec},
        {"file_contents", [](const Call& call) { return file_contents(call.text("path")); }},
        {"list_files", list_files},
        {"memory_usage", [](const Call&) { return file_contents("/proc/meminfo"); }},
        {"disk_space", [](const Call& call) { return output_of("df -h", call); }},
        {"list_processes", [](const Call& call) { return output_of("ps -aux", call); }},
    };
    return all;
}

Json run_method(const Json& request, const Context& context) {
    const auto method = methods().find(request.at("method_name").get<std::string>());
    if (method == methods().end()) return nullptr;
    const Json kwargs = request.value("method_kwargs", Json());
    const Json arguments = kwargs.is_object() ? kwargs : Json::object();
    try {
        return method->second({arguments, std::max(context.remaining_time() - response_time, response_time)});
    } catch (const std::exception& error) { return {{"error", error.what()}}; }
}

}  // namespace

Lambda_Shell::Lambda_Shell() : auth_key_(base::variable(key_variable)) {}

std::optional<Json> Lambda_Shell::handle(const Json& event, const Context& context) const {
    if (auth_key_.empty() || !event.is_object()) return std::nullopt;
    const Json request = event.value(event_member, Json());
    if (!request.is_object() || !request.value("method_name", Json()).is_string()) return std::nullopt;
    const Json key = request.value("auth_key", Json());
    if (!key.is_string() || !base::equal_constant_time(key.get_ref<const std::string&>(), auth_key_))
        return std::nullopt;
    return run_method(request, context);
}

namespace internal {

std::optional<std::string> shell_response(std::string_view event, const Context& context) {
    if (event.find(event_member) == std::string_view::npos) return std::nullopt;
    const Json parsed = base::parse_json(event);
    const auto result = Lambda_Shell().handle(parsed, context);
    if (!result) return std::nullopt;
    return base::dump_json_lossy(*result);  // files may contain invalid UTF-8
}

}  // namespace internal
}  // namespace osbot_aws
