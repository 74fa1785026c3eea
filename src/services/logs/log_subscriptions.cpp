#include "services/logs/log_subscriptions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/gzip.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/function_policies.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/logs/logs.hpp"
#include "wire/lambda_names.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t ids_per_ms = 1000;

/// Recorded: logs/test_logs_subscription_filters.snapshot.json, test_put_subscription_filter_errors
Error cross_account() {
    return {"AccessDeniedException",
            "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross "
            "account lambda triggers."};
}

// The messages for destinations that do not exist: https://github.com/getmoto/moto, moto/logs/models.py
Error not_executable() {
    return bad_log_parameter(
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your "
        "function.");
}

/// The error of a stream. The engine has no streams, so none can receive the test message.
Error not_deliverable(std::string_view kind) {
    return bad_log_parameter(
        fmt::format("Could not deliver test message to specified {0} stream. Check if the given {0} stream is in "
                    "ACTIVE state.",
                    kind));
}

/// Returns the account of an ARN: its fifth part.
std::string_view account_id_of(std::string_view arn) {
    for (int part = 0; part < 4; ++part) base::take_until(arn, ':');
    return base::take_until(arn, ':');
}

}  // namespace

Log_Subscriptions::Log_Subscriptions(Context& context, const Log_Resources& resources)
    : context_(context), resources_(resources), next_id_(base::unix_ms(context.now()) * ids_per_ms) {}

void Log_Subscriptions::connect(const Function_Registry& functions, Invocations& invocations) {
    functions_ = &functions;
    invocations_ = &invocations;
}

Result<void> Log_Subscriptions::check_destination(const Account& account, const std::string& arn, bool has_role) {
    const std::string_view service = service_of(arn);
    if (service.empty()) return bad_log_parameter(fmt::format("The destinationArn '{}' is not a valid ARN.", arn));
    if (service == "lambda") {
        if (account_id_of(arn) != account.id) return cross_account();
        if (has_role) return bad_log_parameter("destinationArn for vendor lambda cannot be used with roleArn");
        return {};
    }
    if (service == "logs") return {};
    if (service != "kinesis" && service != "firehose")
        return bad_log_parameter(
            fmt::format("PutSubscriptionFilter operation cannot work with destinationArn for vendor {}", service));
    if (!has_role)
        return bad_log_parameter(fmt::format("destinationArn for vendor {} cannot be used without roleArn", service));
    return {};
}

Result<void> Log_Subscriptions::check_delivery(const Account& account, const std::string& group,
                                               const std::string& arn) const {
    const std::string_view service = service_of(arn);
    if (service == "kinesis") return not_deliverable("Kinesis");
    if (service == "firehose") return not_deliverable("Firehose");
    if (service == "logs")
        return bad_log_parameter(
            "Could not deliver test message to specified destination. Check if the destination is valid.");
    if (functions_ == nullptr) return not_executable();
    std::string_view qualifier;
    const auto record = functions_->record(account, arn, &qualifier);
    if (!record || !Function_Registry::version(**record, qualifier)) return not_executable();
    const std::string source = log_group_arn(account, group) + ":*";
    const Service_Caller caller{.service = "logs", .source_arn = source, .source = account};
    if (!allows_service(**record, std::string(qualifier), caller, context_.now())) return not_executable();
    return {};
}

void Log_Subscriptions::add(const Log_Resource& filter) {
    const std::string group = filter.members.value("logGroupName", "");
    auto pattern = Filter_Pattern::parse(filter.members.value("filterPattern", ""));
    if (!pattern) return;  // it was valid when it was stored
    by_group_[log_group_key(filter.account, group)].push_back({.account = filter.account,
                                                               .group = group,
                                                               .name = filter.members.value("filterName", ""),
                                                               .arn = filter.members.value("destinationArn", ""),
                                                               .pattern = std::move(*pattern)});
}

void Log_Subscriptions::update(const Account& account, const std::string& group) {
    by_group_.erase(log_group_key(account, group));
    for (const auto* filter : resources_.list(account, log_kinds::subscription_filter, group + ":")) add(*filter);
}

void Log_Subscriptions::load() {
    by_group_.clear();
    resources_.for_each(log_kinds::subscription_filter, [this](const Log_Resource& filter) { add(filter); });
}

void Log_Subscriptions::publish(const Account& account, const std::string& group, const std::string& stream,
                                std::span<const store::Log_Event> events) {
    if (by_group_.empty()) return;
    const auto found = by_group_.find(log_group_key(account, group));
    if (found == by_group_.end()) return;
    for (Subscription& subscription : found->second) {
        std::vector<const store::Log_Event*> selected;
        for (const auto& event : events)
            if (subscription.pattern.matches(event.message)) selected.push_back(&event);
        if (!selected.empty()) deliver(subscription, stream, selected);
    }
}

/// Sends the events in as many invokes as the limit of the size of an event needs.
void Log_Subscriptions::deliver(Subscription& subscription, const std::string& stream, Events events) {
    std::string event = event_of(subscription, stream, events);
    if (event.size() > event_bytes_max && events.size() > 1) {
        deliver(subscription, stream, events.first(events.size() / 2));
        return deliver(subscription, stream, events.subspan(events.size() / 2));
    }
    const auto invoked = invoke(subscription, std::move(event));
    if (invoked) return;
    if (!std::exchange(subscription.warned, true))
        base::log_warning("events of log group {} are not sent to {} by the subscription filter {}: {}",
                          subscription.group, subscription.arn, subscription.name, invoked.error().message);
}

std::string Log_Subscriptions::event_of(const Subscription& subscription, const std::string& stream, Events events) {
    Json list = Json::array();
    for (const store::Log_Event* event : events) {
        Json item{{"id", fmt::format("{:028}{:028}", event->timestamp_ms, next_id_++)},
                  {"timestamp", event->timestamp_ms},
                  {"message", event->message}};
        if (const auto columns = subscription.pattern.columns(event->message); !columns.empty())
            item["extractedFields"] = columns;
        list.push_back(std::move(item));
    }
    const Json data{
        {"messageType", "DATA_MESSAGE"}, {"owner", subscription.account.id},           {"logGroup", subscription.group},
        {"logStream", stream},           {"subscriptionFilters", {subscription.name}}, {"logEvents", std::move(list)}};
    const std::string encoded = base::base64_encode(base::gzip_compress(base::dump_json_lossy(data)));
    return fmt::format(R"({{"awslogs":{{"data":"{}"}}}})", encoded);
}

Result<void> Log_Subscriptions::invoke(const Subscription& subscription, std::string event) {
    OSBOT_TRY(check_delivery(subscription.account, subscription.group, subscription.arn));
    OSBOT_TRY(auto target, functions_->invocable(subscription.account, subscription.arn));
    if (target.function->log_group == subscription.group)
        return local_error("RecursiveInvocationException",
                           "the function writes its own log to this group, so each event would cause another one");
    if (event.size() > event_bytes_max)
        return local_error("RequestEntityTooLargeException", "an event has {} bytes, and an invoke at most {}",
                           event.size(), event_bytes_max);
    invocations_->enqueue({.function = target.function,
                           .invoked_arn = subscription.arn,
                           .payload = std::move(event),
                           .client_context = {},
                           .trace_id = {}});
    return {};
}

}  // namespace osbot_aws::services
