#pragma once

#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// What create(), update() and their like answer; never thrown.
struct Status {
    std::string status = "ok";  ///< ok, warning (nothing was done, `message` says why) or error
    std::string name;           ///< of the thing it is about
    Json data;                  ///< what the service answered; on an error the request, without environment values
    std::string error;          ///< AWS's code and message; empty unless `status` is error
    std::string message;        ///< why nothing was done

    bool ok() const { return status == "ok"; }       ///< not warning, not error
    explicit operator bool() const { return ok(); }  ///< ok()
    /// {'status', 'name', 'data', 'error', 'message'}, the seed's dict; what is empty is None.
    Json to_json() const;
};

}  // namespace osbot_aws
