#pragma once

#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// Result of create(), update() and similar methods, which do not throw.
struct Status {
    std::string status = "ok";  ///< ok, warning (nothing was changed; see `message`) or error
    std::string name;           ///< name of the function or role
    /// The service's response. If the service rejected a create(), the request instead, without code and environment
    /// values. After other errors null, or the responses to the steps that succeeded.
    Json data;
    std::string error;    ///< "CODE: message", with AWS's code if it has one; empty unless `status` is error
    std::string message;  ///< human-readable reason of a warning or an error; usually empty if `status` is ok

    bool ok() const { return status == "ok"; }       ///< Returns false for warning and error.
    explicit operator bool() const { return ok(); }  ///< the same as ok()
    /// Returns {'status', 'name', 'data', 'error', 'message'}. Empty `error` and `message` are null.
    Json to_json() const;
};

}  // namespace osbot_aws
