#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "services/context.hpp"

namespace osbot_aws::services {

/// The parts of arn:aws:sqs:<region>:<account>:<name>, or of a URL.
struct Queue_Location {
    Account account;
    std::string name;
};
/// Returns nothing if `arn` is not the ARN of a queue.
std::optional<Queue_Location> parse_queue_arn(std::string_view arn);
std::string queue_arn(const Account& account, std::string_view name);

/// The last two parts of the path of a queue's URL are the account and the name. AWS accepts a name without a URL, too.
/// Errors: InvalidAddress; MissingParameter.
Result<Queue_Location> parse_queue_url(const Account& account, std::string_view url);

/// Returns true for the path of a queue's URL: /000000000000/orders
bool is_queue_path(std::string_view path);

/// Checks the name of a new queue. Errors: InvalidParameterValue.
Result<void> check_queue_name(std::string_view name, bool fifo);

}  // namespace osbot_aws::services
