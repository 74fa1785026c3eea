// The comparison with the models finds faults in the responses of every operation of all services, so that the contract
// tests cannot pass because it compares nothing.
#include "contract/model_check.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "aws/routes.hpp"
#include "support/model_requests.hpp"

namespace osbot_aws {
namespace {

using aws::Service;
using aws::Shape;
using aws::Type;

constexpr int depth_max = 4;  // some shapes are recursive

Json sample_of(const Service& service, const Shape& shape, int depth = 0) {
    if (shape.type == Type::structure) {
        Json object = Json::object();
        for (const aws::Member& member : service.members_of(shape))
            if (depth < depth_max) object[member.name] = sample_of(service, service.shape(member), depth + 1);
        return object;
    }
    if (shape.type == Type::list) return {sample_of(service, service.shape(service.item_of(shape)), depth)};
    if (shape.type == Type::map) return {{"key", sample_of(service, service.shape(service.item_of(shape)), depth)}};
    if (shape.type == Type::boolean) return true;
    if (shape.type == Type::timestamp && service.protocol != aws::Protocol::rest_json) return "2026-01-01T00:00:00Z";
    if (shape.type == Type::string || shape.type == Type::blob) return "text";
    return 1;
}

wire::Request request_of(const Service& service, const aws::Operation& operation) {
    Json input = Json::object();
    if (operation.input != aws::no_index) {
        for (const aws::Member& member : service.members_of(service.shape(operation.input)))
            if (member.has(aws::required)) input[member.name] = sample_of(service, service.shape(member));
    }
    return test_support::model_request(service, operation, input);
}

/// Adds a member that the model lacks. Returns false for a body without members.
bool add_unknown_member(const Service& service, const aws::Operation& operation, std::string& body) {
    if (body.starts_with('{')) {
        body = R"({"NoSuchMember":1,)" + body.substr(1);
        if (body.ends_with(",}")) body.replace(body.size() - 2, 2, "}");
        return true;
    }
    const bool is_query = service.protocol == aws::Protocol::query;
    const auto root =
        body.find(is_query ? fmt::format("<{}Result>", operation.name) : "<", is_query ? 0 : body.find("?>"));
    if (root == std::string::npos) return false;
    body.insert(body.find('>', root) + 1, "<NoSuchMember>1</NoSuchMember>");
    return true;
}

struct Model_Check_Test : testing::TestWithParam<const Service*> {
    static std::string difference(const aws::Operation& operation, const wire::Response& response) {
        return difference_from_model(GetParam()->name, request_of(*GetParam(), operation), response);
    }
    static wire::Response response_of(const aws::Operation& operation) {
        for (const std::string_view name : {"PutBucketTagging", "PutBucketPolicy"})
            if (name == operation.name) return {.status = 204, .headers = {}, .body = {}};
        const Json output = operation.output == aws::no_index
                                ? Json::object()
                                : sample_of(*GetParam(), GetParam()->shape(operation.output));
        return aws::write_output(*GetParam(), operation, output, "id");
    }
    /// Returns true for an operation whose response is bytes, such as an object or the result of a function.
    static bool returns_bytes(const aws::Operation& operation) {
        if (operation.output == aws::no_index) return false;
        return std::ranges::any_of(
            GetParam()->members_of(GetParam()->shape(operation.output)), [](const aws::Member& member) {
                return member.location == aws::Location::payload && GetParam()->shape(member).type != Type::structure;
            });
    }
    /// Returns true for an operation whose status is one of its members, as in GetObject's relatives.
    static bool has_own_status(const aws::Operation& operation) {
        if (operation.output == aws::no_index) return false;
        const auto members = GetParam()->members_of(GetParam()->shape(operation.output));
        return std::ranges::any_of(members,
                                   [](const aws::Member& member) { return member.location == aws::Location::status; });
    }
};

TEST_P(Model_Check_Test, accepts_responses_of_the_model) {
    for (const aws::Operation& operation : GetParam()->operations)
        EXPECT_EQ(difference(operation, response_of(operation)), "") << response_of(operation).body.bytes();
}

TEST_P(Model_Check_Test, finds_another_status) {
    for (const aws::Operation& operation : GetParam()->operations) {
        wire::Response response = response_of(operation);
        response.status = 299;
        if (has_own_status(operation)) continue;
        EXPECT_NE(difference(operation, response), "") << operation.name;
    }
}

TEST_P(Model_Check_Test, finds_members_that_the_model_lacks) {
    std::size_t found = 0;
    for (const aws::Operation& operation : GetParam()->operations) {
        wire::Response response = response_of(operation);
        std::string body = response.body.bytes();
        if (body.empty() || returns_bytes(operation) || !add_unknown_member(*GetParam(), operation, body)) continue;
        response.body = body;
        const std::string fault = difference(operation, response);
        EXPECT_NE(fault.find("NoSuchMember"), std::string::npos) << operation.name << ": " << fault << body;
        ++found;
    }
    EXPECT_GT(found, GetParam()->operations.size() / 3);
}

TEST_P(Model_Check_Test, finds_requests_without_an_operation) {
    const wire::Request request{.method = "PATCH", .target = "/no/such/operation", .headers = {}, .body = {}};
    EXPECT_NE(difference_from_model(GetParam()->name, request, {.status = 200, .headers = {}, .body = {}}), "");
}

INSTANTIATE_TEST_SUITE_P(Services, Model_Check_Test,
                         testing::Values(&aws::iam_model(), &aws::lambda_model(), &aws::logs_model(), &aws::s3_model(),
                                         &aws::sqs_model(), &aws::sts_model()),
                         [](const auto& each) { return std::string(each.param->name); });

}  // namespace
}  // namespace osbot_aws
