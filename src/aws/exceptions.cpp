#include "aws/exceptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osbot_aws::aws {
namespace {

// test_layer_exceptions, publish_layer_version_exc_invalid_runtime_arch: the runtimes that a new layer may have, and
// according to LocalStack's lambda_/runtimes.py (VALID_RUNTIMES) a new function
constexpr const char* current_runtimes[] = {"nodejs20.x", "python3.14", "provided.al2023", "python3.12",   "python3.13",
                                            "nodejs24.x", "nodejs22.x", "java25",          "python3.10",   "python3.11",
                                            "java21",     "ruby3.3",    "ruby3.4",         "ruby3.2",      "python3.8",
                                            "python3.9",  "java17",     "nodejs16.x",      "dotnet10",     "dotnet8",
                                            "java11",     "dotnet6",    "nodejs18.x",      "provided.al2", "java8.al2"};
// test_layer_exceptions, list_layers_exc_compatibleruntime_invalid
constexpr const char* listed_runtimes[] = {"ruby3.5",       "ruby2.6",       "dotnetcore1.0",   "python3.7",
                                           "nodejs8.10",    "nasa",          "ruby2.7",         "python2.7-greengrass",
                                           "dotnetcore2.0", "python3.8",     "java21",          "dotnet6",
                                           "dotnetcore2.1", "python3.9",     "java11",          "nodejs6.10",
                                           "provided",      "dotnetcore3.1", "dotnet8",         "java25",
                                           "java17",        "nodejs",        "nodejs4.3",       "java8.al2",
                                           "go1.x",         "dotnet10",      "nodejs20.x",      "go1.9",
                                           "byol",          "nodejs10.x",    "provided.al2023", "nodejs22.x",
                                           "python3.10",    "java8",         "nodejs12.x",      "python3.11",
                                           "nodejs24.x",    "nodejs8.x",     "python3.12",      "nodejs14.x",
                                           "nodejs8.9",     "nodejs26.x",    "python3.13",      "python3.14",
                                           "nodejs16.x",    "python3.15",    "provided.al2",    "nodejs4.3-edge",
                                           "nodejs18.x",    "ruby3.2",       "python3.4",       "ruby3.3",
                                           "ruby3.4",       "ruby2.5",       "python3.6",       "python2.7"};
// TestLambdaRecursion::test_put_function_recursion_config_invalid_value
constexpr const char* recursive_loops[] = {"Terminate", "Allow"};
// The order of LocalStack's lambda_/provider.py, _validate_invoke_mode
constexpr const char* invoke_modes[] = {"RESPONSE_STREAM", "BUFFERED"};
constexpr const char* output_formats[] = {"w3c", "raw", "json", "plain", "parquet"};
constexpr const char* starting_positions[] = {"LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"};

// Each line has its source: "recorded" is a response of AWS in the tests of LocalStack, the file is
// tests/aws/services/. The order of enumerations is that of the recorded messages.
const std::array exceptions{
    // Runtime: "Value x at 'runtime' failed to satisfy constraint: ... or be a valid ARN",
    // InvalidParameterValueException.
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_create_lambda_exceptions
    Exception{"lambda", "CreateFunctionRequest", "Runtime"},
    Exception{"lambda", "UpdateFunctionConfigurationRequest", "Runtime"},
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_layer_exceptions; Architectures of functions have the form
    // of layers' CompatibleArchitectures
    Exception{.service = "lambda",
              .structure = "PublishLayerVersionRequest",
              .member = "CompatibleRuntimes",
              .rule = {.min = 0, .max = 15},
              .values = current_runtimes,
              .is_first = true},
    Exception{.service = "lambda",
              .structure = "PublishLayerVersionRequest",
              .member = "CompatibleArchitectures",
              .rule = {.min = 0, .max = 2},
              .rejects_null_items = true},
    Exception{.service = "lambda",
              .structure = "CreateFunctionRequest",
              .member = "Architectures",
              .rule = {.min = 1, .max = 1},
              .rejects_null_items = true},
    Exception{.service = "lambda",
              .structure = "UpdateFunctionCodeRequest",
              .member = "Architectures",
              .rule = {.min = 1, .max = 1},
              .rejects_null_items = true},
    Exception{.service = "lambda",
              .structure = "ListLayersRequest",
              .member = "CompatibleRuntime",
              .values = listed_runtimes},
    Exception{.service = "lambda",
              .structure = "ListLayerVersionsRequest",
              .member = "CompatibleRuntime",
              .values = listed_runtimes},
    Exception{.service = "lambda",
              .structure = "PutFunctionRecursionConfigRequest",
              .member = "RecursiveLoop",
              .is_required = true,
              .values = recursive_loops},
    // The messages are copied from LocalStack's provider; they were not compared with AWS's own responses.
    Exception{.service = "lambda",
              .structure = "AliasRoutingConfiguration",
              .member = "AdditionalVersionWeights",
              .rejects_null_items = true},
    Exception{
        .service = "lambda", .structure = "CreateFunctionRequest", .member = "Layers", .rejects_null_items = true},
    Exception{.service = "lambda",
              .structure = "UpdateFunctionConfigurationRequest",
              .member = "Layers",
              .rejects_null_items = true},
    // A missing list counts as empty: EmptyBatchRequest. A missing map is named otherwise: Attribute.Name.
    Exception{"sqs", "SendMessageBatchRequest", "Entries"},
    Exception{"sqs", "DeleteMessageBatchRequest", "Entries"},
    Exception{"sqs", "ChangeMessageVisibilityBatchRequest", "Entries"},
    Exception{"sqs", "SetQueueAttributesRequest", "Attributes"},
    // Recorded: iam/test_iam_account_password_policy.snapshot.json and iam/test_iam_oidc.snapshot.json, the orders
    Exception{.service = "iam",
              .structure = "UpdateAccountPasswordPolicyRequest",
              .member = "MinimumPasswordLength",
              .rule = {.min = 6, .max = 128},
              .is_first = true},
    Exception{.service = "iam",
              .structure = "UpdateAccountPasswordPolicyRequest",
              .member = "PasswordReusePrevention",
              .rule = {.min = 1, .max = 24},
              .is_first = true},
    Exception{.service = "iam",
              .structure = "CreateOpenIDConnectProviderRequest",
              .member = "ClientIDList",
              .is_first = true},
    Exception{.service = "iam",
              .structure = "CreateOpenIDConnectProviderRequest",
              .member = "ThumbprintList",
              .is_first = true},
    // The engine's own: an access key of 12 digits, shorter than AWS's, is an account.
    Exception{"sts", "GetAccessKeyInfoRequest", "AccessKeyId", true},
};

const std::array shape_exceptions{
    // Recorded: iam/test_iam_roles.snapshot.json, test_role_tag_errors
    Shape_Exception{
        .service = "iam", .shape = "tagKeyListType", .rule = {.min = 0, .max = 50}, .rejects_null_items = true},
    // The model has the limits of functions on managed instances, which the engine lacks.
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution
    Shape_Exception{"lambda", "MemorySize", {.min = 128, .max = 10'240}},
    Shape_Exception{"lambda", "Timeout", {.min = 1, .max = 900}},
    Shape_Exception{"lambda", "EphemeralStorageSize", {.min = 512, .max = 10'240}},
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_create_event_source_validation
    Shape_Exception{"lambda", "EventSourcePosition", {}, starting_positions},
    Shape_Exception{"lambda", "InvokeMode", {}, invoke_modes},
    // Recorded: logs/test_logs_delivery.snapshot.json, test_put_delivery_destination_invalid_format
    Shape_Exception{"logs", "OutputFormat", {}, output_formats},
    // Validated: logs/test_logs_metric_filters.py, test_put_metric_filter_with_special_namespace. The published pattern
    // excludes the colon.
    Shape_Exception{"logs", "MetricNamespace", {.max = 255, .pattern = "[^*$]*"}},
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_tag_exceptions
    Shape_Exception{
        "lambda",
        "TaggableResource",
        {.min = 1,
         .max = 10'000,
         .pattern =
             R"(arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+))"}},
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_layer_exceptions, get_layer_version_by_arn_exc_invalidarn
    Shape_Exception{
        "lambda",
        "LayerVersionArn",
        {.min = 1,
         .max = 2048,
         .pattern =
             R"((arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))"}},
};

}  // namespace

std::span<const char* const> current_lambda_runtimes() { return current_runtimes; }

// "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: ..."
// Markers are opaque, and documents are parsed.
constexpr std::string_view shapes_with_own_words[] = {
    "userNameType",      "existingUserNameType",      "roleNameType",         "groupNameType",
    "policyNameType",    "instanceProfileNameType",   "virtualMFADeviceName", "pathType",
    "policyPathType",    "serverCertificateNameType", "pathPrefixType",       "markerType",
    "policyDocumentType"};

bool checks_pattern(const Service& service, const Shape& shape) {
    return std::string_view(service.name) != "iam" ||
           std::ranges::find(shapes_with_own_words, std::string_view(shape.name)) == std::end(shapes_with_own_words);
}

// Recorded: iam/test_iam_roles.snapshot.json, test_role_tag_errors
bool shows_values(const Service& service) { return std::string_view(service.name) != "iam"; }

bool checks_constraints(const Service& service) { return std::string_view(service.name) != "s3"; }

// Recorded: logs/test_logs_delivery.snapshot.json, test_put_delivery_destination_invalid_format: the newer operations
// of CloudWatch Logs have the code of the newer protocols.
std::string_view code_of_violations(const Service& service, const Shape& input) {
    if (service.protocol == Protocol::query) return "ValidationError";
    const bool is_older =
        service.protocol == Protocol::json11 && std::string_view(input.name).find("Deliver") == std::string_view::npos;
    return is_older ? "InvalidParameterException" : "ValidationException";
}

bool has_exceptions(const Service& service, const Shape& structure) {
    return std::ranges::any_of(exceptions, [&](const Exception& each) {
        return each.service == service.name && each.structure == structure.name;
    });
}

// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (InvalidArgument), and for parts
// https://github.com/localstack/localstack, services/s3/provider.py, upload_part
std::string malformed_text(const Member& member, Type type) {
    if (std::string_view(member.name) == "PartNumber")
        return "Part number must be an integer between 1 and 10000, inclusive";
    const std::string_view kind = type == Type::boolean ? "a boolean" : "an integer or within integer range";
    return fmt::format("Provided {} not {}", member.on_wire(), kind);
}

const Exception* find_exception(const Service& service, const Shape& structure, const Member& member) {
    const auto found = std::ranges::find_if(exceptions, [&](const Exception& each) {
        return each.service == service.name && each.structure == structure.name && each.member == member.name;
    });
    return found == exceptions.end() ? nullptr : &*found;
}

const Shape_Exception* find_exception(const Service& service, const Shape& shape) {
    const auto found = std::ranges::find_if(shape_exceptions, [&](const Shape_Exception& each) {
        return each.service == service.name && each.shape == shape.name;
    });
    return found == shape_exceptions.end() ? nullptr : &*found;
}

}  // namespace osbot_aws::aws
