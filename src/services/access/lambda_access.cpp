// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
#include <fmt/format.h>

#include "services/access/access_rules.hpp"
#include "services/s3/s3_call.hpp"
#include "wire/arn.hpp"
#include "wire/lambda_names.hpp"

namespace osbot_aws::services {
namespace {

/// The function of a call, or its version or alias: function:<name>[:<qualifier>]
Resources function_arns(const Access_Input& input) {
    const std::string text = input.text("FunctionName"), qualifier = input.text("Qualifier");
    const auto name = wire::parse_function_name(text);
    if (!name) return {"*"};
    const Account owner = account_of(input.call.account, *name);
    const std::string_view named = name->qualifier.empty() ? std::string_view(qualifier) : name->qualifier;
    return {owner.arn("lambda", fmt::format("function:{}{}{}", name->name, named.empty() ? "" : ":", named))};
}

/// Returns an ARN with the partition of its region: the operations do not read it.
std::string with_own_partition(std::string_view text) {
    auto arn = wire::Arn::parse(text);
    if (!arn) return "*";
    arn->partition = wire::partition_of(arn->region);
    return arn->text();
}
Resources tagged_resource(const Access_Input& input) { return {with_own_partition(input.text("Resource"))}; }

std::string layer_arn(const Access_Input& input) {
    const std::string name = input.text("LayerName");
    const std::size_t at = name.find(":layer:");
    if (!name.starts_with("arn:") || at == std::string::npos) return input.regional("lambda", "layer:" + name);
    const std::size_t end = name.find(':', at + std::string_view(":layer:").size());  // a version, which is not used
    return with_own_partition(name.substr(0, end));
}
Resources layer_arns(const Access_Input& input) { return {layer_arn(input)}; }
Resources layer_version_arns(const Access_Input& input) {
    return {fmt::format("{}:{}", layer_arn(input), input.call.fields().number("VersionNumber").value_or(0))};
}
Resources layer_of_arn(const Access_Input& input) { return {with_own_partition(input.text("Arn"))}; }
Resources attached_layers(const Access_Input& input) {
    Resources layers;
    for (const std::string& arn : input.call.fields().texts("Layers")) layers.push_back(with_own_partition(arn));
    return layers;
}

Resources event_source_arns(const Access_Input& input) {
    return {input.regional("lambda", "event-source-mapping:" + input.text("UUID"))};
}

Resources capacity_provider(const Access_Input& input) {
    const std::string name = input.text("CapacityProviderName");
    return {name.starts_with("arn:") ? name : input.regional("lambda", "capacity-provider:" + name)};
}

/// Returns the object with the code, if it names a version, or if it does not: the permissions differ.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, versionId
Resources object_with_code(const Access_Input& input, const aws::Fields& code, bool of_version) {
    std::string version = code.text_or("S3ObjectVersion");
    if (!code.has("S3Bucket") || version.empty() == of_version) return {};
    return {Resource(object_arn(input.state.s3, input.call.account, code.text_or("S3Bucket"), code.text_or("S3Key")),
                     std::move(version))};
}
template <Member_Name member, bool of_version>
Resources code_in(const Access_Input& input) {
    return object_with_code(input, aws::Fields(input.call.fields().object(member.text)), of_version);
}
template <bool of_version>
Resources code_of_update(const Access_Input& input) {
    return object_with_code(input, input.call.fields(), of_version);
}

constexpr Resource_Group lambda_groups[] = {
    {&any_resource,
     "CreateCodeSigningConfig CreateEventSourceMapping GetAccountSettings ListCapacityProviders ListCodeSigningConfigs "
     "ListEventSourceMappings ListFunctions ListLayers SendDurableExecutionCallbackFailure "
     "SendDurableExecutionCallbackHeartbeat SendDurableExecutionCallbackSuccess"},
    {&function_arns,
     "AddPermission CreateAlias CreateFunction CreateFunctionUrlConfig DeleteAlias DeleteFunction "
     "DeleteFunctionCodeSigningConfig DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig "
     "DeleteFunctionUrlConfig DeleteProvisionedConcurrencyConfig GetAlias GetFunction GetFunctionCodeSigningConfig "
     "GetFunctionConcurrency GetFunctionConfiguration GetFunctionEventInvokeConfig GetFunctionRecursionConfig "
     "GetFunctionScalingConfig GetFunctionUrlConfig GetPolicy GetProvisionedConcurrencyConfig "
     "GetRuntimeManagementConfig Invoke InvokeAsync InvokeWithResponseStream ListAliases "
     "ListDurableExecutionsByFunction ListFunctionEventInvokeConfigs ListFunctionUrlConfigs "
     "ListProvisionedConcurrencyConfigs ListVersionsByFunction PublishVersion PutFunctionCodeSigningConfig "
     "PutFunctionConcurrency PutFunctionEventInvokeConfig PutFunctionRecursionConfig PutFunctionScalingConfig "
     "PutProvisionedConcurrencyConfig PutRuntimeManagementConfig RemovePermission UpdateAlias UpdateFunctionCode "
     "UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig UpdateFunctionUrlConfig"},
    {&layer_arns, "ListLayerVersions PublishLayerVersion"},
    {&layer_version_arns,
     "AddLayerVersionPermission DeleteLayerVersion GetLayerVersion GetLayerVersionPolicy RemoveLayerVersionPermission"},
    {&layer_of_arn, "GetLayerVersionByArn"},
    {&tagged_resource, "ListTags TagResource UntagResource"},
    {&arn_in<"ResourceArn">, "DeleteResourcePolicy GetResourcePolicy PutResourcePolicy"},
    {&arn_in<"CodeSigningConfigArn">,
     "DeleteCodeSigningConfig GetCodeSigningConfig ListFunctionsByCodeSigningConfig UpdateCodeSigningConfig"},
    {&arn_in<"DurableExecutionArn">,
     "CheckpointDurableExecution DeleteDurableExecution GetDurableExecution GetDurableExecutionHistory "
     "GetDurableExecutionState PauseDurableExecution ResumeDurableExecution StopDurableExecution"},
    {&event_source_arns, "DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping"},
    {&capacity_provider,
     "CreateCapacityProvider DeleteCapacityProvider GetCapacityProvider ListFunctionVersionsByCapacityProvider "
     "UpdateCapacityProvider"},
};

constexpr Renamed_Action lambda_renamed[] = {{"GetLayerVersionByArn", "GetLayerVersion"},
                                             {"Invoke", "InvokeFunction"},
                                             {"InvokeAsync", "InvokeFunction"},
                                             {"InvokeWithResponseStream", "InvokeFunction"}};

constexpr Additional_Action lambda_additional[] = {
    {"CreateFunction", "Role", "iam:PassRole", &arn_in<"Role">},
    {"CreateFunction", "Code", "s3:GetObject", &code_in<"Code", false>},
    {"CreateFunction", "Code", "s3:GetObjectVersion", &code_in<"Code", true>},
    {"CreateFunction", "Layers", "lambda:GetLayerVersion", &attached_layers},
    {"CreateFunction", "Tags", "lambda:TagResource", &function_arns},
    {"UpdateFunctionConfiguration", "Role", "iam:PassRole", &arn_in<"Role">},
    {"UpdateFunctionConfiguration", "Layers", "lambda:GetLayerVersion", &attached_layers},
    {"UpdateFunctionCode", "S3Bucket", "s3:GetObject", &code_of_update<false>},
    {"UpdateFunctionCode", "S3Bucket", "s3:GetObjectVersion", &code_of_update<true>},
    {"PublishLayerVersion", "Content", "s3:GetObject", &code_in<"Content", false>},
    {"PublishLayerVersion", "Content", "s3:GetObjectVersion", &code_in<"Content", true>},
    {"CreateEventSourceMapping", "Tags", "lambda:TagResource", &any_resource},
    {"CreateCodeSigningConfig", "Tags", "lambda:TagResource", &any_resource},
};

}  // namespace

const Access_Rules& lambda_access_rules() {
    static constexpr Access_Rules rules{"lambda", lambda_groups, lambda_renamed, lambda_additional, ""};
    return rules;
}

}  // namespace osbot_aws::services
