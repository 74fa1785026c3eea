// Each member of each input is acted on, returned or rejected by name: none is accepted and dropped.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/lambda_requests.hpp"

namespace osbot_aws::services {
namespace {

using aws::Member;
using aws::Shape;
using aws::Type;

/// Members that change what an operation does, and how; "*" is any operation. Other members are returned or rejected.
const std::map<std::string, std::string> acted_on{
    {"*.FunctionName", "the function"},
    {"*.Qualifier", "the version or alias"},
    {"*.LayerName", "the layer"},
    {"*.VersionNumber", "the version of the layer"},
    {"*.UUID", "the mapping"},
    {"*.Resource", "the resource of the tags"},
    {"*.Marker", "the first item of a list: functions_are_listed_in_pages_by_name"},
    {"*.MaxItems", "the size of a page: functions_are_listed_in_pages_by_name"},
    {"*.RevisionId", "412 if the resource was changed: contract lambda/aliases, layers"},
    {"*.StatementId", "the statement; it is in the policy"},
    {"GetLayerVersionByArn.Arn", "the layer version"},
    {"GetAlias.Name", "the alias"},
    {"DeleteAlias.Name", "the alias"},
    {"UpdateAlias.Name", "the alias"},
    {"UntagResource.TagKeys", "the removed tags"},
    {"CreateFunction.Code.ZipFile", "the code: code_link_returns_the_zip_until_it_expires"},
    {"CreateFunction.Code.S3Bucket", "the code: code_may_be_an_s3_object_with_or_without_parts"},
    {"CreateFunction.Code.S3Key", "the code: code_may_be_an_s3_object_with_or_without_parts"},
    {"CreateFunction.Code.S3ObjectVersion", "the version: code_members_select_the_object"},
    {"CreateFunction.Code.S3ObjectStorageMode", "REFERENCE is rejected: code_members_select_the_object"},
    {"CreateFunction.Code.ImageUri", "the image of a function of that type: function_images_test"},
    {"CreateAlias.RoutingConfig", "the versions that invokes run: contract lambda/aliases"},
    {"UpdateAlias.RoutingConfig", "the versions that invokes run: contract lambda/aliases"},
    {"CreateFunction.Publish", "creates version 1: qualifier_and_encoded_arn_select_the_version"},
    {"CreateFunction.Layers", "the layers: contract lambda/layers"},
    {"*.CodeSigningConfigArn", "the configuration: contract lambda/code_signing"},
    {"*.ResourceArn", "the resource of the policy"},
    {"PutResourcePolicy.Policy", "the policy: contract lambda/resource_policies"},
    {"PutFunctionScalingConfig.FunctionScalingConfig",
     "GetFunctionScalingConfig returns it: contract lambda/function_options"},
    {"PutProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions",
     "returned as requested: provisioned_concurrency_test"},
    {"InvokeAsync.InvokeArgs", "the payload of an event, as in Invoke"},
    {"UpdateFunctionConfiguration.Layers", "the layers: contract lambda/layers"},
    {"UpdateFunctionCode.ZipFile", "the code"},
    {"UpdateFunctionCode.S3Bucket", "the code"},
    {"UpdateFunctionCode.S3Key", "the code"},
    {"UpdateFunctionCode.S3ObjectVersion", "the version: code_members_select_the_object"},
    {"UpdateFunctionCode.S3ObjectStorageMode", "REFERENCE is rejected: code_members_select_the_object"},
    {"UpdateFunctionCode.Publish", "creates a version"},
    {"UpdateFunctionCode.DryRun", "changes nothing"},
    {"UpdateFunctionCode.ImageUri", "rejected for a function with a zip: Please don't provide ImageUri"},
    {"PublishLayerVersion.Content.ZipFile", "the code"},
    {"PublishLayerVersion.Content.S3Bucket", "the code"},
    {"PublishLayerVersion.Content.S3Key", "the code"},
    {"PublishLayerVersion.Content.S3ObjectVersion", "the version: code_members_select_the_object"},
    {"PublishLayerVersion.Content.S3ObjectStorageMode", "REFERENCE is rejected: code_members_select_the_object"},
    {"PublishVersion.Description", "of the new version; the code of the sample is published already: functions_test"},
    {"PublishVersion.CodeSha256", "400 if the code is another one: CodeSHA256 (...) is different"},
    {"ListFunctions.FunctionVersion", "lists versions, too: contract lambda/functions"},
    {"ListFunctions.MasterRegion", "replicas of a region, of which the engine has none"},
    {"ListAliases.FunctionVersion", "the aliases of a version: aliases_test"},
    {"ListLayers.CompatibleRuntime", "a filter: layers_test"},
    {"ListLayers.CompatibleArchitecture", "a filter: layers_test"},
    {"ListLayerVersions.CompatibleRuntime", "a filter: layers_test"},
    {"ListLayerVersions.CompatibleArchitecture", "a filter: layers_test"},
    {"ListEventSourceMappings.EventSourceArn", "a filter: list_filters_by_function_and_source_and_pages"},
    {"CreateEventSourceMapping.Enabled", "starts the poller: event_sources_test"},
    {"UpdateEventSourceMapping.Enabled", "starts the poller: event_sources_test"},
    {"AddPermission.InvokedViaFunctionUrl",
     "a condition of the statement: function_url_runs_the_function_if_permitted"},
    {"AddPermission.FunctionUrlAuthType", "a condition, for lambda:InvokeFunctionUrl only"},
    {"Invoke.InvocationType", "event_is_queued_and_dry_run_does_not_run"},
    {"Invoke.LogType", "invoke_passes_the_payload_and_returns_the_result"},
    {"Invoke.ClientContext", "invoke_passes_the_payload_and_returns_the_result"},
    {"Invoke.Payload", "invoke_passes_the_payload_and_returns_the_result"},
    {"Invoke.TenantId", "the environment: tenants_do_not_share_environments"},
    {"InvokeWithResponseStream.TenantId", "as in Invoke"},
    {"InvokeWithResponseStream.InvocationType", "as in Invoke"},
    {"InvokeWithResponseStream.LogType", "as in Invoke"},
    {"InvokeWithResponseStream.ClientContext", "as in Invoke"},
    {"InvokeWithResponseStream.Payload", "as in Invoke"},
};

/// Valid values of members with patterns, and values other than the defaults.
const std::map<std::string, Json> samples{
    {"Role", "arn:aws:iam::000000000000:role/lambda"},
    {"Runtime", "python3.12"},
    {"Handler", "other.handler"},
    {"Timeout", 7},
    {"MemorySize", 256},
    {"Size", 600},
    {"PackageType", "Zip"},
    {"Code.ImageUri", ""},
    {"Mode", "Active"},
    {"LogFormat", "JSON"},
    {"SystemLogLevel", "WARN"},
    {"ApplicationLogLevel", "TRACE"},
    {"LogGroup", "/my/group"},
    {"ApplyOn", "PublishedVersions"},
    {"SubnetIds", {"subnet-1"}},
    {"SecurityGroupIds", {"sg-1"}},
    {"TargetArn", "arn:aws:sqs:us-east-1:000000000000:dead"},
    {"KMSKeyArn", "arn:aws:kms:us-east-1:000000000000:key/k"},
    {"SourceKMSKeyArn", "arn:aws:kms:us-east-1:000000000000:key/c"},
    {"FileSystemConfigs.Arn", "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0"},
    {"LocalMountPath", "/mnt/data"},
    {"Architectures", {"arm64"}},
    {"EntryPoint", {"entry"}},
    {"Command", {"command"}},
    {"WorkingDirectory", "/work"},
    {"Variables", {{"AB", "value-of-ab"}}},
    {"Tags", {{"team", "value-of-team"}}},
    {"CapacityProviderArn", "arn:aws:lambda:us-east-1:000000000000:capacity-provider:p"},
    {"RuntimeArn", "arn:aws:lambda:us-east-1:000000000000:runtime/one-of-my-own"},
    {"SourceArn", "arn:aws:s3:us-east-1:000000000000:bucket"},
    {"SourceAccount", "111122223333"},
    {"PrincipalOrgID", "o-abcdefghij"},
    {"OrganizationId", "o-abcdefghij"},
    {"Action", "lambda:GetFunction"},
    {"AddLayerVersionPermission.Action", "lambda:GetLayerVersion"},
    {"Principal", "222222222222"},
    {"FunctionVersion", "1"},
    {"Name", "another"},
    {"AdditionalVersionWeights", Json::object()},
    {"AuthType", "AWS_IAM"},
    {"InvokeMode", "RESPONSE_STREAM"},
    {"MaxAge", 77},
    {"AllowMethods", {"GET"}},
    {"CompatibleRuntimes", {"python3.12"}},
    {"CompatibleArchitectures", {"arm64"}},
    {"ReservedConcurrentExecutions", 2},
    {"BatchSize", 7},
    {"MaximumBatchingWindowInSeconds", 3},
    {"MaximumConcurrency", 9},
    {"Pattern", "{\"body\":[\"a\"]}"},
    {"EventSourceArn", "arn:aws:sqs:us-east-1:000000000000:more"},
    {"Destination", "arn:aws:sqs:us-east-1:000000000000:dead"},
    {"Topics", {"topic"}},
    {"Endpoints", {{"KAFKA_BOOTSTRAP_SERVERS", {"host:9092"}}}},
    {"CollectionName", "things"},
    {"AccessConfigs.URI", "arn:aws:secretsmanager:us-east-1:000000000000:secret:s"},
    {"DurableExecutionName", "name"},
    {"SigningProfileVersionArns", {"arn:aws:signer:us-east-1:000000000000:/signing-profiles/q/abcdefghij"}},
    {"UntrustedArtifactOnDeployment", "Enforce"},
    {"RuntimeVersionArn", "arn:aws:lambda:us-east-1::runtime:0123456789abcdef"},
    {"UpdateRuntimeOn", "FunctionUpdate"},
    {"TenantId", "tenant"},
};

struct Sampler {
    std::string operation;

    Json value(const Member& member, const std::string& path) const {
        for (const std::string& key : {operation + "." + path, last_two(path), last(path)})
            if (const auto found = samples.find(key); found != samples.end()) return found->second;
        const Shape& shape = aws::lambda_model().shape(member);
        const aws::Rule* rule = aws::lambda_model().rule_of(shape);
        switch (shape.type) {
            case Type::structure: {
                Json object = Json::object();
                for (const Member& inner : aws::lambda_model().members_of(shape))
                    object[inner.name] = value(inner, path + "." + inner.name);
                return object;
            }
            case Type::list:
                return Json::array({value(aws::lambda_model().item_of(shape), path)});
            case Type::string:
                if (rule != nullptr && rule->value_count > 0) return aws::lambda_model().values_of(*rule).front();
                return "value-of-" + last(path);
            case Type::integer:
                return rule == nullptr || rule->min < 0 ? 3 : rule->min + 1;
            case Type::floating:
                return rule == nullptr ? 0.5 : static_cast<double>(rule->min);
            case Type::timestamp:
                return 3;
            case Type::boolean:
                return true;
            case Type::blob:
                return base::base64_encode(test_support::zip_of({{"app.py", "x"}}));
            case Type::map:
                break;
        }
        return Json::object();
    }

    static std::string last(const std::string& path) { return path.substr(path.rfind('.') + 1); }
    static std::string last_two(const std::string& path) {
        const auto dot = path.rfind('.');
        return dot == std::string::npos ? path : path.substr(path.rfind('.', dot - 1) + 1);
    }
};

/// Calls `visit` for each member without members of its own: "VpcConfig.SubnetIds" and its value.
template <class Visit>
void for_each_leaf(const Member& member, const std::string& path, const Json& value, const Visit& visit) {
    const Shape& shape = aws::lambda_model().shape(member);
    if (shape.type == Type::list &&
        aws::lambda_model().shape(aws::lambda_model().item_of(shape)).type == Type::structure)
        return for_each_leaf(aws::lambda_model().item_of(shape), path, value.at(0), visit);
    if (shape.type != Type::structure) return visit(path, value);
    for (const Member& inner : aws::lambda_model().members_of(shape))
        for_each_leaf(inner, path + "." + inner.name, value.at(inner.name), visit);
}

/// Returns what a response contains if it has the member.
std::string text_in_response(const std::string& path, Json value) {
    while ((value.is_array() || value.is_object()) && !value.empty()) value = *value.begin();
    if (value.is_string()) {
        const std::string quoted = value.dump();
        return quoted.substr(1, quoted.size() - 2);
    }
    return "\"" + Sampler::last(path) + "\":" + value.dump();
}

struct Members_Test : testing::TestWithParam<const aws::Operation*> {
    std::string name() const { return GetParam()->name; }

    bool is_acted_on(const std::string& path) const {
        return acted_on.contains(name() + "." + path) || acted_on.contains("*." + path);
    }

    /// Returns the responses that may have the members of an input: that of the operation, and those of reading.
    static std::string responses_after(test_support::Lambda_Samples& world, const Json& input,
                                       const wire::Response& response) {
        std::string all = response.body.bytes();
        const std::string function = input.value("FunctionName", "hello");
        all += world.send("GET", "/2015-03-31/functions/" + wire::percent_encode(function)).body.bytes();
        all += world.send_input("ListTags", {{"Resource", world.function_arn}}).body.bytes();
        if (!response.body.bytes().empty()) {
            const Json json = Json::parse(response.body.bytes(), nullptr, false);
            if (json.is_object() && json.contains("EventSourceMappingArn"))
                all += world.send_input("ListTags", {{"Resource", json["EventSourceMappingArn"]}}).body.bytes();
            if (json.is_object() && json.contains("CodeSigningConfig"))
                all += world.send_input("ListTags", {{"Resource", json["CodeSigningConfig"]["CodeSigningConfigArn"]}})
                           .body.bytes();
        }
        return all;
    }

    /// Sends the sample of the operation with one more member, in a world of its own.
    void check(const Member& member) {
        test_support::Lambda_Samples world;
        Json input = world.sample_input(name());
        const Json value = Sampler{name()}.value(member, member.name);
        input[member.name] = value;
        const wire::Response response = world.send(test_support::lambda_request(*GetParam(), input));
        if (response.status >= 400) {
            EXPECT_NE(response.headers["x-amzn-ErrorType"], "ValidationException")
                << "the sample of " << member.name << " is invalid: " << response.body.bytes();
            EXPECT_NE(response.body.bytes().find(member.name), std::string::npos)
                << member.name << " is not named: " << response.body.bytes();
            return;
        }
        const std::string text = responses_after(world, input, response);
        for_each_leaf(member, member.name, value, [&](const std::string& path, const Json& leaf) {
            if (is_acted_on(path) || is_acted_on(member.name)) return;
            EXPECT_NE(text.find(text_in_response(path, leaf)), std::string::npos)
                << path << " is accepted and dropped: " << text_in_response(path, leaf) << " is not in " << text;
        });
    }
};

TEST_P(Members_Test, each_is_acted_on_returned_or_rejected) {
    if (GetParam()->input == aws::no_index) return;
    for (const Member& member : aws::lambda_model().members_of(aws::lambda_model().shape(GetParam()->input))) {
        if (!is_acted_on(member.name)) check(member);
    }
}

INSTANTIATE_TEST_SUITE_P(Operations, Members_Test, testing::ValuesIn(test_support::lambda_operations()),
                         [](const auto& each) { return each.param->name; });

TEST(Members_Table_Test, names_only_members_of_the_model) {
    for (const auto& [path, reason] : acted_on) {
        const std::string operation = path.substr(0, path.find('.'));
        std::string member = path.substr(operation.size() + 1);
        member = member.substr(0, member.find('.'));
        const bool found = std::ranges::any_of(test_support::lambda_operations(), [&](const aws::Operation* each) {
            return (operation == "*" || operation == each->name) && each->input != aws::no_index &&
                   aws::lambda_model().find_member(aws::lambda_model().shape(each->input), member) != nullptr;
        });
        EXPECT_TRUE(found) << path;
    }
}

}  // namespace
}  // namespace osbot_aws::services
