// Each member of each input of IAM, STS, SQS and CloudWatch Logs is acted on, stored and returned, or rejected by name.
#include <gtest/gtest.h>

#include <regex>

#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "services/iam/iam_api.hpp"
#include "services/logs/logs_api.hpp"
#include "services/sqs/sqs_api.hpp"
#include "services/sts/sts_api.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/member_check.hpp"
#include "support/routed.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Member_Case;
using test_support::required_of;
using test_support::Use;

/// Returns the headers and payloads of the frames of an event stream, without their checksums.
std::string payloads_of(std::string_view frames) {
    constexpr std::size_t prelude_size = 12, checksum_size = 4;
    std::string all;
    while (frames.size() > prelude_size) {
        const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(frames[2])) * 256 +
                                 static_cast<unsigned char>(frames[3]);
        all += frames.substr(prelude_size, size - prelude_size - checksum_size);
        frames.remove_prefix(size);
    }
    return all;
}

/// The base of the worlds of the four services.
struct World : test_support::Member_World {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    const aws::Service& model;
    std::unique_ptr<Model_Api> api;

    explicit World(const aws::Service& model_) : model(model_) {}

    void start(Operations operations) { api = std::make_unique<Model_Api>(loop, model, std::move(operations)); }

    std::string send(const aws::Operation& operation, const Json& input) {
        std::optional<wire::Response> response;
        test_support::send_to(*api, {}, test_support::model_request(model, operation, input),
                              [&](wire::Response result) { response = std::move(result); });
        loop.run();
        if (!response) return "2 waits\n\n";
        std::string text = fmt::format("{}\n{}", response->status, response->body.bytes());
        if (const auto stream = response->body.stream())
            stream->read([&](std::string_view piece) { text += payloads_of(piece); }, [](auto&) {});
        return text + "\n\n";
    }
    std::string send(std::string_view operation, const Json& input) {
        return send(*model.find_operation(operation), input);
    }

    /// Sends a request of the state that the service starts with.
    std::string prepare(std::string_view operation, const Json& input) {
        std::string text = send(operation, input);
        EXPECT_EQ(text.front(), '2') << operation << ": " << text;
        return text;
    }

    std::string outcome(const aws::Operation& operation, const Json& input) override {
        std::string text = send(operation, input);
        for (const auto& [name, read] : state()) text += send(name, read);
        static const std::regex random(
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(AROA|ANPA)[A-Z0-9]{17}|"
            "(AccessKeyId|SecretAccessKey|SessionToken)>[^<]*|\"(nextSequenceToken|ReceiptHandle|TaskHandle)\":\"[^\"]"
            "*");
        return std::regex_replace(text, random, "");
    }

    /// Returns the requests that read the state.
    virtual std::vector<std::pair<std::string_view, Json>> state() const = 0;
};

template <class Service_World>
void check_all(const aws::Service& model, std::span<const Member_Case> cases, std::size_t operations_min,
               std::map<std::string, Json, std::less<>> samples = {}) {
    test_support::Member_Check check(
        model, cases, [] { return std::make_unique<Service_World>(); }, std::move(samples));
    const Service_World world;
    EXPECT_GE(world.api->operations().all().size(), operations_min);
    for (const auto& [name, implementation] : world.api->operations().all()) check.check(*model.find_operation(name));
    check.expect_all_cases_used();
}

// ---- IAM ------------------------------------------------------------------------------------------------------------

const std::string statement = R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";
const std::string document = R"({"Version":"2012-10-17","Statement":)" + statement + "}";
const std::string other_document = R"({"Statement":[)" + statement + "]}";
std::string trust_document(const std::string& condition) {
    return R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{)" + condition +
           "}}]}";
}
const std::string policy_arn = "arn:aws:iam::000000000000:policy/", role_arn = "arn:aws:iam::000000000000:role/";

const Member_Case iam_cases[] = {
    {"RoleName", Use::acted_on, "absent"},
    {"PolicyArn", Use::acted_on, policy_arn + "absent"},
    {"PolicyName", Use::acted_on, "absent"},
    {"PolicyDocument", Use::acted_on, other_document},
    {"AssumeRolePolicyDocument", Use::acted_on, other_document},
    {"VersionId", Use::acted_on, "v9"},
    {"Path", Use::stored, "/team/"},
    {"PermissionsBoundary", Use::stored, policy_arn + "spare", "Arn>" + policy_arn + "spare</Perm"},
    {"ResetMaxSigninSessionDuration", Use::acted_on, true},
    {"SetAsDefault", Use::acted_on, true},
    {"TagKeys", Use::acted_on, {"absent"}},
    // The lists are empty, on AWS as well: the engine has neither aliases nor instance profiles.
    {"Marker", Use::no_effect, "zzz", "", "ListAccountAliases"},
    {"MaxItems", Use::no_effect, 1, "", "ListAccountAliases"},
    {"Marker", Use::no_effect, "zzz", "", "ListInstanceProfilesForRole"},
    {"MaxItems", Use::no_effect, 1, "", "ListInstanceProfilesForRole"},
    {"Marker", Use::acted_on, "zzz"},
    {"MaxItems", Use::acted_on, 1},
    {"PathPrefix", Use::acted_on, "/zzz/"},
    {"EntityFilter", Use::acted_on, "User"},
    {"PolicyUsageFilter", Use::acted_on, "PermissionsBoundary"},
    {"Scope", Use::acted_on, "Local"},
    {"OnlyAttached", Use::acted_on, true},
};

struct Iam_World : World {
    Iam iam{context};

    Iam_World() : World(aws::iam_model()) {
        start(iam_operations(iam));
        const Json tags{{{"Key", "k"}, {"Value", "v"}}, {{"Key", "l"}, {"Value", "w"}}};
        for (const char* name : {"policy", "spare", "third"})
            prepare("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", document}, {"Tags", tags}});
        prepare("CreatePolicyVersion", {{"PolicyArn", policy_arn + "policy"}, {"PolicyDocument", document}});
        for (const char* name : {"role", "other", "bare"})
            prepare("CreateRole", {{"RoleName", name},
                                   {"AssumeRolePolicyDocument", trust_document("")},
                                   {"MaxSigninSessionDuration", 7000},
                                   {"Tags", tags}});
        for (const char* name : {"role", "other"})
            for (const char* attached : {"policy", "third"})
                prepare("AttachRolePolicy", {{"RoleName", name}, {"PolicyArn", policy_arn + attached}});
        for (const char* name : {"inline", "second"})
            prepare("PutRolePolicy", {{"RoleName", "role"}, {"PolicyName", name}, {"PolicyDocument", document}});
        prepare("PutRolePermissionsBoundary", {{"RoleName", "role"}, {"PermissionsBoundary", policy_arn + "policy"}});
    }

    Json sample(std::string_view operation) override {
        const Json all{{"RoleName", "role"},
                       {"PolicyArn", policy_arn + "policy"},
                       {"PolicyName", "inline"},
                       {"PolicyDocument", document},
                       {"AssumeRolePolicyDocument", trust_document("")},
                       {"PermissionsBoundary", policy_arn + "policy"},
                       {"Description", "of the role"},
                       {"VersionId", "v2"},
                       {"Tags", {{{"Key", "k"}, {"Value", "x"}}}},
                       {"TagKeys", {"k"}}};
        const Json special{{"CreateRole", {{"RoleName", "fresh"}}},
                           {"CreatePolicy", {{"PolicyName", "fresh"}}},
                           {"AttachRolePolicy", {{"PolicyArn", policy_arn + "spare"}}},
                           {"DeleteRole", {{"RoleName", "bare"}}},
                           {"DeletePolicy", {{"PolicyArn", policy_arn + "spare"}}},
                           {"UpdateAssumeRolePolicy", {{"PolicyDocument", trust_document("")}}}};
        return required_of(model, operation, all, special);
    }

    std::vector<std::pair<std::string_view, Json>> state() const override {
        const Json role{{"RoleName", "role"}}, policy{{"PolicyArn", policy_arn + "policy"}};
        const Json version{{"PolicyArn", policy_arn + "fresh"}, {"VersionId", "v1"}};
        const Json third{{"PolicyArn", policy_arn + "policy"}, {"VersionId", "v3"}};
        return {{"GetRole", role},
                {"GetRole", {{"RoleName", "fresh"}}},
                {"GetRole", {{"RoleName", "bare"}}},
                {"GetRolePolicy", {{"RoleName", "role"}, {"PolicyName", "inline"}}},
                {"ListAttachedRolePolicies", role},
                {"ListRolePolicies", role},
                {"GetPolicy", policy},
                {"ListPolicyVersions", policy},
                {"GetPolicyVersion", version},
                {"GetPolicyVersion", third},
                {"ListPolicies", {{"Scope", "Local"}}}};
    }
};

TEST(Iam_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Iam_World>(aws::iam_model(), iam_cases, 35, {{"MaxSessionDuration", 7200}});
}

// ---- STS ------------------------------------------------------------------------------------------------------------

std::string token_of(const std::string& subject) {
    return "e30." + base::base64_encode(R"({"iss":"https://issuer","sub":")" + subject + "\"}") + ".c2ln";
}

const std::string no_mfa = "MFA serial number";
const Member_Case sts_cases[] = {
    {"RoleArn", Use::acted_on, role_arn + "absent"},
    {"PolicyArns.arn", Use::acted_on, "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"},
    {"Policy", Use::acted_on, R"({"no":"policy"})"},
    {"DurationSeconds", Use::acted_on, 901},
    {"Tags.Key", Use::acted_on, std::string(100, 'k')},  // counts for PackedPolicySize
    {"Tags.Value", Use::acted_on, std::string(100, 'v')},
    {"TransitiveTagKeys", Use::acted_on, {"absent"}},
    {"ExternalId", Use::acted_on, "expected", "", "", {{"RoleArn", role_arn + "guarded"}}},
    {"SerialNumber", Use::rejected, nullptr, no_mfa},
    {"TokenCode", Use::rejected, "123456", no_mfa},
    {"ProviderArn", Use::rejected, nullptr, "AssumeRole with ProvidedContexts"},
    {"ContextAssertion", Use::rejected, nullptr, "AssumeRole with ProvidedContexts"},
    {"MinimumSessionTokenSize", Use::acted_on, 4000},
    {"WebIdentityToken", Use::acted_on, token_of("another")},
    {"AccessKeyId", Use::acted_on, "111122223333"},
};

struct Sts_World : World {
    Iam iam{context};
    Sts sts{context, iam};

    Sts_World() : World(aws::sts_model()) {
        start(sts_operations(sts));
        for (const auto& [name, condition] :
             {std::pair{"role", ""}, std::pair{"guarded", R"("StringEquals":{"sts:ExternalId":["expected"]})"}})
            iam.create_role({}, {.name = name, .trust_policy = trust_document(condition)}).value();
    }

    Json sample(std::string_view operation) override {
        const Json all{{"RoleArn", role_arn + "role"},
                       {"RoleSessionName", "session"},
                       {"WebIdentityToken", token_of("user")},
                       {"AccessKeyId", "000000000000"}};
        return required_of(model, operation, all, Json::object());
    }
    std::vector<std::pair<std::string_view, Json>> state() const override { return {}; }
};

TEST(Sts_Members_Test, each_is_acted_on_or_stored_or_rejected) { check_all<Sts_World>(aws::sts_model(), sts_cases, 5); }

// ---- SQS ------------------------------------------------------------------------------------------------------------

const std::string queues = "http://127.0.0.1:4566/000000000000/", queue_arns = "arn:aws:sqs:us-east-1:000000000000:";
const std::string only_binary = "must use field 'Binary'", only_string = "must use field 'String'";
const std::string no_lists = "Message attribute list values", unknown = "Unknown Attribute ";
const Json with_text{{"StringValue", "text"}};

const Member_Case sqs_cases[] = {
    {"MaxResults", Use::acted_on, 11, "", "ListMessageMoveTasks"},
    {"QueueUrl", Use::acted_on, queues + "absent"},
    {"QueueName", Use::acted_on, "absent"},
    {"QueueOwnerAWSAccountId", Use::acted_on, "111122223333"},
    {"QueueNamePrefix", Use::acted_on, "zzz"},
    {"NextToken", Use::acted_on, "zzz"},
    {"MaxResults", Use::acted_on, 1},
    {"TagKeys", Use::acted_on, {"absent"}},
    {"AttributeNames", Use::acted_on, {"QueueArn"}, "", "GetQueueAttributes"},
    {"Attributes.Policy", Use::stored, "{ }"},
    {"Attributes.VisibilityTimeout", Use::stored, "31", R"("VisibilityTimeout":"31")"},
    {"Attributes.MaximumMessageSize", Use::stored, "2048", R"("MaximumMessageSize":"2048")"},
    {"Attributes.MessageRetentionPeriod", Use::stored, "3601", R"("MessageRetentionPeriod":"3601")"},
    {"Attributes.DelaySeconds", Use::stored, "11", R"("DelaySeconds":"11")"},
    {"Attributes.ReceiveMessageWaitTimeSeconds", Use::stored, "17", R"("ReceiveMessageWaitTimeSeconds":"17")"},
    {"Attributes.KmsDataKeyReusePeriodSeconds",
     Use::stored,
     "301",
     R"("KmsDataKeyReusePeriodSeconds":"301")",
     "",
     {{"KmsMasterKeyId", "key"}}},
    {"Attributes.RedriveAllowPolicy", Use::stored, R"({"redrivePermission":"denyAll"})"},
    {"Attributes.FifoQueue", Use::rejected, "false", unknown + "FifoQueue"},
    {"Attributes.ContentBasedDeduplication", Use::rejected, "true", unknown + "ContentBasedDeduplication"},
    {"Attributes.DeduplicationScope", Use::rejected, "queue", "specify the DeduplicationScope only"},
    {"Attributes.FifoThroughputLimit", Use::rejected, "perQueue", "specify the FifoThroughputLimit only"},
    {"Attributes.SqsManagedSseEnabled", Use::stored, "false", R"("SqsManagedSseEnabled":"false")"},
    {"Attributes.RedrivePolicy", Use::stored,
     R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":9})"},
    {"Attributes.All", Use::rejected, nullptr, unknown + "All"},
    {"ReceiptHandle", Use::acted_on, "bad"},
    {"VisibilityTimeout", Use::acted_on, 0, "", "ReceiveMessage"},
    {"VisibilityTimeout", Use::acted_on, 60},
    {"MaxNumberOfMessages", Use::acted_on, 2},
    {"WaitTimeSeconds", Use::acted_on, 5, "", "", {{"QueueUrl", queues + "more"}}},
    {"AttributeNames", Use::acted_on, {"All"}},
    {"MessageSystemAttributeNames", Use::acted_on, {"All"}},
    {"MessageAttributeNames", Use::acted_on, {"All"}},
    {"DelaySeconds", Use::acted_on, 5},
    {"StringListValues", Use::rejected, nullptr, no_lists},
    {"BinaryListValues", Use::rejected, nullptr, no_lists},
    {"MessageAttributes.BinaryValue", Use::stored, nullptr, "", "", {{"DataType", "Binary"}}},
    {"MessageAttributes.DataType", Use::stored, "String.custom", "", "", with_text},
    {"AWSTraceHeader.BinaryValue", Use::rejected, nullptr, only_string},
    {"AWSTraceHeader.DataType", Use::rejected, "Number", "invalid message attribute type", "", with_text},
    {"MessageDeduplicationId", Use::rejected},
    {"ReceiveRequestAttemptId", Use::rejected},
    {"Label", Use::acted_on, "absent"},
    {"AWSAccountIds", Use::acted_on, {"444455556666"}},
    {"Actions", Use::acted_on, {"SendMessage"}},
    {"SourceArn", Use::acted_on, "absent"},
    {"DestinationArn", Use::acted_on, "absent"},
    {"MaxNumberOfMessagesPerSecond", Use::acted_on, 501},
    {"TaskHandle", Use::acted_on, "bad"},
};

struct Sqs_World : World {
    Sqs sqs{context};
    Sqs_Front front{context, sqs};
    std::string handle, task;

    Sqs_World() : World(aws::sqs_model()) {
        start(sqs_operations(front));
        prepare("CreateQueue", {{"QueueName", "dead"}});
        const Json to_dead{
            {"RedrivePolicy",
             R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":7})"}};
        for (const char* name : {"more", "work"})
            prepare("CreateQueue", {{"QueueName", name}, {"Attributes", to_dead}, {"tags", {{"k", "v"}}}});
        for (int number = 0; number < 3; ++number)
            prepare("SendMessage", {{"QueueUrl", queues + "work"},
                                    {"MessageBody", "body"},
                                    {"MessageAttributes", {{"own", {{"DataType", "String"}, {"StringValue", "x"}}}}}});
        const std::string received = prepare("ReceiveMessage", {{"QueueUrl", queues + "work"}});
        handle = Json::parse(received.substr(received.find('{')))["Messages"][0]["ReceiptHandle"];
        prepare("AddPermission", {{"QueueUrl", queues + "work"},
                                  {"Label", "first"},
                                  {"AWSAccountIds", {"111122223333"}},
                                  {"Actions", {"*"}}});
        prepare("CreateQueue", {{"QueueName", "fixed"}});
        prepare("CreateQueue",
                {{"QueueName", "again"},
                 {"Attributes",
                  {{"RedrivePolicy",
                    R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:fixed","maxReceiveCount":7})"}}}});
        for (int number = 0; number < 3; ++number)  // with one message a second, the task runs
            prepare("SendMessage", {{"QueueUrl", queues + "fixed"}, {"MessageBody", "body"}});
        task =
            sqs.move_tasks()
                .start({.source_arn = queue_arns + "fixed", .destination_arn = queue_arns + "again", .per_second = 1})
                .value()
                ->handle();
    }

    Json sample(std::string_view operation) override {
        const std::string queue = operation == "ListDeadLetterSourceQueues" ? "dead" : "work";
        const Json of_message{{"Id", "one"}, {"ReceiptHandle", handle}}, sent{{"Id", "one"}, {"MessageBody", "more"}};
        const Json all{{"QueueUrl", queues + queue},
                       {"QueueName", "work"},
                       {"ReceiptHandle", handle},
                       {"MessageBody", "more"},
                       {"TagKeys", {"k"}},
                       {"Tags", {{"k", "w"}}},
                       {"VisibilityTimeout", 0},
                       {"Entries", {of_message}},
                       {"Attributes", {{"DelaySeconds", "0"}}},
                       {"Label", "label"},
                       {"AWSAccountIds", {"111122223333"}},
                       {"Actions", {"*"}},
                       {"SourceArn", queue_arns + "dead"},
                       {"TaskHandle", task}};
        const Json special{{"CreateQueue", {{"QueueName", "fresh"}}},
                           {"SendMessageBatch", {{"Entries", {sent}}}},
                           {"RemovePermission", {{"Label", "first"}}},
                           {"ListMessageMoveTasks", {{"SourceArn", queue_arns + "fixed"}}}};
        return required_of(model, operation, all, special);
    }

    std::vector<std::pair<std::string_view, Json>> state() const override {
        const Json work{{"QueueUrl", queues + "work"}}, fresh{{"QueueUrl", queues + "fresh"}};
        const Json all{{"AttributeNames", {"All"}}};
        const auto with_all = [&](Json input) {
            input.update(all);
            return input;
        };
        Json received = with_all(work);
        received.update({{"MessageAttributeNames", {"All"}}, {"MaxNumberOfMessages", 10}, {"WaitTimeSeconds", 0}});
        return {{"ListQueues", Json::object()},
                {"GetQueueAttributes", with_all(work)},
                {"GetQueueAttributes", with_all(fresh)},
                {"ListQueueTags", work},
                {"ListQueueTags", fresh},
                {"ReceiveMessage", received}};
    }
};

TEST(Sqs_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Sqs_World>(aws::sqs_model(), sqs_cases, 23, {{"DataType", "String"}});
}

// ---- CloudWatch Logs ------------------------------------------------------------------------------------------------

const std::string group_arn = "arn:aws:logs:us-east-1:000000000000:log-group:";
constexpr std::int64_t now_ms = 55LL * 365 * 24 * 3'600'000;  // Fake_Clock

const Member_Case logs_cases[] = {
    {"logGroupName", Use::acted_on, "absent"},
    {"logGroupIdentifier", Use::acted_on, "absent"},
    {"logStreamName", Use::acted_on, "absent"},
    {"resourceArn", Use::acted_on, group_arn + "absent"},
    {"logGroupClass", Use::stored, "DELIVERY", "", "CreateLogGroup"},
    {"logGroupClass", Use::acted_on, "STANDARD"},
    {"deletionProtectionEnabled", Use::acted_on, false, "", "PutLogGroupDeletionProtection"},
    {"accountIdentifiers", Use::acted_on, {"111122223333"}},
    {"includeLinkedAccounts", Use::no_effect, true},  // no accounts are linked
    {"logGroupNamePrefix", Use::acted_on, "zzz"},
    {"logGroupNamePattern", Use::acted_on, "zzz"},
    {"logGroupIdentifiers", Use::acted_on, {group_arn + "other"}},
    {"nextToken", Use::acted_on, "zzz"},
    {"limit", Use::acted_on, 1},
    {"logStreamNamePrefix", Use::acted_on, "zzz"},
    {"orderBy", Use::acted_on, "LastEventTime"},
    {"descending", Use::acted_on, true},
    {"logStreamNames", Use::acted_on, {"second"}},
    {"logStreamNamePrefixes", Use::acted_on, {"second"}},
    {"startTime", Use::acted_on, now_ms},
    {"endTime", Use::acted_on, 1},
    {"filterPattern", Use::acted_on, "zzz"},
    {"startFromHead", Use::acted_on, true, "", "GetLogEvents", {{"limit", 1}}},
    {"startFromHead", Use::acted_on, false},
    {"interleaved", Use::no_effect, true},          // ignored since 2019
    {"unmask", Use::no_effect, true},               // nothing is masked: PutDataProtectionPolicy is rejected
    {"sequenceToken", Use::no_effect, "49590302"},  // ignored since 2023
    {"timestamp", Use::acted_on, now_ms - 1},
    {"keyAttributes", Use::rejected, {{"Type", "Service"}, {"Name", "n"}}, "rejectedEntityInfo"},
    {"entity.attributes", Use::rejected, {{"a", "b"}}, "rejectedEntityInfo"},
    {"retentionInDays", Use::stored, 7},
    {"tags", Use::acted_on, {"absent"}, "", "UntagLogGroup"},
    {"tagKeys", Use::acted_on, {"absent"}},
};

struct Logs_World : World {
    Logs logs{context};

    Logs_World() : World(aws::logs_model()) {
        start(logs_operations(logs));
        prepare("CreateLogGroup", {{"logGroupName", "group"}, {"tags", {{"k", "v"}}}});
        prepare("CreateLogGroup", {{"logGroupName", "other"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
        for (const auto& [stream, age_ms] : {std::pair{"first", 1000}, std::pair{"second", 2000}}) {
            prepare("CreateLogStream", {{"logGroupName", "group"}, {"logStreamName", stream}});
            Json events = Json::array();
            for (const char* message : {"one", "two"})
                events.push_back({{"timestamp", now_ms - age_ms}, {"message", message}});
            prepare("PutLogEvents", {{"logGroupName", "group"}, {"logStreamName", stream}, {"logEvents", events}});
        }
    }

    Json sample(std::string_view operation) override {
        const Json all{{"logGroupName", "group"},
                       {"logStreamName", "first"},
                       {"logEvents", {{{"timestamp", now_ms}, {"message", "three"}}}},
                       {"logGroupIdentifiers", {group_arn + "group"}},
                       {"logGroupIdentifier", "other"},
                       {"deletionProtectionEnabled", true},
                       {"retentionInDays", 30},
                       {"resourceArn", group_arn + "group"},
                       {"tags", {{"k", "w"}}},
                       {"tagKeys", {"k"}}};
        const Json group{{"logGroupName", "group"}};
        const Json special{{"CreateLogGroup", {{"logGroupName", "fresh"}}},
                           {"CreateLogStream", {{"logStreamName", "fresh"}}},
                           {"DescribeLogStreams", group},
                           {"FilterLogEvents", group},
                           {"GetLogEvents", group},
                           {"UntagLogGroup", {{"tags", {"k"}}}}};
        return required_of(model, operation, all, special);
    }

    std::vector<std::pair<std::string_view, Json>> state() const override {
        const Json group{{"logGroupName", "group"}};
        return {{"DescribeLogGroups", Json::object()},
                {"DescribeLogStreams", group},
                {"FilterLogEvents", group},
                {"ListTagsLogGroup", group},
                {"ListTagsLogGroup", {{"logGroupName", "fresh"}}}};
    }
};

TEST(Logs_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Logs_World>(aws::logs_model(), logs_cases, 19);
}

}  // namespace
}  // namespace osbot_aws::services
