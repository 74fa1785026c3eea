#include "aws/exceptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace osbot_aws::aws {
namespace {

// Each line has its source: "recorded" is a response of AWS in the tests of LocalStack, the file is
// tests/aws/services/. The order of enumerations is that of the recorded messages.
const std::array exceptions{
    // Runtime: "Value x at 'runtime' failed to satisfy constraint: ... or be a valid ARN",
    // InvalidParameterValueException.
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_create_lambda_exceptions
    Exception{"lambda", "CreateFunctionRequest", "Runtime"},
    Exception{"lambda", "UpdateFunctionConfigurationRequest", "Runtime"},
    // A missing list counts as empty: EmptyBatchRequest. A missing map is named otherwise: Attribute.Name.
    Exception{"sqs", "SendMessageBatchRequest", "Entries"},
    Exception{"sqs", "DeleteMessageBatchRequest", "Entries"},
    Exception{"sqs", "ChangeMessageVisibilityBatchRequest", "Entries"},
    Exception{"sqs", "SetQueueAttributesRequest", "Attributes"},
    // The engine's own: an access key of 12 digits, shorter than AWS's, is an account.
    Exception{"sts", "GetAccessKeyInfoRequest", "AccessKeyId", true},
};

}  // namespace

// "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: ..."
bool checks_patterns(const Service& service) { return std::string_view(service.name) != "iam"; }

bool checks_constraints(const Service& service) { return std::string_view(service.name) != "s3"; }

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
        return each.member == member.name && each.structure == structure.name && each.service == service.name;
    });
    return found == exceptions.end() ? nullptr : &*found;
}

}  // namespace osbot_aws::aws
