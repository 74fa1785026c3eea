// Metric filters and subscription filters of log groups.
#include <fmt/format.h>

#include <algorithm>

#include "services/logs/filter_pattern.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr std::size_t metric_filters_max = 100, subscription_filters_max = 2;
constexpr std::size_t metric_dimensions_max = 3;

std::string filter_name(const Call& call) {
    const auto fields = call.fields();
    return fmt::format("{}:{}", fields.text_or("logGroupName"), fields.text_or("filterName"));
}

/// Stores a filter with these members. A filter that exists keeps its creation time.
Result<void> put_filter(Logs& logs, const Call& call, std::string_view kind, std::size_t max, Json members) {
    const std::string group = call.fields().text_or("logGroupName"), name = filter_name(call);
    const Log_Resource* existing = logs.resources().find(call.account, kind, name);
    if (existing == nullptr && logs.resources().list(call.account, kind, group + ":").size() >= max)
        return log_limit_exceeded();
    const auto now_ms = update_time_ms(logs.context(), nullptr, "creationTime");
    members["creationTime"] = existing ? existing->members.value("creationTime", now_ms) : now_ms;
    if (!members.contains("applyOnTransformedLogs")) members["applyOnTransformedLogs"] = false;
    logs.resources().put(
        {.account = call.account, .kind = std::string(kind), .name = name, .members = std::move(members)});
    return {};
}

Result<void> delete_filter(Logs& logs, const Call& call, std::string_view kind, std::string_view described) {
    OSBOT_TRY(logs.group(call.account, call.fields().text_or("logGroupName")));
    if (logs.resources().erase(call.account, kind, filter_name(call))) return {};
    return log_resource_not_found(fmt::format("The specified {} does not exist.", described));
}

// ---- metric filters ----

Error invalid_transformation(std::string_view reason) {
    return bad_log_parameter(fmt::format("Invalid metric transformation: {}", reason));
}

Result<void> check_transformations(const Filter_Pattern& pattern, const Json& transformations) {
    for (const Json& each : transformations) {
        const Json dimensions = each.value("dimensions", Json::object());
        // Recorded: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1839
        if (!dimensions.empty() && !pattern.has_fields())
            return bad_log_parameter("The specified filter pattern does not support dimensions");
        if (!dimensions.empty() && each.contains("defaultValue"))
            return invalid_transformation("dimensions and default value are mutually exclusive properties.");
        if (dimensions.size() > metric_dimensions_max)
            return invalid_transformation(fmt::format("at most {} dimensions are permitted.", metric_dimensions_max));
    }
    return {};
}

Result<Json> put_metric_filter(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(logs.group(call.account, fields.text_or("logGroupName")));
    OSBOT_TRY(const auto pattern, Filter_Pattern::parse(fields.text_or("filterPattern")));
    OSBOT_TRY(check_transformations(pattern, fields.list("metricTransformations")));
    return no_output(put_filter(
        logs, call, log_kinds::metric_filter, metric_filters_max,
        members_of_input(call, {"logGroupName", "filterName", "filterPattern", "metricTransformations",
                                "applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"})));
}

/// Returns true if a transformation of the filter publishes this metric.
bool publishes(const Json& filter, const std::string& name, const std::string& metric_namespace) {
    const Json all = filter.value("metricTransformations", Json::array());
    return std::any_of(all.begin(), all.end(), [&](const Json& each) {
        return (name.empty() || each.value("metricName", "") == name) &&
               (metric_namespace.empty() || each.value("metricNamespace", "") == metric_namespace);
    });
}

Result<Json> describe_metric_filters(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto group = fields.text("logGroupName");
    if (group) { OSBOT_TRY(logs.group(call.account, *group)); }
    const std::string prefix = fields.text_or("filterNamePrefix"), name = fields.text_or("metricName"),
                      metric_namespace = fields.text_or("metricNamespace");
    auto filters = logs.resources().list(call.account, log_kinds::metric_filter, group ? *group + ":" : "");
    std::erase_if(filters, [&](const Log_Resource* each) {
        return !each->members.value("filterName", "").starts_with(prefix) ||
               !publishes(each->members, name, metric_namespace);
    });
    return resource_page(call, {.list = "metricFilters"}, filters);
}

Result<Json> delete_metric_filter(Logs& logs, const Call& call) {
    return no_output(delete_filter(logs, call, log_kinds::metric_filter, "metric filter"));
}

// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
Result<Json> test_metric_filter(Logs&, const Call& call) {
    OSBOT_TRY(const auto pattern, Filter_Pattern::parse(call.fields().text_or("filterPattern")));
    Json matches = Json::array();
    std::int64_t number = 0;
    for (const std::string& message : call.fields().texts("logEventMessages")) {
        if (pattern.matches(message))
            matches.push_back(
                {{"eventNumber", number}, {"eventMessage", message}, {"extractedValues", pattern.extracted(message)}});
        ++number;
    }
    return Json{{"matches", std::move(matches)}};
}

// ---- subscription filters ----

Result<Json> put_subscription_filter(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string group = fields.text_or("logGroupName"), arn = fields.text_or("destinationArn");
    OSBOT_TRY(Log_Subscriptions::check_destination(call.account, arn, fields.has("roleArn")));
    OSBOT_TRY(logs.group(call.account, group));
    OSBOT_TRY(Filter_Pattern::parse(fields.text_or("filterPattern")));
    OSBOT_TRY(logs.subscriptions().check_delivery(call.account, group, arn));
    Json members = members_of_input(
        call, {"logGroupName", "filterName", "filterPattern", "destinationArn", "roleArn", "distribution",
               "applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFields"});
    if (!members.contains("distribution")) members["distribution"] = "ByLogStream";
    OSBOT_TRY(put_filter(logs, call, log_kinds::subscription_filter, subscription_filters_max, std::move(members)));
    logs.subscriptions().update(call.account, group);
    return Json::object();
}

Result<Json> describe_subscription_filters(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string group = fields.text_or("logGroupName");
    OSBOT_TRY(logs.group(call.account, group));
    return resource_page(call, {.list = "subscriptionFilters"},
                         logs.resources().list(call.account, log_kinds::subscription_filter,
                                               fmt::format("{}:{}", group, fields.text_or("filterNamePrefix"))));
}

Result<Json> delete_subscription_filter(Logs& logs, const Call& call) {
    OSBOT_TRY(delete_filter(logs, call, log_kinds::subscription_filter, "subscription filter"));
    logs.subscriptions().update(call.account, call.fields().text_or("logGroupName"));
    return Json::object();
}

}  // namespace

Operations filter_operations(Logs& logs) {
    return {logs,
            {{"DeleteMetricFilter", &delete_metric_filter},
             {"DeleteSubscriptionFilter", &delete_subscription_filter},
             {"DescribeMetricFilters", &describe_metric_filters},
             {"DescribeSubscriptionFilters", &describe_subscription_filters},
             {"PutMetricFilter", &put_metric_filter},
             {"PutSubscriptionFilter", &put_subscription_filter},
             {"TestMetricFilter", &test_metric_filter}}};
}

}  // namespace osbot_aws::services
