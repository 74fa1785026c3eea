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
/// A call answers what the method returned; {"error": ...} when the invoke failed. With a wrong key, or none set on the
/// function, the answer is the handler's own, as for any other event.
class Shell_Client {
public:
    /// An empty key: what LAMBDA_SHELL__AUTH_KEY says here.
    explicit Shell_Client(Lambda aws_lambda, std::string auth_key = "");

    Json bash(const std::string& command, const std::string& cwd = ".");  ///< Runs a command line in bash.
    /// {cwd, error, kwargs, runParams, status, stdout, stderr, exit_code}
    Json process_run(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// What a program writes to both streams, without the white space around it.
    std::string exec(const std::string& executable, const std::vector<std::string>& params = {},
                     const std::string& cwd = ".");
    /// What the code names `result`, or {"error": ...}; what it prints goes to the function's log.
    Json python_exec(const std::string& code);
    Invoke_Logs python_exec_return_logs(const std::string& code);  ///< with the log

    Json file_contents(const std::string& path);                                 ///< a file's text
    Json list_files(const std::string& path = ".");                              ///< names in a folder
    std::string ls(const std::string& path = "", const std::string& cwd = ".");  ///< as `ls` prints it
    Json disk_space() { return call("disk_space"); }          ///< of every file system that the function sees
    Json list_processes() { return call("list_processes"); }  ///< in the environment
    Json memory_usage() { return call("memory_usage"); }      ///< of the environment
    Json ping() { return call("ping"); }                      ///< "pong"
    Json pwd() { return call("pwd"); }                        ///< working directory
    std::string ps() { return exec("ps"); }                   ///< as `ps` prints it
    std::string whoami() { return exec("whoami"); }           ///< the user

    /// Any method of the function's shell.
    Json call(const std::string& method_name, const Json& method_kwargs = nullptr);

private:
    Json event(const std::string& method_name, const Json& method_kwargs) const;

    Lambda lambda_;
    std::string auth_key_;
};

}  // namespace osbot_aws
