// The named queries that the console and deploy tools store.
#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr std::size_t query_definitions_max = 1000;

Error no_query_definition(const std::string& id) {
    return log_resource_not_found(fmt::format("Query definition with id [{}] does not exist.", id));
}

/// Returns the definition that an earlier request with the same token created.
const Log_Resource* find_token(Logs& logs, const Call& call) {
    const auto token = call.fields().text("clientToken");
    if (!token) return nullptr;
    const auto all = logs.resources().list(call.account, log_kinds::query_definition);
    const auto found =
        std::ranges::find_if(all, [&](const Log_Resource* each) { return each->hidden.value("token", "") == *token; });
    return found == all.end() ? nullptr : *found;
}

Result<Json> put_query_definition(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const auto id = fields.text("queryDefinitionId");
    if (const auto* same = id ? nullptr : find_token(logs, call)) return Json{{"queryDefinitionId", same->name}};
    const std::string name = id.value_or(base::uuid4());
    const Log_Resource* existing = logs.resources().find(call.account, log_kinds::query_definition, name);
    if (id && existing == nullptr) return no_query_definition(*id);
    if (!id && logs.resources().list(call.account, log_kinds::query_definition).size() >= query_definitions_max)
        return log_limit_exceeded();
    Json members = members_of_input(call, {"name", "queryString", "logGroupNames", "queryLanguage", "parameters"});
    if (!members.contains("queryLanguage")) members["queryLanguage"] = "CWLI";
    if (!members.contains("logGroupNames")) members["logGroupNames"] = Json::array();
    members["queryDefinitionId"] = name;
    members["lastModified"] = update_time_ms(logs.context(), existing, "lastModified");
    logs.resources().put({.account = call.account,
                          .kind = std::string(log_kinds::query_definition),
                          .name = name,
                          .members = std::move(members),
                          .hidden = {{"token", fields.text_or("clientToken")}}});
    return Json{{"queryDefinitionId", name}};
}

Result<Json> describe_query_definitions(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string prefix = fields.text_or("queryDefinitionNamePrefix");
    const auto language = fields.text("queryLanguage");
    auto all = logs.resources().list(call.account, log_kinds::query_definition);
    std::erase_if(all, [&](const Log_Resource* each) {
        return !each->members.value("name", "").starts_with(prefix) ||
               (language && each->members.value("queryLanguage", "") != *language);
    });
    std::ranges::stable_sort(all, {}, [](const Log_Resource* each) { return each->members.value("name", ""); });
    return resource_page(call, {.list = "queryDefinitions", .limit = "maxResults", .limit_default = 1000}, all);
}

Result<Json> delete_query_definition(Logs& logs, const Call& call) {
    const std::string id = call.fields().text_or("queryDefinitionId");
    if (!logs.resources().erase(call.account, log_kinds::query_definition, id)) return no_query_definition(id);
    return Json{{"success", true}};
}

}  // namespace

Operations query_definition_operations(Logs& logs) {
    return {logs,
            {{"DeleteQueryDefinition", &delete_query_definition},
             {"DescribeQueryDefinitions", &describe_query_definitions},
             {"PutQueryDefinition", &put_query_definition}}};
}

}  // namespace osbot_aws::services
