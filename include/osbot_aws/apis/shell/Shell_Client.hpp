#pragma once

#include <string>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

namespace osbot_aws {

/// Runs shell requests in a function whose handler is wrapped with lambda_shell (C++ or Python). Each call is one
/// invocation.
///
///     Shell_Client shell(lambda, "the key");
///     shell.bash("ls -la /opt");
///
/// Methods do not throw if the invocation fails: they return {"error": "CODE: reason"}. If the key is wrong, or the
/// function has no key, the handler processes the event and its own result is returned. Limits: a result has at most
/// 6 MB. A program may run for the rest of the function's timeout. A C++ function returns at most 2,000,000 bytes of a
/// program's output.
class Shell_Client {
public:
    /// Sends no request. An empty key means the local environment variable LAMBDA_SHELL__AUTH_KEY.
    explicit Shell_Client(Lambda aws_lambda, std::string auth_key = "");

    /// Runs a command line in bash. Returns the same object as process_run().
    Json bash(const std::string& command, const std::string& cwd = ".");
    /// Runs a program and returns {status, exit_code, stdout, stderr, error, cwd, runParams (its command line),
    /// kwargs}. status is "ok" for every exit code. It is "error", with the reason in `error`, if the program could not
    /// be started or, in a C++ function, was killed shortly before the function's deadline.
    Json process_run(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// Runs a program and returns its standard output followed by its standard error, each without surrounding white
    /// space. Returns "Error: reason" if there is no output and the program could not be started or the invocation
    /// failed. Returns an empty string if the response is not from the shell.
    std::string exec(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// Runs Python code and returns the value of its variable `result`: null if it sets none, {"error": message} if it
    /// raises an exception. Its output is written to the function's log. A C++ function needs python3 in its
    /// environment.
    Json python_exec(const std::string& code);
    Invoke_Logs python_exec_return_logs(const std::string& code);  ///< python_exec() with the log of the call

    Json file_contents(const std::string& path);     ///< Returns a file's text, or {"error": reason}.
    Json list_files(const std::string& path = ".");  ///< Lists the names in a folder, sorted, or {"error": reason}.
    /// Returns the output of `ls PATH` in the folder `cwd`. `path` may be one option instead, e.g. `-la`. Returns an
    /// empty string if it fails.
    std::string ls(const std::string& path = "", const std::string& cwd = ".");
    Json disk_space() { return call("disk_space"); }          ///< Returns the output of `df -h`.
    Json list_processes() { return call("list_processes"); }  ///< Returns the output of `ps -aux`.
    Json memory_usage() { return call("memory_usage"); }      ///< Returns the text of /proc/meminfo.
    Json ping() { return call("ping"); }                      ///< Returns "pong" if the key is right.
    Json pwd() { return call("pwd"); }                        ///< Returns the working directory and a newline.
    std::string ps() { return exec("ps"); }                   ///< Returns the output of `ps`.
    std::string whoami() { return exec("whoami"); }           ///< Returns the user name.

    /// Calls a method of Lambda_Shell with arguments by name. Returns null for an unknown method.
    Json call(const std::string& method_name, const Json& method_kwargs = nullptr);

private:
    Json event(const std::string& method_name, const Json& method_kwargs) const;

    Lambda lambda_;
    std::string auth_key_;
};

}  // namespace osbot_aws
