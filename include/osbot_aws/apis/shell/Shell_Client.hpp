#pragma once

#include <string>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

namespace osbot_aws {

/// Looks into a running function whose handler is wrapped with lambda_shell (C++ or Python): each call is one invoke.
///
///     Shell_Client shell(lambda, "the key");
///     shell.bash("ls -la /opt");
///
/// A call answers what the method returned; {"error": ...} when the invoke failed; nothing is thrown. With a wrong key,
/// or none set on the function, the answer is the handler's own, as for any other event. A result has 6 MB at most, and
/// a program the time that is left of the function's timeout; in a C++ function 2,000,000 bytes of its output are kept.
class Shell_Client {
public:
    /// An empty key: what LAMBDA_SHELL__AUTH_KEY says here.
    explicit Shell_Client(Lambda aws_lambda, std::string auth_key = "");

    /// Runs a command line in bash; answers as process_run().
    Json bash(const std::string& command, const std::string& cwd = ".");
    /// Runs a program: {status, exit_code, stdout, stderr, error, cwd, runParams (its command line), kwargs}. status is
    /// ok whatever the exit_code is; it is error, and error says why, when the program could not be started, or in a
    /// C++ function did not end in time.
    Json process_run(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// What a program writes, its output and then its errors, each without the white space around it; "Error: why" when
    /// it wrote nothing and could not be started, or the invoke failed; empty when the answer is not the shell's.
    std::string exec(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// What the code names `result`, null when it names none, or {"error": what was raised}; what it prints goes to the
    /// function's log. A C++ function needs a python3 beside it.
    Json python_exec(const std::string& code);
    Invoke_Logs python_exec_return_logs(const std::string& code);  ///< The same, as Lambda::invoke_return_logs().

    Json file_contents(const std::string& path);     ///< a file's text, or {"error": why}
    Json list_files(const std::string& path = ".");  ///< names in a folder, sorted, or {"error": why}
    /// What `ls` prints of a folder, or of `cwd`; one option of ls will do as well, as `-la`. Empty when it fails.
    std::string ls(const std::string& path = "", const std::string& cwd = ".");
    Json disk_space() { return call("disk_space"); }          ///< as `df -h` prints it
    Json list_processes() { return call("list_processes"); }  ///< as `ps -aux` prints it
    Json memory_usage() { return call("memory_usage"); }      ///< the text of /proc/meminfo
    Json ping() { return call("ping"); }                      ///< "pong": there is a shell, and the key is right
    Json pwd() { return call("pwd"); }                        ///< working directory, with a newline after it
    std::string ps() { return exec("ps"); }                   ///< as `ps` prints it
    std::string whoami() { return exec("whoami"); }           ///< the user

    /// Any method of the function's shell, by Lambda_Shell's names, with its arguments by name; null when there is no
    /// such method.
    Json call(const std::string& method_name, const Json& method_kwargs = nullptr);

private:
    Json event(const std::string& method_name, const Json& method_kwargs) const;

    Lambda lambda_;
    std::string auth_key_;
};

}  // namespace osbot_aws
