#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws {

/// One step of a deploy that is done.
struct Deploy_Phase {
    std::string name;    ///< target, packed, role, uploaded, created, code, configuration, active, unchanged
    std::string detail;  ///< for people: what exactly
    std::chrono::microseconds took{0};
};

/// How Deploy_Lambda is told what it can't find out.
struct Deploy_Options {
    std::string lambda_name;  ///< empty: the handler's own name
    std::string stage;        ///< prod: the function is called `<name>__prod`
    std::string handler;      ///< for Python files and folders: `function` or `module.function`; empty: found
    std::string runtime;      ///< empty: provided.al2023 for executables, python3.11 for Python
    Session session = {};
};

/// From a function to a running Lambda: packs it, makes what is missing (role, bucket), creates or updates the
/// function, and waits until it can be invoked. What is unchanged is not sent.
///
///     Deploy_Lambda deploy{handler<process_order>};
///     deploy.deploy();
///     deploy.invoke({{"order_id", "ORD-1"}});
///
/// Inside Lambda the constructor does not return: it serves the handler, which is how the same executable is program
/// and function. deploy() may be repeated, and interrupted at any point: the next one goes on from what is there.
/// Example: examples/order_processor/main.cpp
class Deploy_Lambda {
public:
    /// A function of this program: packs the running executable, for provided.al2023.
    explicit Deploy_Lambda(const Handler_Ref& handler, Deploy_Options options = {});
    /// A Python file, an executable with registered handlers, a folder, or a zip.
    /// Errors: Aws_Exception(NotFound) when there is no such file; HandlerNotFound listing the candidates.
    explicit Deploy_Lambda(const std::filesystem::path& what, Deploy_Options options = {});
    ~Deploy_Lambda();
    Deploy_Lambda(Deploy_Lambda&&) noexcept;
    Deploy_Lambda& operator=(Deploy_Lambda&&) noexcept;

    Deploy_Lambda& add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// The folder under its own name; `ignore` are globs. `__pycache__` never goes along.
    Deploy_Lambda& add_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {});
    Deploy_Lambda& add_layer(std::string layer_version_arn);
    Deploy_Lambda& add_layers(const std::vector<std::string>& layer_version_arns);
    Deploy_Lambda& set_env_variable(std::string key, std::string value);
    Deploy_Lambda& set_env_variables(const std::map<std::string, std::string>& variables);  ///< beside those set before
    Deploy_Lambda& set_memory(int mb);
    Deploy_Lambda& set_timeout(int seconds);
    Deploy_Lambda& on_progress(std::function<void(const Deploy_Phase&)> callback);
    /// Phases as lines on stderr, as `osbot deploy` shows them.
    Deploy_Lambda& print_progress();

    /// True: the function is there, active, and has this code and configuration. False: last_error() says why.
    bool deploy();
    const std::string& last_error() const;
    bool unchanged() const;  ///< the last deploy() found nothing to send

    Json invoke(const Json& payload = Json::object());
    Json invoke_async(const Json& payload = Json::object());
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());
    bool exists() const;
    Json info() const;
    bool delete_();
    std::string function_url() const;
    std::vector<std::string> files();  ///< in the package, each with a `/` before it, in order

    const std::string& name() const;  ///< of the function, with its stage
    Lambda& lambda_function();        ///< everything else one may do with it

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws
