// Function URLs: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
#include <algorithm>

#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t urls_per_page_max = 50;

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

Result<Json> url_result(Lambda_Front& front, const Call& call, const Result<services::Function_Url>& url) {
    if (!url) return url.error();
    OSBOT_TRY(const auto function, front.functions.registry.find(call.account, call.fields().text_or("FunctionName")));
    return url_json(*url, services::qualified_arn(*function, url->qualifier));
}

Result<Json> create_url(Lambda_Front& front, const Call& call) {
    return url_result(front, call, front.functions.urls.create(call.account, url_change(call.fields())));
}

Result<Json> update_url(Lambda_Front& front, const Call& call) {
    return url_result(front, call, front.functions.urls.update(call.account, url_change(call.fields())));
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
    OSBOT_TRY(const auto urls, front.functions.urls.list(call.account, fields.text_or("FunctionName")));
    const auto size = static_cast<std::size_t>(fields.number("MaxItems").value_or(urls_per_page_max));
    Json json{{"FunctionUrlConfigs", Json::array()}};
    for (const auto& url : urls) {
        if (url.qualifier < fields.text_or("Marker")) continue;
        if (json["FunctionUrlConfigs"].size() == size) {
            json["NextMarker"] = url.qualifier;
            break;
        }
        auto item = url_result(front, call, url);
        if (!item) return item;
        json["FunctionUrlConfigs"].push_back(std::move(*item));
    }
    return json;
}

}  // namespace

Operations lambda_urls(Lambda_Front& front) {
    return {front,
            {{"CreateFunctionUrlConfig", &create_url},
             {"DeleteFunctionUrlConfig", &delete_url},
             {"GetFunctionUrlConfig", &get_url},
             {"ListFunctionUrlConfigs", &list_urls},
             {"UpdateFunctionUrlConfig", &update_url}}};
}

}  // namespace osbot_aws::services
