// Requests that violate the constraints of Lambda's model, one by one, through the API.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "aws/exceptions.hpp"
#include "base/regex.hpp"
#include "support/lambda_requests.hpp"

namespace osbot_aws::services {
namespace {

using aws::Member;
using aws::Shape;
using aws::Type;
using test_support::json_of;

const aws::Service& model() { return aws::lambda_model(); }

/// A value that violates a constraint, and the path that the error names.
struct Violation {
    Json value;
    std::string path;
};

/// Members whose values AWS rejects in other words, with other codes.
const std::set<std::string> checked_otherwise{
    // "Value x at 'runtime' failed to satisfy constraint: ... or be a valid ARN", InvalidParameterValueException
    "CreateFunction.runtime", "UpdateFunctionConfiguration.runtime"};

std::string lower_first(std::string_view name) {
    std::string text(name);
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

bool matches(const aws::Rule& rule, const std::string& text) {
    const auto is_match = [&](const char* pattern) { return base::Regex::compile(pattern).value().matches(text); };
    if (!is_match(rule.matched != nullptr ? rule.matched : rule.pattern)) return false;
    return rule.excluded == nullptr || !is_match(rule.excluded);
}

/// Returns values of a string shape that violate one of its constraints each.
std::vector<Json> bad_texts(const aws::Rule& rule, bool may_be_empty) {
    constexpr std::int64_t longest = 20'000;
    std::vector<Json> values;
    if (rule.max < longest) values.emplace_back(std::string(static_cast<std::size_t>(rule.max) + 1, 'a'));
    if (rule.min > 0 && may_be_empty) values.emplace_back("");
    if (rule.value_count > 0) values.emplace_back("nonsense");
    if (rule.pattern == nullptr) return values;
    for (const char* text : {" ", "*!", "a\nb", "\x01"}) {
        if (matches(rule, text)) continue;
        values.emplace_back(text);
        break;
    }
    return values;
}

Json sample_item(const Shape& list) {
    return model().shape(model().item_of(list)).type == Type::structure ? Json::object() : Json("a");
}

std::vector<Json> bad_values(const Member& member) {
    const Shape& shape = model().shape(member);
    const aws::Rule* rule = model().rule_of(shape);
    if (rule == nullptr) return {};
    if (shape.type == Type::string) return bad_texts(*rule, member.location != aws::Location::uri);
    std::vector<Json> values;
    if (shape.type == Type::integer || shape.type == Type::floating) {
        if (rule->min != aws::no_minimum) values.emplace_back(rule->min - 1);
        if (rule->max != aws::no_maximum) values.emplace_back(rule->max + 1);
    }
    if (shape.type == Type::list && rule->min > 0) values.push_back(Json::array());
    if (shape.type == Type::list && rule->max != aws::no_maximum && rule->max < 200)
        values.push_back(Json(static_cast<std::size_t>(rule->max) + 1, sample_item(shape)));
    return values;
}

/// Returns the violations of a member: of its value, of the items of a list, and of the members of a structure.
std::vector<Violation> violations_of(const Member& member, const std::string& path) {
    const Shape& shape = model().shape(member);
    std::vector<Violation> found;
    for (Json& value : bad_values(member)) found.push_back({std::move(value), path});
    if (shape.type == Type::structure) {
        for (const Member& inner : model().members_of(shape))
            for (auto& [value, inner_path] : violations_of(inner, path + "." + lower_first(inner.name)))
                found.push_back({Json{{inner.name, std::move(value)}}, std::move(inner_path)});
    }
    if (shape.type == Type::list && model().shape(model().item_of(shape)).type == Type::structure) {
        for (auto& [value, inner_path] : violations_of(model().item_of(shape), path + ".1.member"))
            found.push_back({Json::array({std::move(value)}), std::move(inner_path)});
    } else if (shape.type == Type::list) {
        for (Json& value : bad_values(model().item_of(shape))) found.push_back({Json::array({std::move(value)}), path});
    }
    return found;
}

struct Constraints_Test : testing::TestWithParam<const aws::Operation*> {
    test_support::Lambda_Samples world;

    void expect_violation(const Json& input, const std::string& path) {
        const wire::Request request = test_support::lambda_request(*GetParam(), input);
        const wire::Response response = world.send(request);
        EXPECT_EQ(response.status, 400) << request.target << " " << request.body.bytes();
        EXPECT_EQ(response.headers["x-amzn-ErrorType"], "ValidationException") << request.target << input.dump();
        EXPECT_NE(response.body.bytes().find(" at '" + path + "' failed to satisfy constraint: "), std::string::npos)
            << path << " is not in " << response.body.bytes();
    }
};

TEST_P(Constraints_Test, sample_satisfies_all) {
    const wire::Response response = world.send_input(GetParam()->name, world.sample_input(GetParam()->name));
    EXPECT_LT(response.status, 300) << response.body.bytes();
}

TEST_P(Constraints_Test, missing_member_is_named) {
    const aws::Operation& operation = *GetParam();
    if (operation.input == aws::no_index) return;
    for (const Member& member : model().members_of(model().shape(operation.input))) {
        if (!member.has(aws::required) || member.location == aws::Location::uri) continue;
        Json input = world.sample_input(operation.name);
        input.erase(member.name);
        expect_violation(input, lower_first(member.name));
    }
}

TEST_P(Constraints_Test, invalid_value_is_named) {
    const aws::Operation& operation = *GetParam();
    if (operation.input == aws::no_index) return;
    for (const Member& member : model().members_of(model().shape(operation.input))) {
        for (const auto& [value, path] : violations_of(member, lower_first(member.name))) {
            if (checked_otherwise.contains(operation.name + ("." + path))) continue;
            Json input = world.sample_input(operation.name);
            input[member.name] = value;
            expect_violation(input, path);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Operations, Constraints_Test, testing::ValuesIn(test_support::lambda_operations()),
                         [](const auto& each) { return each.param->name; });

// ---- messages, which are facts of AWS -------------------------------------------------------------------------------

struct Message_Case {
    const char* operation;
    Json changes;  ///< of the sample
    const char* message;
};
void PrintTo(const Message_Case& c, std::ostream* out) { *out << c.operation << " " << c.changes; }

// Recorded on AWS: LocalStack, tests/aws/services/lambda_/test_lambda_api.snapshot.json and
// test_lambda.snapshot.json (Invoke). Limits: gettingstarted-limits.html
const Message_Case message_cases[] = {
    {"CreateFunction",
     {{"MemorySize", 127}, {"Timeout", 901}},
     "2 validation errors detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less "
     "than or equal to 900; Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater "
     "than or equal to 128"},
    {"CreateFunction",
     {{"MemorySize", 10'241}},
     "1 validation error detected: Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value "
     "less than or equal to 10240"},
    {"CreateFunction",
     {{"Architectures", {"sparc"}}},
     "1 validation error detected: Value '[sparc]' at 'architectures' failed to satisfy constraint: Member must "
     "satisfy "
     "constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"},
    {"CreateFunction",
     {{"VpcConfig", {{"SecurityGroupIds", {"group"}}}}},
     "1 validation error detected: Value '[group]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: "
     "Member "
     "must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater "
     "than or equal to 0, Member must satisfy regular expression pattern: sg-[0-9a-zA-Z]*]"},
    {"CreateAlias",
     {{"Name", "2024"}},
     "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular "
     "expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"},
    {"CreateAlias",
     {{"RoutingConfig", {{"AdditionalVersionWeights", {{"2", 1.5}}}}}},
     "1 validation error detected: Value '{2=1.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
     "constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
     "have value greater than or equal to 0.0, Member must not be null]"},
    {"PublishLayerVersion",
     {{"CompatibleRuntimes", {"invalidruntime"}}, {"CompatibleArchitectures", {"invalidarch"}}},
     "2 validation errors detected: Value '[invalidruntime]' at 'compatibleRuntimes' failed to satisfy constraint: "
     "Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, "
     "nodejs24.x, "
     "nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, "
     "nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]; Value '[invalidarch]' at "
     "'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy "
     "enum "
     "value set: [x86_64, arm64], Member must not be null]"},
    {"AddLayerVersionPermission",
     {{"Action", "*"}},
     "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular "
     "expression pattern: lambda:GetLayerVersion"},
    {"GetLayerVersionByArn",
     {{"Arn", "arn:aws:lambda:us-east-1:111111111111:layer:l"}},
     R"(1 validation error detected: Value 'arn:aws:lambda:us-east-1:111111111111:layer:l' at 'arn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))"},
    {"TagResource",
     {{"Resource", "arn:aws:something"}},
     R"(1 validation error detected: Value 'arn:aws:something' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+))"},
    {"CreateEventSourceMapping",
     {{"StartingPosition", "invalid"}},
     "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must "
     "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"},
    {"CreateEventSourceMapping",
     {{"EventSourceArn", "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/s"}},
     "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be "
     "null."},
    {"CreateEventSourceMapping",
     {{"EventSourceArn", "arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/s"},
      {"StartingPosition", "AT_TIMESTAMP"}},
     "Unsupported starting position for arn type: arn:aws:dynamodb:us-east-1:111111111111:table/t/stream/s"},
    {"Invoke",
     {{"FunctionName", "arn:aws:lambda:us-east-1:123400000000@function:myfn"}},
     R"(1 validation error detected: Value 'arn:aws:lambda:us-east-1:123400000000@function:myfn' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)"},
};

struct Messages_Test : testing::TestWithParam<Message_Case> {
    test_support::Lambda_Samples world;
};

TEST_P(Messages_Test, are_those_of_aws) {
    Json input = world.sample_input(GetParam().operation);
    input.update(GetParam().changes);
    const wire::Response response = world.send_input(GetParam().operation, input);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(json_of(response).at("message"), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Recorded, Messages_Test, testing::ValuesIn(message_cases));

}  // namespace
}  // namespace osbot_aws::services
