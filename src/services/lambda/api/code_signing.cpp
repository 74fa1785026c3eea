// Code signing configurations: https://docs.aws.amazon.com/lambda/latest/api/API_CreateCodeSigningConfig.html
#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::int64_t functions_per_page_max = 10'000;  // API_ListFunctionsByCodeSigningConfig

services::Code_Signing_Change code_signing_change(const aws::Fields& input) {
    services::Code_Signing_Change change;
    change.description = input.text("Description");
    change.untrusted = aws::Fields(input.object("CodeSigningPolicies")).text("UntrustedArtifactOnDeployment");
    if (input.has("AllowedPublishers"))
        change.publishers = aws::Fields(input.object("AllowedPublishers")).texts("SigningProfileVersionArns");
    change.tags = input.map("Tags");
    return change;
}

Json code_signing_json(const services::Code_Signing_Config& config) {
    return {{"CodeSigningConfigId", config.id},
            {"CodeSigningConfigArn", config.arn()},
            {"Description", config.description},
            {"AllowedPublishers", {{"SigningProfileVersionArns", config.publishers}}},
            {"CodeSigningPolicies", {{"UntrustedArtifactOnDeployment", config.untrusted}}},
            {"LastModified", base::iso8601(config.modified_at)}};
}

Json code_signing_output(const services::Code_Signing_Config& config) {
    return {{"CodeSigningConfig", code_signing_json(config)}};
}

std::string code_signing_arn(const Call& call) { return call.fields().text_or("CodeSigningConfigArn"); }

Result<Json> create_code_signing(Lambda_Front& front, const Call& call) {
    return code_signing_output(front.functions.code_signing.create(call.account, code_signing_change(call.fields())));
}

Result<Json> get_code_signing(Lambda_Front& front, const Call& call) {
    return front.functions.code_signing.find(call.account, code_signing_arn(call)).transform(&code_signing_output);
}

Result<Json> update_code_signing(Lambda_Front& front, const Call& call) {
    return front.functions.code_signing.update(call.account, code_signing_arn(call), code_signing_change(call.fields()))
        .transform(&code_signing_output);
}

Result<Json> list_code_signing(Lambda_Front& front, const Call& call) {
    const auto page = front.functions.code_signing.list(call.account, call.fields().text_or("Marker"),
                                                        call.fields().number("MaxItems"));
    return list_json("CodeSigningConfigs", page.configs, page.next_marker, &code_signing_json);
}

// ---- of functions ---------------------------------------------------------------------------------------------------

/// Returns the ARNs of the functions with a configuration, by name.
std::map<std::string, std::string> functions_with(const Lambda_Front& front, const Call& call) {
    std::map<std::string, std::string> arns;
    front.functions.registry.for_each([&](const services::Function_Record& record) {
        if (record.account == call.account && record.code_signing_arn == code_signing_arn(call))
            arns.emplace(record.latest->name, record.latest->arn);
    });
    return arns;
}

Result<Json> delete_code_signing(Lambda_Front& front, const Call& call) {
    if (!functions_with(front, call).empty())
        return services::conflict("Cannot delete the code signing configuration because functions use it.");
    return no_output(front.functions.code_signing.remove(call.account, code_signing_arn(call)));
}

Result<Json> list_functions_by_code_signing(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(front.functions.code_signing.find(call.account, code_signing_arn(call)));
    const auto size = services::page_size(call.fields().number("MaxItems"), functions_per_page_max);
    Json arns = Json::array();
    const std::string next = visit_page(functions_with(front, call), call.fields().text_or("Marker"), size,
                                        [&](const auto& entry) { arns.push_back(entry.second); });
    Json json{{"FunctionArns", std::move(arns)}};
    if (!next.empty()) json["NextMarker"] = next;
    return json;
}

Json function_code_signing_json(const services::Function_Record& record) {
    if (record.code_signing_arn.empty()) return Json::object();
    return {{"CodeSigningConfigArn", record.code_signing_arn}, {"FunctionName", record.latest->name}};
}

Result<services::Function_Record*> function_of(Lambda_Front& front, const Call& call) {
    return front.functions.registry.unqualified(call.account, call.fields().text_or("FunctionName"));
}

Result<Json> put_function_code_signing(Lambda_Front& front, const Call& call) {
    if (auto error = front.functions.code_signing.check_for_function(call.account, code_signing_arn(call)))
        return *error;
    OSBOT_TRY(auto* record, function_of(front, call));
    record->code_signing_arn = code_signing_arn(call);
    front.functions.registry.save(*record);
    return function_code_signing_json(*record);
}

Result<Json> get_function_code_signing(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto* record, function_of(front, call));
    return function_code_signing_json(*record);
}

Result<Json> delete_function_code_signing(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(auto* record, function_of(front, call));
    record->code_signing_arn.clear();
    front.functions.registry.save(*record);
    return Json::object();
}

}  // namespace

Operations lambda_code_signing(Lambda_Front& front) {
    return {front,
            {{"CreateCodeSigningConfig", &create_code_signing},
             {"DeleteCodeSigningConfig", &delete_code_signing},
             {"DeleteFunctionCodeSigningConfig", &delete_function_code_signing},
             {"GetCodeSigningConfig", &get_code_signing},
             {"GetFunctionCodeSigningConfig", &get_function_code_signing},
             {"ListCodeSigningConfigs", &list_code_signing},
             {"ListFunctionsByCodeSigningConfig", &list_functions_by_code_signing},
             {"PutFunctionCodeSigningConfig", &put_function_code_signing},
             {"UpdateCodeSigningConfig", &update_code_signing}}};
}

}  // namespace osbot_aws::services
