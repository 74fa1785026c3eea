#include "services/sqs/queue_names.hpp"

#include <fmt/format.h>

#include "base/characters.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "wire/account_id.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
constexpr std::size_t queue_name_length_max = 80;
constexpr std::string_view fifo_suffix = ".fifo";

}  // namespace

std::optional<Queue_Location> parse_queue_arn(std::string_view arn) {
    const auto parts = wire::Arn::parse(arn);
    if (!parts || parts->service != "sqs") return std::nullopt;
    return Queue_Location{{std::string(parts->account), std::string(parts->region)}, std::string(parts->resource)};
}

std::string queue_arn(const Account& account, std::string_view name) { return account.arn("sqs", name); }

Result<Queue_Location> parse_queue_url(const Account& account, std::string_view url) {
    if (url.empty()) return missing_parameter("QueueUrl");
    const std::size_t name_at = url.rfind('/');
    if (name_at == std::string_view::npos) return Queue_Location{account, std::string(url)};
    const std::size_t account_at = url.substr(0, name_at).rfind('/');
    if (account_at == std::string_view::npos)
        return Error{"InvalidAddress", fmt::format("The address {} is not valid for this endpoint.", url)};
    return Queue_Location{{std::string(url.substr(account_at + 1, name_at - account_at - 1)), account.region},
                          std::string(url.substr(name_at + 1))};
}

bool is_queue_path(std::string_view path) {
    if (!base::take_prefix(path, "/")) return false;
    const std::string_view account = base::take_until(path, '/');
    return wire::is_account_id(account) && !path.empty() && path.find('/') == std::string_view::npos;
}

Result<void> check_queue_name(std::string_view name, bool fifo) {
    std::string_view stem = name;
    const bool has_suffix = name.ends_with(fifo_suffix);
    if (has_suffix) stem.remove_suffix(fifo_suffix.size());
    if (has_suffix == fifo && !stem.empty() && name.size() <= queue_name_length_max && base::all_name_characters(stem))
        return {};
    if (!fifo)
        return invalid_value("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    return invalid_value(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
        ".fifo suffix and be 1 to 80 in length");
}

}  // namespace osbot_aws::services
