// Options of functions beside their configuration: runtime management, recursion, scaling.
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

/// The function of a call, the version that its qualifier selects, and its ARN.
struct Selected_Version {
    services::Function_Record& record;
    std::string version;  ///< $LATEST or a number
    std::string arn;      ///< as in the request
};

/// Runtimes are managed by version; an alias has none.
Result<Selected_Version> version_of_call(Lambda_Front& front, const Call& call) {
    const std::string requested = call.fields().text_or("Qualifier");
    std::string_view qualifier = requested;
    OSBOT_TRY(auto* record,
              front.functions.registry.record(call.account, call.fields().text_or("FunctionName"), &qualifier));
    OSBOT_TRY(const auto function, services::Function_Registry::version(*record, qualifier));
    return Selected_Version{*record, function->version, services::qualified_arn(*function, qualifier)};
}

// ---- runtimes: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
// --------------------------------------

Json runtime_management_json(const Selected_Version& selected) {
    const auto& all = selected.record.runtime_management;
    const auto found = all.find(selected.version);
    const services::Runtime_Management management = found == all.end() ? services::Runtime_Management{} : found->second;
    Json json{{"FunctionArn", selected.arn}, {"UpdateRuntimeOn", management.update_on}};
    if (!management.version_arn.empty()) json["RuntimeVersionArn"] = management.version_arn;
    return json;
}

Result<Json> get_runtime_management(Lambda_Front& front, const Call& call) {
    return version_of_call(front, call).transform(&runtime_management_json);
}

Result<Json> put_runtime_management(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto selected, version_of_call(front, call));
    const services::Runtime_Management management{.update_on = call.fields().text_or("UpdateRuntimeOn"),
                                                  .version_arn = call.fields().text_or("RuntimeVersionArn")};
    if (management.update_on == "Manual" && management.version_arn.empty())
        return services::invalid("RuntimeVersionArn is required for the runtime update mode Manual.");
    if (management.update_on != "Manual" && !management.version_arn.empty())
        return services::invalid("RuntimeVersionArn is supported for the runtime update mode Manual only.");
    selected.record.runtime_management[selected.version] = management;
    front.functions.settings.set_runtime_version(selected.record, selected.version, management.version_arn);
    return runtime_management_json(selected);
}

// ---- recursion: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
// --------------------------------

Result<Json> get_recursion(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto* record,
              front.functions.registry.unqualified(call.account, call.fields().text_or("FunctionName")));
    return Json{{"RecursiveLoop", record->recursive_loop}};
}

Result<Json> put_recursion(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(auto* record, front.functions.registry.unqualified(call.account, call.fields().text_or("FunctionName")));
    record->recursive_loop = call.fields().text_or("RecursiveLoop");
    front.functions.registry.save(*record);
    return Json{{"RecursiveLoop", record->recursive_loop}};
}

// ---- scaling: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionScalingConfig.html
// -------------------------

/// The engine has no managed instances: it stores the limits and returns them.
Result<Json> get_scaling(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto selected, version_of_call(front, call));
    Json json{{"FunctionArn", selected.arn}};
    const auto scaling = selected.record.scaling.find(selected.version);
    if (scaling != selected.record.scaling.end())
        json["AppliedFunctionScalingConfig"] = json["RequestedFunctionScalingConfig"] = scaling->second;
    return json;
}

Result<Json> put_scaling(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto selected, version_of_call(front, call));
    const Json& scaling = call.fields().object("FunctionScalingConfig");
    const aws::Fields limits(scaling);
    const auto minimum = limits.number("MinExecutionEnvironments"), maximum = limits.number("MaxExecutionEnvironments");
    if (minimum && maximum && *minimum > *maximum)
        return services::invalid("MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.");
    if (scaling.empty())
        selected.record.scaling.erase(selected.version);
    else
        selected.record.scaling[selected.version] = scaling;
    front.functions.registry.save(selected.record);
    OSBOT_TRY(const auto function, services::Function_Registry::version(selected.record, selected.version));
    return Json{{"FunctionState", function->state}};
}

}  // namespace

Operations lambda_function_options(Lambda_Front& front) {
    return {front,
            {{"GetFunctionRecursionConfig", &get_recursion},
             {"GetFunctionScalingConfig", &get_scaling},
             {"GetRuntimeManagementConfig", &get_runtime_management},
             {"PutFunctionRecursionConfig", &put_recursion},
             {"PutFunctionScalingConfig", &put_scaling},
             {"PutRuntimeManagementConfig", &put_runtime_management}}};
}

}  // namespace osbot_aws::services
