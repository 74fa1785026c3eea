// Functions: reading, listing, configuration, concurrency.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/numbers.hpp"
#include "services/images/images.hpp"
#include "services/lambda/api/configuration.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

Json code_json(const services::Function& function, const Lambda_Front& front) {
    if (!function.is_image()) {
        Json json{{"RepositoryType", "S3"}, {"Location", front.links.link(function.zip->sha256())}};
        if (!function.code_kms_key_arn.empty()) json["SourceKMSKeyArn"] = function.code_kms_key_arn;
        return json;
    }
    Json json{{"RepositoryType", "ECR"}, {"ImageUri", function.image_uri}};
    const auto uri = services::parse_image_uri(function.image_uri);
    if (uri && !function.code_sha256_base64.empty())
        json["ResolvedImageUri"] = uri->repository + "@sha256:" + function.code_sha256_base64;
    return json;
}

Result<Json> get_function(Lambda_Front& front, const Call& call) {
    const std::string qualifier = call.fields().text_or("Qualifier");
    OSBOT_TRY(const auto found,
              front.functions.registry.find(call.account, call.fields().text_or("FunctionName"), qualifier));
    const services::Function& function = *found;
    Json json = {{"Configuration", configuration_json(function, qualifier)}, {"Code", code_json(function, front)}};
    if (!function.tags.empty()) json["Tags"] = function.tags;
    if (function.reserved_concurrency)
        json["Concurrency"] = {{"ReservedConcurrentExecutions", *function.reserved_concurrency}};
    return json;
}

// ---- GetFunctionConfiguration, which may wait -----------------------------------------------------------------------

/// The maximum time that a response waits for a change in progress.
constexpr std::chrono::seconds preferred_wait_max{20};

/// `Prefer: wait=<seconds>`: https://www.rfc-editor.org/rfc/rfc7240#section-4.3
std::optional<std::chrono::seconds> preferred_wait(const wire::Headers& headers) {
    constexpr std::string_view wait = "wait=";
    const std::string_view preferred = headers["Prefer"];
    if (!preferred.starts_with(wait)) return std::nullopt;
    const auto seconds = base::parse_number<unsigned>(preferred.substr(wait.size()));
    if (!seconds) return std::nullopt;
    return std::min(std::chrono::seconds(*seconds), preferred_wait_max);
}

Result<Output> function_configuration(Lambda_Front& front, const Call& call) {
    const std::string qualifier = call.fields().text_or("Qualifier");
    OSBOT_TRY(Json json, configuration_result(front.functions.registry.find(
                                                  call.account, call.fields().text_or("FunctionName"), qualifier),
                                              qualifier));
    return Output(std::move(json));
}

/// With a `Prefer: wait` header, the response is delayed until a change in progress is complete, so that clients need
/// not poll. AWS does not support this header.
void get_function_configuration(Lambda_Front& front, Call&& call, const Answer& answer) {
    const auto wait = preferred_wait(call.request.headers);
    if (!wait) return answer(function_configuration(front, call));
    struct Pending_Call {
        Call call;
        Answer answer;
        base::Subscription_Ptr timeout;
    };
    const auto pending = std::make_shared<Pending_Call>(Pending_Call{std::move(call), answer, nullptr});
    const auto respond = [&front](Pending_Call& pending_call) {
        if (!pending_call.answer) return;
        const Answer send = std::exchange(pending_call.answer, nullptr);
        pending_call.timeout.reset();
        Result<Output> output = function_configuration(front, pending_call.call);
        if (output) output->headers.add("Preference-Applied", "wait");
        send(std::move(output));
    };
    pending->timeout = front.context.loop.after(*wait, [respond, weak = std::weak_ptr(pending)] {
        if (const auto pending_call = weak.lock()) respond(*pending_call);
    });
    front.functions.deployment.when_settled(pending->call.account, pending->call.fields().text_or("FunctionName"),
                                            [respond, pending] { respond(*pending); });
}

// ---------------------------------------------------------------------------------------------------------------------

Result<Json> update_function_configuration(Lambda_Front& front, const Call& call) {
    return configuration_result(front.functions.deployment.update_configuration(
        call.account, update_function_configuration_params(call.fields())));
}

Result<Json> list_functions(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    Json json{{"Functions", Json::array()}};
    // Only replicas at the locations of CloudFront have a master region, and the engine has none.
    if (fields.text_or("MasterRegion", "ALL") != "ALL") return json;
    const bool all = fields.has("FunctionVersion");
    const auto page =
        front.functions.registry.list(call.account, fields.text_or("Marker"), fields.number("MaxItems"), all);
    for (const auto& function : page.functions)
        json["Functions"].push_back(configuration_json(*function, all ? "$LATEST" : "", true));
    if (!page.next_marker.empty()) json["NextMarker"] = page.next_marker;
    return json;
}

Result<Json> delete_function(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(
        front.functions.deployment.remove(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
    return Json{{"StatusCode", 204}};
}

// ---- concurrency ----------------------------------------------------------------------------------------------------

Result<Json> put_concurrency(Lambda_Front& front, const Call& call) {
    const int reserved = call.fields().integer("ReservedConcurrentExecutions").value_or(0);
    OSBOT_TRY(front.functions.settings.put_concurrency(call.account, call.fields().text_or("FunctionName"), reserved));
    return Json{{"ReservedConcurrentExecutions", reserved}};
}

Result<Json> get_concurrency(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto reserved,
              front.functions.settings.concurrency(call.account, call.fields().text_or("FunctionName")));
    Json json = Json::object();
    if (reserved) json["ReservedConcurrentExecutions"] = *reserved;
    return json;
}

Result<Json> delete_concurrency(Lambda_Front& front, const Call& call) {
    return no_output(front.functions.settings.delete_concurrency(call.account, call.fields().text_or("FunctionName")));
}

Result<Json> get_account_settings(Lambda_Front& front, const Call& call) {
    const auto usage = front.functions.settings.usage(call.account);
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    return Json{{"AccountLimit",
                 {{"TotalCodeSize", 80'530'636'800},
                  {"CodeSizeUnzipped", 262'144'000},
                  {"CodeSizeZipped", 52'428'800},
                  {"ConcurrentExecutions", usage.concurrency_max},
                  {"UnreservedConcurrentExecutions", usage.concurrency_max - usage.reserved_concurrency}}},
                {"AccountUsage", {{"TotalCodeSize", usage.code_bytes}, {"FunctionCount", usage.functions}}}};
}

}  // namespace

Operations lambda_functions(Lambda_Front& front) {
    return {front,
            {{"DeleteFunction", &delete_function},
             {"DeleteFunctionConcurrency", &delete_concurrency},
             {"GetAccountSettings", &get_account_settings},
             {"GetFunction", &get_function},
             {"GetFunctionConcurrency", &get_concurrency},
             {"GetFunctionConfiguration", &get_function_configuration},
             {"ListFunctions", &list_functions},
             {"PutFunctionConcurrency", &put_concurrency},
             {"UpdateFunctionConfiguration", &update_function_configuration}}};
}

}  // namespace osbot_aws::services
