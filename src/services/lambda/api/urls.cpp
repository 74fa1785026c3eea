// Function URLs: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

services::Function_Url_Change url_change(const aws::Fields& input) {
    services::Function_Url_Change params;
    params.name = input.text_or("FunctionName");
    params.qualifier = input.text_or("Qualifier");
    params.auth_type = input.text("AuthType");
    params.invoke_mode = input.text("InvokeMode");
    if (input.has("Cors")) params.cors = input.object("Cors");
    return params;
}

Json url_json(const services::Function_Url& url, const std::string& function_arn) {
    Json json = {{"FunctionUrl", url.url},
                 {"FunctionArn", function_arn},
                 {"AuthType", url.auth_type},
                 {"InvokeMode", url.invoke_mode},
                 {"CreationTime", base::iso8601_ms_z(url.created_at)},
                 {"LastModifiedTime", base::iso8601_ms_z(url.modified_at)}};
    if (!url.cors.is_null()) json["Cors"] = url.cors;
    return json;
}

Result<Json> url_result(Lambda_Front& front, const Call& call, const Result<services::Function_Url>& found) {
    OSBOT_TRY(const auto& url, found);
    // Not find(): the alias in a name may be deleted, which its URL outlives.
    OSBOT_TRY(const auto* record, front.functions.registry.record(call.account, call.fields().text_or("FunctionName")));
    return url_json(url, services::qualified_arn(*record->latest, url.qualifier));
}

/// The response to a change has the mode only if the request has it.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_url_config_lifecycle
Result<Json> changed_url_result(Lambda_Front& front, const Call& call, const Result<services::Function_Url>& url) {
    auto json = url_result(front, call, url);
    if (json && !call.fields().has("InvokeMode")) json->erase("InvokeMode");
    return json;
}

Result<Json> create_url(Lambda_Front& front, const Call& call) {
    return changed_url_result(front, call, front.functions.urls.create(call.account, url_change(call.fields())));
}

Result<Json> update_url(Lambda_Front& front, const Call& call) {
    return changed_url_result(front, call, front.functions.urls.update(call.account, url_change(call.fields())));
}

Result<Json> get_url(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return url_result(
        front, call,
        front.functions.urls.find(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
}

Result<Json> delete_url(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        front.functions.urls.remove(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
}

/// Lists in the order of the qualifiers. The marker is the qualifier of the first URL of the next page.
Result<Json> list_urls(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto* record, front.functions.registry.record(call.account, fields.text_or("FunctionName"), nullptr,
                                                                  &services::function_does_not_exist));
    Json urls = Json::array();
    const std::string next = visit_page(record->urls, fields.text_or("Marker"), page_size(fields.number("MaxItems")),
                                        [&](const auto& entry) {
                                            const auto& [qualifier, url] = entry;
                                            urls.push_back(url_json(url, qualified_arn(*record->latest, qualifier)));
                                        });
    Json json{{"FunctionUrlConfigs", std::move(urls)}};
    if (!next.empty()) json["NextMarker"] = next;
    return json;
}

/// Runs an operation that returns the addresses of URLs.
template <Result<Json> (*run)(Lambda_Front&, const Call&)>
void when_addressed(Lambda_Front& front, Call&& call, const Answer& answer) {
    front.functions.urls.when_addressed([&front, answer, call = std::make_shared<Call>(std::move(call))] {
        auto output = run(front, *call);
        answer(output ? Result<Output>(Output(std::move(*output))) : output.error());
    });
}

}  // namespace

Operations lambda_urls(Lambda_Front& front) {
    return {front,
            {{"CreateFunctionUrlConfig", &when_addressed<&create_url>},
             {"DeleteFunctionUrlConfig", &delete_url},
             {"GetFunctionUrlConfig", &when_addressed<&get_url>},
             {"ListFunctionUrlConfigs", &when_addressed<&list_urls>},
             {"UpdateFunctionUrlConfig", &when_addressed<&update_url>}}};
}

}  // namespace osbot_aws::services
