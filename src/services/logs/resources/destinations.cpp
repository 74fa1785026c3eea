// Destinations: the names of streams of other accounts that subscription filters may use. They are stored and returned;
// the engine has no streams.
#include <fmt/format.h>

#include "base/json.hpp"
#include "services/logs/resources/resource_operations.hpp"

namespace osbot_aws::services {
namespace {

Error no_destination() { return log_resource_not_found("The specified destination does not exist."); }

Result<Json> put_destination(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string name = fields.text_or("destinationName");
    const Log_Resource* existing = logs.resources().find(call.account, log_kinds::destination, name);
    Log_Resource destination{.account = call.account, .kind = std::string(log_kinds::destination), .name = name};
    if (existing != nullptr) destination = *existing;
    OSBOT_TRY(add_log_tags(destination.tags, fields.map("tags")));
    destination.members.update(members_of_input(call, {"destinationName", "targetArn", "roleArn"}));
    if (existing == nullptr) {
        destination.members["arn"] = log_resource_arn(call.account, log_kinds::destination, name);
        destination.members["creationTime"] = update_time_ms(logs.context(), nullptr, "creationTime");
    }
    Json output{{"destination", destination.members}};
    logs.resources().put(std::move(destination));
    return output;
}

Result<Json> put_destination_policy(Logs& logs, const Call& call) {
    const auto fields = call.fields();
    const std::string policy = fields.text_or("accessPolicy");
    const Log_Resource* existing =
        logs.resources().find(call.account, log_kinds::destination, fields.text_or("destinationName"));
    if (existing == nullptr) return no_destination();
    if (!base::parse_json(policy).is_object())
        return bad_log_parameter("The accessPolicy is not valid: expected a JSON object.");
    Log_Resource changed = *existing;
    changed.members["accessPolicy"] = policy;
    logs.resources().put(std::move(changed));
    return Json::object();
}

Result<Json> describe_destinations(Logs& logs, const Call& call) {
    return resource_page(
        call, {.list = "destinations"},
        logs.resources().list(call.account, log_kinds::destination, call.fields().text_or("DestinationNamePrefix")));
}

Result<Json> delete_destination(Logs& logs, const Call& call) {
    if (logs.resources().erase(call.account, log_kinds::destination, call.fields().text_or("destinationName")))
        return Json::object();
    return no_destination();
}

}  // namespace

Operations destination_operations(Logs& logs) {
    return {logs,
            {{"DeleteDestination", &delete_destination},
             {"DescribeDestinations", &describe_destinations},
             {"PutDestination", &put_destination},
             {"PutDestinationPolicy", &put_destination_policy}}};
}

}  // namespace osbot_aws::services
