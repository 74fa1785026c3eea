// Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html,
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html, Log group ARNs
#include <fmt/format.h>

#include "services/access/access_rules.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the ARN of a group by its name or ARN. Operations find no group by the ARN of another account or Region.
std::string group_arn(const Access_Input& input, const std::string& identifier) {
    const std::string name = log_group_name(input.call.account, identifier);
    return name.starts_with("arn:") ? name : input.regional("logs", "log-group:" + name);
}
std::string group_name(const Access_Input& input) {
    for (const char* member : {"logGroupName", "logGroupIdentifier"})
        if (auto name = input.call.fields().text(member)) return *name;
    return "";
}

/// Policies for actions on a group name it with the end `:*`, except those for tags.
std::string log_actions_of(const std::string& group) { return group + ":log-stream:"; }

Resources log_group(const Access_Input& input) { return {log_actions_of(group_arn(input, group_name(input)))}; }
Resources tagged_group(const Access_Input& input) { return {group_arn(input, group_name(input))}; }
Resources all_groups(const Access_Input& input) { return {log_actions_of(group_arn(input, ""))}; }
Resources log_stream(const Access_Input& input) {
    return {log_actions_of(group_arn(input, group_name(input))) + input.text("logStreamName")};
}

/// The groups of a query or of a live tail.
Resources groups_of_list(const Access_Input& input) {
    Resources all;
    for (const char* member : {"logGroupNames", "logGroupIdentifiers", "logGroupArnList"})
        for (std::string& each : input.call.fields().texts(member))
            all.push_back(log_actions_of(group_arn(input, each)));
    if (!group_name(input).empty()) all.push_back(log_actions_of(group_arn(input, group_name(input))));
    return all.empty() ? Resources{"*"} : all;
}

/// The group of a call that may have the ARN of another resource instead.
Resources group_or_resource(const Access_Input& input) {
    return input.call.fields().has("resourceIdentifier") ? Resources{input.text("resourceIdentifier")}
                                                         : log_group(input);
}

template <Member_Name type, Member_Name member>
Resources named_log_resource(const Access_Input& input) {
    const std::string name = input.text(member.text);
    return {name.starts_with("arn:") ? name : input.regional("logs", fmt::format("{}:{}", type.text, name))};
}

constexpr Resource_Group logs_groups[] = {
    {&any_resource,
     "AssociateSourceToS3TableIntegration CancelExportTask CancelImportTask CreateImportTask DeleteAccountPolicy "
     "DeleteIntegration DeleteQueryDefinition DeleteResourcePolicy DescribeAccountPolicies "
     "DescribeConfigurationTemplates DescribeDeliveries DescribeDeliveryDestinations DescribeDeliverySources "
     "DescribeDestinations DescribeExportTasks DescribeFieldIndexes DescribeImportTaskBatches DescribeImportTasks "
     "DescribeIndexPolicies DescribeLookupTables DescribeQueries DescribeQueryDefinitions DescribeResourcePolicies "
     "DisassociateSourceFromS3TableIntegration GetIntegration GetLogFields GetLogObject GetLogRecord GetQueryResults "
     "GetStorageTierPolicy ListAggregateLogGroupSummaries ListIntegrations ListLogAnomalyDetectors ListLogGroups "
     "ListLogGroupsForQuery ListScheduledQueries ListSourcesForS3TableIntegration ListSyslogConfigurations "
     "PutAccountPolicy PutIntegration PutQueryDefinition PutResourcePolicy PutStorageTierPolicy StopQuery "
     "TestMetricFilter TestTransformer"},
    {&all_groups, "DescribeLogGroups"},
    {&log_group,
     "CreateExportTask CreateLogGroup DeleteDataProtectionPolicy DeleteIndexPolicy DeleteLogGroup DeleteMetricFilter "
     "DeleteRetentionPolicy DeleteSubscriptionFilter DeleteSyslogConfiguration DeleteTransformer DescribeLogStreams "
     "DescribeMetricFilters DescribeSubscriptionFilters FilterLogEvents GetDataProtectionPolicy GetLogGroupFields "
     "GetTransformer PutBearerTokenAuthentication PutDataProtectionPolicy PutIndexPolicy PutLogGroupDeletionProtection "
     "PutMetricFilter PutRetentionPolicy PutSubscriptionFilter PutSyslogConfiguration PutTransformer"},
    {&group_or_resource, "AssociateKmsKey DisassociateKmsKey"},
    {&tagged_group, "ListTagsLogGroup TagLogGroup UntagLogGroup"},
    {&groups_of_list, "CreateLogAnomalyDetector StartLiveTail StartQuery"},
    {&log_stream, "CreateLogStream DeleteLogStream GetLogEvents PutLogEvents"},
    {&arn_in<"resourceArn">, "ListTagsForResource TagResource UntagResource"},
    {&named_log_resource<"destination", "destinationName">, "DeleteDestination PutDestination PutDestinationPolicy"},
    {&named_log_resource<"delivery", "id">, "DeleteDelivery GetDelivery UpdateDeliveryConfiguration"},
    {&named_log_resource<"delivery-source", "deliverySourceName">, "CreateDelivery"},
    {&named_log_resource<"delivery-source", "name">, "DeleteDeliverySource GetDeliverySource PutDeliverySource"},
    {&named_log_resource<"delivery-destination", "name">,
     "DeleteDeliveryDestination GetDeliveryDestination PutDeliveryDestination"},
    {&named_log_resource<"delivery-destination", "deliveryDestinationName">,
     "DeleteDeliveryDestinationPolicy GetDeliveryDestinationPolicy PutDeliveryDestinationPolicy"},
    {&arn_in<"anomalyDetectorArn">,
     "DeleteLogAnomalyDetector GetLogAnomalyDetector ListAnomalies UpdateAnomaly UpdateLogAnomalyDetector"},
    {&arn_in<"lookupTableArn">, "DeleteLookupTable GetLookupTable UpdateLookupTable"},
    {&named_log_resource<"lookup-table", "lookupTableName">, "CreateLookupTable"},
    {&named_log_resource<"scheduled-query", "name">, "CreateScheduledQuery"},
    {&named_log_resource<"scheduled-query", "identifier">,
     "DeleteScheduledQuery GetScheduledQuery GetScheduledQueryHistory UpdateScheduledQuery"},
};

constexpr Additional_Action logs_additional[] = {
    {"CreateLogGroup", "tags", "logs:TagResource", &tagged_group},
    {"CreateScheduledQuery", "executionRoleArn", "iam:PassRole", &arn_in<"executionRoleArn">},
    {"PutDestination", "roleArn", "iam:PassRole", &arn_in<"roleArn">},
    {"PutSubscriptionFilter", "roleArn", "iam:PassRole", &arn_in<"roleArn">},
    {"UpdateScheduledQuery", "executionRoleArn", "iam:PassRole", &arn_in<"executionRoleArn">},
};

}  // namespace

const Access_Rules& logs_access_rules() {
    static constexpr Access_Rules rules{"logs", logs_groups, {}, logs_additional, ""};
    return rules;
}

}  // namespace osbot_aws::services
