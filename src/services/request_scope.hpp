#pragma once

#include <string>

#include "services/context.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// The account and region of a request, and the service and the access key of its signature ("" when it has none).
struct Request_Scope {
    Account account;
    std::string service;
    std::string access_key_id;
};
Request_Scope scope_of(const wire::Request& request);

}  // namespace osbot_aws::services
