#pragma once

#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// What create(), update() and their like answer; never thrown.
struct Status {
    std::string status = "ok";  ///< ok, warning (nothing was done, `message` says why) or error
    std::string name;           ///< of the thing it is about
    /// What the service answered; of a create() that it refused the request, without code and environment values; after
    /// other errors null, or what was answered before.
    Json data;
    std::string error;    ///< "CODE: message", AWS's own where it has them; empty unless `status` is error
    std::string message;  ///< for people: why nothing was done; of an error its message; else mostly empty

    bool ok() const { return status == "ok"; }       ///< not warning, not error
    explicit operator bool() const { return ok(); }  ///< ok()
    /// {'status', 'name', 'data', 'error', 'message'}, the seed's dict; what is empty is None.
    Json to_json() const;
};

}  // namespace osbot_aws
