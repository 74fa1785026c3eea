
#include <osbot_aws/apis/shell/Shell_Client.hpp>

#include "base/environment.hpp"

namespace osbot_aws {
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* white_space = " \t\n\v\f\r";
    const std::size_t first = text.find_first_not_of(white_space);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::string text_of(const Json& result, const char* name) {
    const Json value = result.is_object() ? result.value(name, Json()) : Json();
    return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

Shell_Client::Shell_Client(Lambda aws_lambda, std::string auth_key)
    : lambda_(std::move(aws_lambda)), auth_key_(std::move(auth_key)) {
    if (auth_key_.empty()) auth_key_ = base::variable("LAMBDA_SHELL__AUTH_KEY");
}

Json Shell_Client::event(const std::string& method_name, const Json& method_kwargs) const {
    return {
        {"lambda_shell", {{"method_name", method_name}, {"method_kwargs", method_kwargs}, {"auth_key", auth_key_}}}};
}

Json Shell_Client::call(const std::string& method_name, const Json& method_kwargs) {
    return lambda_.invoke(event(method_name, method_kwargs));
}

Json Shell_Client::bash(const std::string& command, const std::string& cwd) {
    return call("bash", {{"command", command}, {"cwd", cwd}});
}

Json Shell_Client::process_run(const std::string& executable, const std::vector<std::string>& params,
                               const std::string& cwd) {
    return call("process_run", {{"executable", executable}, {"params", params}, {"cwd", cwd}});
}

std::string Shell_Client::exec(const std::string& executable, const std::vector<std::string>& params,
                               const std::string& cwd) {
    const Json result = process_run(executable, params, cwd);
    if (std::string output = trimmed(text_of(result, "stdout")) + trimmed(text_of(result, "stderr")); !output.empty())
        return output;
    for (const char* member : {"errorMessage", "error"})
        if (const std::string error = text_of(result, member); !error.empty()) return "Error: " + error;
    return "";
}

Json Shell_Client::python_exec(const std::string& code) { return call("python_exec", {{"code", code}}); }

Invoke_Logs Shell_Client::python_exec_return_logs(const std::string& code) {
    return lambda_.invoke_return_logs(event("python_exec", {{"code", code}}));
}

Json Shell_Client::file_contents(const std::string& path) { return call("file_contents", {{"path", path}}); }

Json Shell_Client::list_files(const std::string& path) { return call("list_files", {{"path", path}}); }

std::string Shell_Client::ls(const std::string& path, const std::string& cwd) {
    // Passed as one argument, so that it is not interpreted by a shell. It may be an option.
    const std::vector<std::string> params = path.empty() ? std::vector<std::string>{} : std::vector{path};
    return text_of(process_run("ls", params, cwd), "stdout");
}

}  // namespace osbot_aws
