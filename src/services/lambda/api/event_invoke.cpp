// Options of asynchronous invokes: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

std::optional<std::string> destination(const aws::Fields& destinations, std::string_view member) {
    return aws::Fields(destinations.object(member)).text("Destination");
}

services::Event_Invoke_Change event_invoke_change(const aws::Fields& input) {
    const aws::Fields destinations(input.object("DestinationConfig"));
    return {.name = input.text_or("FunctionName"),
            .qualifier = input.text_or("Qualifier"),
            .retries_max = input.integer("MaximumRetryAttempts"),
            .event_age_max_s = input.integer("MaximumEventAgeInSeconds"),
            .on_success = destination(destinations, "OnSuccess"),
            .on_failure = destination(destinations, "OnFailure"),
            .has_destinations = input.has("DestinationConfig")};
}

Json destination_json(const std::string& arn) { return arn.empty() ? Json::object() : Json{{"Destination", arn}}; }

Json entry_json(const services::Event_Invoke_Entry& entry) {
    const services::Event_Invoke_Config& config = entry.config;
    Json json{
        {"FunctionArn", entry.function_arn},
        {"LastModified", static_cast<double>(base::unix_ms(config.modified_at)) / 1000},
        {"DestinationConfig",
         {{"OnSuccess", destination_json(config.on_success)}, {"OnFailure", destination_json(config.on_failure)}}}};
    if (config.retries_max) json["MaximumRetryAttempts"] = *config.retries_max;
    if (config.event_age_max_s) json["MaximumEventAgeInSeconds"] = *config.event_age_max_s;
    return json;
}

Result<Json> put_event_invoke(Lambda_Front& front, const Call& call) {
    return front.functions.event_invoke.put(call.account, event_invoke_change(call.fields())).transform(&entry_json);
}

Result<Json> update_event_invoke(Lambda_Front& front, const Call& call) {
    return front.functions.event_invoke.update(call.account, event_invoke_change(call.fields())).transform(&entry_json);
}

Result<Json> get_event_invoke(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return front.functions.event_invoke.find(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier"))
        .transform(&entry_json);
}

Result<Json> delete_event_invoke(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        front.functions.event_invoke.remove(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
}

Result<Json> list_event_invokes(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto page, front.functions.event_invoke.list(call.account, fields.text_or("FunctionName"),
                                                                 fields.text_or("Marker"), fields.number("MaxItems")));
    return list_json("FunctionEventInvokeConfigs", page.entries, page.next_marker, &entry_json);
}

}  // namespace

Operations lambda_event_invoke(Lambda_Front& front) {
    return {front,
            {{"DeleteFunctionEventInvokeConfig", &delete_event_invoke},
             {"GetFunctionEventInvokeConfig", &get_event_invoke},
             {"ListFunctionEventInvokeConfigs", &list_event_invokes},
             {"PutFunctionEventInvokeConfig", &put_event_invoke},
             {"UpdateFunctionEventInvokeConfig", &update_event_invoke}}};
}

}  // namespace osbot_aws::services
