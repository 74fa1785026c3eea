#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws {

/// Runs shell requests inside a function, for diagnosis. Each request must carry the secret key.
///
/// A request is the event {"lambda_shell": {"method_name", "method_kwargs", "auth_key"}}. The methods are ping, pwd,
/// bash, process_run, python_exec, file_contents, list_files, disk_space, memory_usage and list_processes.
/// If either side has no key, or the keys differ, nothing is executed and the handler gets the event as usual, without
/// an error. The key gives access to everything that the function may do: protect it like the role's credentials.
class Lambda_Shell {
public:
    /// Uses the key in the environment variable LAMBDA_SHELL__AUTH_KEY. Without it the shell is disabled.
    Lambda_Shell();
    /// Uses this key. An empty key disables the shell.
    explicit Lambda_Shell(std::string auth_key) : auth_key_(std::move(auth_key)) {}

    /// Runs the requested method and returns its result: null for an unknown method, {"error": reason} if it failed.
    /// Returns nothing if the event is not a shell request with the right key.
    std::optional<Json> handle(const Json& event, const Context& context) const;

private:
    std::string auth_key_;
};

namespace internal {

/// Returns Lambda_Shell::handle() as JSON text. Events that do not contain "lambda_shell" are not parsed.
std::optional<std::string> shell_response(std::string_view event, const Context& context);

template <auto f>
void call_with_shell(std::string_view event, const Context& context, Response_Writer& response) {
    if (const auto shell = shell_response(event, context))
        response.write(*shell);
    else
        call<f>(event, context, response);
}

template <auto f, Handler_Name name>
Handler_Ref registered_with_shell() {
    return register_handler(name_of_handler<f, name>(), &call_with_shell<f>, Shape_Of<f>::writes_pieces);
}

}  // namespace internal

/// Wraps handler<f> with a shell, like the Python decorator: `Deploy_Lambda deploy{lambda_shell<process_order>};`.
/// Set the function's key with set_env_variable("LAMBDA_SHELL__AUTH_KEY", ...).
template <auto f, Handler_Name name = Handler_Name()>
inline const Handler_Ref lambda_shell = internal::registered_with_shell<f, name>();

}  // namespace osbot_aws
