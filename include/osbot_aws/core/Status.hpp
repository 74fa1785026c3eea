#pragma once

#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// Result of the methods that do not throw. docs/reference/cpp_failures.md lists them.
///
///     const Status added = function.permission_add(permission);
///     if (!added && added.code != "ResourceConflictException") std::cerr << added.error << '\n';
///     const Json statement = function.permission_add(permission).value();  // or: throws Aws_Exception
struct Status {
    std::string status = "ok";  ///< ok, warning (nothing was changed; see `message`) or error
    std::string name;           ///< name of the function, role or layer
    /// The service's response. If the service rejected a create(), the request instead, without code and environment
    /// values. After other errors null, or the responses to the steps that succeeded.
    Json data;
    std::string code;     ///< AWS's code of the error, or our own; empty unless `status` is error
    std::string error;    ///< "CODE: message"; empty unless `status` is error
    std::string message;  ///< human-readable reason of a warning or an error; usually empty if `status` is ok

    bool ok() const { return status == "ok"; }       ///< Returns false for warning and error.
    explicit operator bool() const { return ok(); }  ///< the same as ok()
    /// Returns `data`. Errors: throws Aws_Exception with `code` and `message` if `status` is error.
    const Json& value() const;
    /// Returns the dict of the Python API: {'status', 'name', 'data', 'error', 'message'}. Empty `error` and `message`
    /// are null.
    Json to_json() const;
};

}  // namespace osbot_aws
