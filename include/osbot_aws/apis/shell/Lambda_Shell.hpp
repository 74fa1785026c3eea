#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws {

/// The inside of a function that one may look into: runs what an event asks for, when the event has the key.
///
/// The event is {"lambda_shell": {"method_name", "method_kwargs", "auth_key"}}; the methods are those of the original
/// (ping, pwd, bash, process_run, python_exec, file_contents, disk_space, memory_usage, list_processes) and list_files.
/// Without a key on either side, or with a wrong one, nothing is executed and nothing says so: the handler is called.
/// Whoever has the key may do all that the function may; keep it as you keep the role's credentials.
class Lambda_Shell {
public:
    /// The key that callers must send; by default what LAMBDA_SHELL__AUTH_KEY says. Empty: the shell is off.
    Lambda_Shell();
    explicit Lambda_Shell(std::string auth_key) : auth_key_(std::move(auth_key)) {}  ///< With this key.

    /// What the method returned (null for one that doesn't exist), or nothing when the event is not for the shell.
    std::optional<Json> answer(const Json& event, const Context& context) const;

private:
    std::string auth_key_;
};

namespace internal {

/// The answer of the shell as text, or nothing; events that don't mention it are not parsed.
std::optional<std::string> shell_answer(std::string_view event, const Context& context);

template <auto f>
void call_with_shell(std::string_view event, const Context& context, Response_Writer& response) {
    if (const auto answer = shell_answer(event, context))
        response.write(*answer);
    else
        call<f>(event, context, response);
}

template <auto f>
Handler_Ref registered_with_shell() {
    return register_handler(__PRETTY_FUNCTION__, &call_with_shell<f>, writes_pieces<f>);
}

}  // namespace internal

/// handler<f> with a shell beside it, the seed's decorator: `Deploy_Lambda deploy{lambda_shell<process_order>};`. Give
/// the function its key with set_env_variable("LAMBDA_SHELL__AUTH_KEY", ...).
template <auto f>
inline const Handler_Ref lambda_shell = internal::registered_with_shell<f>();

}  // namespace osbot_aws
