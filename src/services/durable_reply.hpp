#pragma once

#include <string>

#include "services/context.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

/// Returns a reply that waits until the changes since this call are durable. `service` determines the format of the
/// error if they fail.
Reply durable_reply(Context& context, std::string service, Reply reply);

}  // namespace osbot_aws::services
