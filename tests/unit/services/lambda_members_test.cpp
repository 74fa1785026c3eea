// Sends every member of the input of every operation of Lambda that the engine has, and proves what becomes of it: the
// engine acts on it, stores and returns it, or rejects the request and names it. None is dropped silently.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include <boost/algorithm/string/erase.hpp>

#include "support/lambda_requests.hpp"
#include "support/member_check.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Member_Case;
using test_support::Use;

const std::string lambda_arn = "arn:aws:lambda:us-east-1:000000000000:";
const std::string sqs_arn = "arn:aws:sqs:us-east-1:000000000000:";
const std::string other_id = "00000000-0000-0000-0000-000000000000";
const std::string signer_arn = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/";
const std::string file_system_arn = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-";
const std::string image_uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/app:";

/// Stands for the ARN of a configuration that no function has, whose ID is random.
const std::string spare_arn = lambda_arn + "code-signing-config:csc-spare000000000000";

/// Returns a zip whose code no other zip has.
std::string zip_with(const std::string& source) {
    return base::base64_encode(test_support::zip_of({{"app.py", source}}));
}

/// The code in a bucket, instead of the zip of the sample.
const Json in_bucket{{"ZipFile", nullptr}, {"S3Bucket", "bucket"}, {"S3Key", "key"}};
const Json json_logs{{"LogFormat", "JSON"}};

/// Values that satisfy the patterns of the model, and are not the defaults.
const std::map<std::string, Json, std::less<>> samples{
    {"Runtime", "python3.13"},
    {"ApplyOn", "PublishedVersions"},
    {"SubnetIds", {"subnet-1"}},
    {"SecurityGroupIds", {"sg-1"}},
    {"CompatibleRuntimes", {"ruby3.3"}},
    {"TargetArn", sqs_arn + "dead"},
    {"KMSKeyArn", "arn:aws:kms:us-east-1:000000000000:key/k"},
    {"SourceKMSKeyArn", "arn:aws:kms:us-east-1:000000000000:key/c"},
    {"Arn", file_system_arn + "0123456789abcdef0"},
    {"LocalMountPath", "/mnt/data"},
    {"ImageUri", image_uri + "1"},
    {"WorkingDirectory", "/work"},
    {"CapacityProviderArn", lambda_arn + "capacity-provider:p"},
    {"RuntimeArn", lambda_arn + "runtime/one-of-my-own"},
    {"SourceArn", "arn:aws:s3:us-east-1:000000000000:bucket"},
    {"SourceAccount", "111122223333"},
    {"PrincipalOrgID", "o-abcdefghij"},
    {"OrganizationId", "o-abcdefghij"},
    {"AllowMethods", {"GET"}},
    {"Pattern", R"({"body":["a"]})"},
    {"Destination", sqs_arn + "dead"},
    {"Topics", {"topic"}},
    {"KAFKA_BOOTSTRAP_SERVERS", {"host:9092"}},
    {"DatabaseName", "things"},
    {"CollectionName", "things"},
    {"URI", "arn:aws:secretsmanager:us-east-1:000000000000:secret:s"},
    {"DurableExecutionName", "name"},
    {"SigningProfileVersionArns", {signer_arn + "q/abcdefghij"}},
};

// The first line that fits a member counts. A member without a line must be stored or rejected.
const Member_Case cases[] = {
    // The resources of operations
    {"FunctionName", Use::acted_on, "absent"},
    {"Qualifier", Use::acted_on, "absent"},
    {"Name", Use::acted_on, "absent"},
    {"LayerName", Use::acted_on, "absent"},
    {"VersionNumber", Use::acted_on, 9},
    {"Arn", Use::acted_on, lambda_arn + "layer:tools:9", "", "GetLayerVersionByArn"},
    {"UUID", Use::acted_on, other_id},
    {"CodeSigningConfigArn", Use::acted_on, spare_arn, "", "CreateFunction"},
    {"CodeSigningConfigArn", Use::acted_on, lambda_arn + "code-signing-config:csc-0123456789abcdef0"},
    {"Resource", Use::acted_on, lambda_arn + "function:absent"},
    {"ResourceArn", Use::acted_on, lambda_arn + "function:absent"},
    {"StatementId", Use::acted_on, "s9"},
    {"RevisionId", Use::acted_on, other_id},
    {"TagKeys", Use::acted_on, {"absent"}},

    // Lists
    {"Marker", Use::acted_on, "2", "", "ListLayerVersions"},
    {"Marker", Use::acted_on, "zzz"},
    {"MaxItems", Use::acted_on, 1},
    {"MasterRegion", Use::acted_on, "us-west-2"},
    {"FunctionVersion", Use::acted_on, "ALL", "", "ListFunctions"},
    {"FunctionVersion", Use::acted_on, "2"},
    {"CompatibleRuntime", Use::acted_on},
    {"CompatibleArchitecture", Use::acted_on},
    {"EventSourceArn", Use::acted_on, sqs_arn + "absent", "", "CreateEventSourceMapping"},
    {"EventSourceArn", Use::acted_on, sqs_arn + "more"},

    // Code
    {"ZipFile", Use::acted_on, zip_with("of the member")},
    {"S3Bucket", Use::acted_on, "absent", "", "", in_bucket},
    {"S3Key", Use::acted_on, "absent", "", "", in_bucket},
    {"S3ObjectVersion", Use::acted_on, "absent", "", "", in_bucket},
    {"S3ObjectStorageMode", Use::rejected, "REFERENCE", "S3ObjectStorageMode REFERENCE", "", in_bucket},
    {"CodeSha256", Use::acted_on, "other"},
    {"Publish", Use::acted_on, true},
    {"DryRun", Use::acted_on, true},

    // Configuration
    {"Role", Use::stored, "arn:aws:iam::000000000000:role/lambda-other"},
    {"PackageType", Use::rejected, "Image", "the intended function PackageType is Image"},
    {"Layers", Use::stored, {lambda_arn + "layer:tools:1"}, "\"Arn\":\"" + lambda_arn + "layer:tools:1\""},
    {"Architectures", Use::stored, {"arm64"}},
    {"FileSystemConfigs.Arn", Use::stored, file_system_arn + "fedcba98765432100"},
    {"FileSystemConfigs.LocalMountPath", Use::stored, "/mnt/other"},
    {"Mode", Use::stored, "Active", R"("Mode":"Active")"},
    {"LogFormat", Use::stored, "JSON"},
    {"ApplicationLogLevel", Use::stored, "TRACE", "", "", json_logs},
    {"LoggingConfig.SystemLogLevel", Use::stored, "WARN", "", "CreateFunction", json_logs},
    {"LoggingConfig.SystemLogLevel", Use::stored, "WARN", "", "UpdateFunctionConfiguration", json_logs},
    {"AdditionalVersionWeights", Use::stored, {{"2", 0.5}}, R"({"2":0.5})"},
    {"UpdateRuntimeOn", Use::stored, "FunctionUpdate"},
    {"RuntimeVersionArn",
     Use::stored,
     "arn:aws:lambda:us-east-1::runtime:0123456789abcdef",
     "",
     "",
     {{"UpdateRuntimeOn", "Manual"}}},
    {"ReservedConcurrentExecutions", Use::stored, 7},
    {"ProvisionedConcurrentExecutions", Use::stored, 3, R"("RequestedProvisionedConcurrentExecutions":3)"},
    {"MaximumRetryAttempts", Use::stored, 0, "", "PutFunctionEventInvokeConfig"},
    {"MaximumRetryAttempts", Use::stored, 0, "", "UpdateFunctionEventInvokeConfig"},

    // Permissions. The pattern of a layer's action has one value.
    {"Action", Use::acted_on, "lambda:GetFunction"},
    {"Principal", Use::stored, "222222222222"},
    {"FunctionUrlAuthType", Use::stored, "AWS_IAM", "", "", {{"Action", "lambda:InvokeFunctionUrl"}}},
    {"InvokedViaFunctionUrl", Use::stored, true, R"(lambda:InvokedViaFunctionUrl\":\"true)"},
    {"Policy", Use::stored, test_support::policy_of("other"), R"("Resource\":\"other)"},

    // Event source mappings
    {"Enabled", Use::acted_on, false},

    // Invokes
    {"InvocationType", Use::acted_on, "DryRun"},
    {"LogType", Use::acted_on, "Tail"},
    {"ClientContext", Use::acted_on, "e30="},
    {"Payload", Use::acted_on, R"({"a":1})"},
    {"InvokeArgs", Use::acted_on, R"({"a":1})"},
    {"TenantId", Use::stored, "tenant-1", "", "", {{"FunctionName", "tenants"}}},
};

/// Removes the values that are random, and the links, from a response.
void remove_random(Json& value) {
    static const std::set<std::string, std::less<>> random{
        "RevisionId", "UUID", "CodeSigningConfigId", "CodeSigningConfigArn", "FunctionUrl", "EventSourceMappingArn",
        "Location"};
    if (!value.is_structured()) return;
    for (auto& [name, inner] : value.items()) {
        if (value.is_object() && random.contains(name))
            inner = "random";
        else
            remove_random(inner);
    }
}

/// An engine with two resources of each kind, so that the members of lists have an effect.
struct Lambda_Members_World : test_support::Member_World {
    test_support::Lambda_Samples lambda;
    std::string spare_signing_arn;  ///< replaces spare_arn
    bool is_changed = false;        ///< by the last request

    Lambda_Members_World() {
        lambda.invocations.result->log_tail = "of the log";
        lambda.objects["bucket/key"] = {
            lambda.store->blobs().put(test_support::zip_of({{"app.py", "of the bucket"}})).value()};
        for (const char* tag : {"1", "2"}) lambda.add_image(image_uri + tag, std::string(64, *tag));
        prepare("CreateFunction", {{"FunctionName", "pictured"},
                                   {"PackageType", "Image"},
                                   {"Role", lambda.role},
                                   {"Code", {{"ImageUri", image_uri + "1"}}}});
        Json tenants = lambda.sample_input("CreateFunction");
        tenants.update({{"FunctionName", "tenants"}, {"TenancyConfig", {{"TenantIsolationMode", "PER_TENANT"}}}});
        prepare("CreateFunction", tenants);
        prepare_versions();
        prepare_code_signing();
        prepare("PublishLayerVersion", {{"LayerName", "tools"}, {"Content", {{"ZipFile", lambda.zip}}}});
        prepare("PublishLayerVersion", {{"LayerName", "others"}, {"Content", {{"ZipFile", lambda.zip}}}});
        prepare("CreateEventSourceMapping",
                {{"FunctionName", "hello:live"}, {"EventSourceArn", sqs_arn + "work"}, {"BatchSize", 3}});
    }

    /// $LATEST differs from its last version, so that PublishVersion creates one.
    void prepare_versions() {
        const auto prepare_hello = [this](const char* operation, Json input) {
            input["FunctionName"] = "hello";
            prepare(operation, input);
        };
        prepare_hello("UpdateFunctionConfiguration", {{"Runtime", "python3.12"}, {"Timeout", 5}});
        prepare_hello("PublishVersion", Json::object());
        prepare_hello("UpdateFunctionConfiguration", {{"Timeout", 6}});
        prepare_hello("CreateAlias", {{"Name", "beta"}, {"FunctionVersion", "2"}});
        prepare_hello("CreateFunctionUrlConfig", {{"Qualifier", "beta"}, {"AuthType", "NONE"}});
        prepare_hello("PutProvisionedConcurrencyConfig", {{"Qualifier", "2"}, {"ProvisionedConcurrentExecutions", 1}});
        prepare_hello("PutFunctionEventInvokeConfig", {{"Qualifier", "2"}, {"MaximumRetryAttempts", 2}});
    }

    void prepare_code_signing() {
        for (const char* function : {"hello", "pictured"})
            prepare("PutFunctionCodeSigningConfig",
                    {{"FunctionName", function}, {"CodeSigningConfigArn", lambda.code_signing_arn}});
        const auto created = prepare("CreateCodeSigningConfig", lambda.sample_input("CreateCodeSigningConfig"));
        spare_signing_arn = test_support::json_of(created)["CodeSigningConfig"]["CodeSigningConfigArn"];
    }

    /// Sends a request of the state that the engine starts with.
    wire::Response prepare(const char* operation, const Json& input) {
        wire::Response response = lambda.send_input(operation, input);
        EXPECT_EQ(response.status / 100, 2) << operation << ": " << response.body.bytes();
        return response;
    }

    Json sample(std::string_view operation) override {
        const Json special{{"CreateFunction", {{"Runtime", "python3.12"}}},
                           {"UpdateFunctionCode", {{"ZipFile", zip_with("of the sample")}}},
                           {"PutFunctionConcurrency", {{"ReservedConcurrentExecutions", 5}}},
                           {"DeleteCodeSigningConfig", {{"CodeSigningConfigArn", spare_signing_arn}}}};
        Json input = lambda.sample_input(operation);
        input.update(special.value(std::string(operation), Json::object()));
        return input;
    }

    /// Returns the response to a request that reads, invokes or fails, and what other requests change. Their responses
    /// do not prove that a member is stored.
    std::string outcome(const aws::Operation& operation, const Json& input) override {
        const std::string_view name = operation.name;
        const bool invokes = name.starts_with("Invoke"), reads = name.starts_with("Get") || name.starts_with("List");
        Json sent = input;
        if (sent.value("CodeSigningConfigArn", "") == spare_arn) sent["CodeSigningConfigArn"] = spare_signing_arn;
        const wire::Response response = lambda.send_input(operation.name, sent);
        is_changed = response.status < 300 && !reads;
        std::string text = fmt::format("{}\n", response.status);
        if (invokes || !is_changed) text += text_of(response);
        text += "\n\n";
        if (invokes) text += invoked();
        if (is_changed && !invokes) text += state_after(name, response);
        for (const std::string* random : {&lambda.mapping_id, &lambda.code_signing_arn, &spare_signing_arn})
            boost::erase_all(text, *random);
        return text;
    }
    bool is_unchanged() const override { return !is_changed; }

    /// Returns the text of a response without random parts.
    static std::string text_of(const wire::Response& response) {
        std::string text;
        for (const char* header : {"X-Amz-Log-Result", "X-Amz-Executed-Version"})
            text += fmt::format("{}: {}\n", header, response.headers[header]);
        if (const auto stream = response.body.stream())
            stream->read([&](std::string_view piece) { text += piece; }, [](auto&) {});
        Json body = Json::parse(response.body.bytes(), nullptr, false);
        if (body.is_discarded()) return text + std::string(response.body.bytes());
        if (const auto mappings = body.find("EventSourceMappings"); mappings != body.end())
            std::sort(mappings->begin(), mappings->end());  // they are in the order of their ids
        remove_random(body);
        // The value of a member would seem to be stored, or to name it.
        static const std::regex violation("Value .* at '(.*)' failed to satisfy constraint.*");
        return text + (response.status < 400 ? body.dump() : std::regex_replace(body.dump(), violation, "$1"));
    }

    /// Returns the invokes of the function.
    std::string invoked() const {
        std::string text;
        for (const auto* invokes : {&lambda.invocations.invoked, &lambda.invocations.queued_events})
            for (const services::Invoke_Request& each : *invokes)
                text += fmt::format("{} {} {} {} {}\n", each.invoked_arn, each.payload, each.client_context,
                                    each.tenant_id, each.log_tail);
        return text;
    }

    /// A request that reads the state that operations of a topic change; those of "" have none of the others.
    struct Read {
        std::string_view topic;
        const char* operation;
        Json input;
    };

    /// Returns the state after a request with this response.
    std::string state_after(std::string_view operation, const wire::Response& response) {
        const auto is_of = [&](const Read& read) { return operation.find(read.topic) != std::string_view::npos; };
        const auto reads = reads_after(response);
        const bool has_topic =
            std::ranges::any_of(reads, [&](const Read& read) { return !read.topic.empty() && is_of(read); });
        std::string text;
        for (const Read& read : reads)
            if (is_of(read) && read.topic.empty() != has_topic)
                text += text_of(lambda.send_input(read.operation, read.input)) + "\n";
        return text;
    }

    std::vector<Read> reads_after(const wire::Response& response) const {
        constexpr std::string_view signing = "CodeSigning", layers = "Layer", mappings = "EventSource";
        const Json hello{{"FunctionName", "hello"}}, other{{"FunctionName", "other"}};
        const Json first{{"FunctionName", "hello"}, {"Qualifier", "1"}}, tools{{"LayerName", "tools"}};
        std::vector<Read> all{{"", "GetFunction", hello},
                              {"", "GetFunction", other},
                              {"", "GetFunction", {{"FunctionName", "pictured"}}},
                              {"", "GetFunctionCodeSigningConfig", other},
                              {"", "ListVersionsByFunction", hello},
                              {"", "ListVersionsByFunction", other},
                              {"", "ListAliases", hello},
                              {"", "GetPolicy", hello},
                              {"", "ListTags", {{"Resource", lambda.function_arn}}},
                              {"", "GetFunctionRecursionConfig", hello},
                              {"", "GetFunctionScalingConfig", first},
                              {"", "GetRuntimeManagementConfig", hello},
                              {"", "GetRuntimeManagementConfig", first},
                              {"", "ListFunctionEventInvokeConfigs", hello},
                              {"", "ListFunctionUrlConfigs", hello},
                              {"", "ListProvisionedConcurrencyConfigs", hello},
                              {layers, "ListLayers", Json::object()},
                              {layers, "ListLayerVersions", tools},
                              {layers, "GetLayerVersion", {{"LayerName", "tools"}, {"VersionNumber", 3}}},
                              {layers, "GetLayerVersionPolicy", {{"LayerName", "tools"}, {"VersionNumber", 1}}},
                              {mappings, "ListEventSourceMappings", Json::object()},
                              {signing, "GetFunctionCodeSigningConfig", hello}};
        for (const std::string& arn : {lambda.code_signing_arn, spare_signing_arn})
            all.push_back({signing, "GetCodeSigningConfig", {{"CodeSigningConfigArn", arn}}});
        const Json created = Json::parse(response.body.bytes(), nullptr, false);
        if (created.is_object() && created.contains("EventSourceMappingArn"))
            all.push_back({mappings, "ListTags", {{"Resource", created["EventSourceMappingArn"]}}});
        if (created.is_object() && created.contains("CodeSigningConfig")) {
            const Json arn = created["CodeSigningConfig"]["CodeSigningConfigArn"];
            all.push_back({signing, "GetCodeSigningConfig", {{"CodeSigningConfigArn", arn}}});
            all.push_back({signing, "ListTags", {{"Resource", arn}}});
        }
        return all;
    }
};

TEST(Lambda_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    test_support::Member_Check check(
        aws::lambda_model(), cases, [] { return std::make_unique<Lambda_Members_World>(); }, samples);
    const auto operations = test_support::lambda_operations();
    EXPECT_GE(operations.size(), 70U);
    for (const aws::Operation* operation : operations) check.check(*operation);
    check.expect_all_cases_used();
}

// ---- functions of images --------------------------------------------------------------------------------------------

const Member_Case image_cases[] = {
    {"ImageUri", Use::stored, image_uri + "2"},
    {"Layers", Use::rejected, {lambda_arn + "layer:tools:1"}, "Handler or Runtime or Layer"},
    {"S3ObjectStorageMode", Use::rejected, "REFERENCE"},
};

struct Image_Members_World : Lambda_Members_World {
    Json sample(std::string_view operation) override {
        Json input{{"FunctionName", operation == "CreateFunction" ? "other" : "pictured"}};
        if (operation == "UpdateFunctionCode") input["ImageUri"] = image_uri + "1";
        if (operation == "CreateFunction")
            input.update({{"PackageType", "Image"}, {"Role", lambda.role}, {"Code", {{"ImageUri", image_uri + "1"}}}});
        return input;
    }
};

// The members whose use differs from that of zips.
TEST(Lambda_Members_Test, images_have_own_members) {
    const std::set<std::string_view> own{"Code",    "ImageUri", "ZipFile",         "S3Bucket",
                                         "S3Key",   "Runtime",  "S3ObjectVersion", "S3ObjectStorageMode",
                                         "Handler", "Layers",   "SourceKMSKeyArn", "ImageConfig"};
    const aws::Service& model = aws::lambda_model();
    test_support::Member_Check check(
        model, image_cases, [] { return std::make_unique<Image_Members_World>(); }, samples);
    for (const char* name : {"CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"}) {
        const aws::Operation& operation = *model.find_operation(name);
        std::set<std::string, std::less<>> others;
        for (const aws::Member& member : model.members_of(model.shape(operation.input)))
            if (!own.contains(member.name)) others.insert(member.name);
        check.skip_documents(std::move(others));
        check.check(operation);
    }
    check.expect_all_cases_used();
}

}  // namespace
}  // namespace osbot_aws::services
