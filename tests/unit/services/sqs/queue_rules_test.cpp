// Fair queues, permissions, encryption, redrive permissions and tags. "Recorded" is a response of AWS in localstack,
// tests/aws/services/sqs/test_sqs.snapshot.json; the name of its test follows.
#include <osbot_aws/core/Json.hpp>

#include "services/sqs/permissions.hpp"
#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

using std::chrono::seconds;

struct Queue_Rules_Test : Sqs_World {
    Queue_Rules_Test() { make("work"); }

    std::string set(const std::map<std::string, std::string>& attributes, const std::string& of = "work") {
        const auto changed = sqs->set_attributes(queue(of), attributes);
        return changed ? "" : changed.error().code + ": " + changed.error().message;
    }
    bool has(const std::string& name) { return sqs->attributes(queue("work"), {name}).value().contains(name); }
};

// ---- fair queues ----------------------------------------------------------------------------------------------------

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
TEST_F(Queue_Rules_Test, quiet_tenants_precede_a_noisy_one) {
    for (int number = 0; number < 100; ++number) try_send("work", "noisy", "noisy").value();
    for (int batch = 0; batch < 3; ++batch) EXPECT_EQ(bodies("work").size(), 10U);
    try_send("work", "quiet", "quiet").value();
    try_send("work", "none").value();
    const Strings next = bodies("work", {.max = 3});
    EXPECT_EQ(next, (Strings{"noisy", "quiet", "none"})) << "in the order of arrival";
    EXPECT_EQ(bodies("work", {.max = 1}), Strings{"noisy"}) << "nothing else is waiting";
}

TEST_F(Queue_Rules_Test, noisy_tenants_share_the_consumers) {
    for (int number = 0; number < 80; ++number) try_send("work", "a", "a").value();
    for (int number = 0; number < 60; ++number) try_send("work", "b", "b").value();
    for (int batch = 0; batch < 7; ++batch) bodies("work");  // 30 of a, then 30 of b, then 10 of a
    EXPECT_EQ(bodies("work", {.max = 1}), Strings{"b"});
}

TEST_F(Queue_Rules_Test, tenants_are_received_in_order_of_arrival) {
    for (const char* body : {"a1", "b1", "a2", "c1", "b2"}) try_send("work", body, std::string(1, *body)).value();
    EXPECT_EQ(bodies("work", {.max = 2}), (Strings{"a1", "b1"}));
    EXPECT_EQ(bodies("work"), (Strings{"a2", "c1", "b2"}));
}

// ---- permissions ----------------------------------------------------------------------------------------------------

// Recorded: test_sqs_permission_lifecycle
TEST_F(Queue_Rules_Test, permission_is_a_statement_of_the_policy) {
    const Permission permission{"label", {"111122223333"}, {"ReceiveMessage"}};
    const std::string policy = with_permission(queue("work"), permission).value();
    EXPECT_EQ(Json::parse(policy),
              Json::parse(R"({"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:000000000000:work/SQSDefaultPolicy",
                              "Statement":[{"Sid":"label","Effect":"Allow",
                                            "Principal":{"AWS":"arn:aws:iam::111122223333:root"},
                                            "Action":"SQS:ReceiveMessage",
                                            "Resource":"arn:aws:sqs:us-east-1:000000000000:work"}]})"));
    ASSERT_EQ(set({{"Policy", policy}}), "");
    EXPECT_EQ(with_permission(queue("work"), permission).error().message,
              "Value label for parameter Label is invalid. Reason: Already exists.");
    EXPECT_EQ(without_permission(queue("work"), "other").error().message,
              "Value other for parameter Label is invalid. Reason: can't find label.");
    EXPECT_EQ(without_permission(queue("work"), "label").value(), "");
}

TEST_F(Queue_Rules_Test, several_values_of_a_permission_are_lists) {
    ASSERT_EQ(set({{"Policy", R"({"Statement":{"Sid":"own"}})"}}), "");
    const Json policy = Json::parse(
        with_permission(queue("work"), {"label", {"111122223333", "444455556666"}, {"SendMessage", "*"}}).value());
    ASSERT_EQ(policy["Statement"].size(), 2U) << "the statement of the user stays";
    EXPECT_EQ(policy["Statement"][1]["Principal"]["AWS"].size(), 2U);
    EXPECT_EQ(policy["Statement"][1]["Action"], (Json{"SQS:SendMessage", "SQS:*"}));
}

TEST_F(Queue_Rules_Test, invalid_permissions_are_rejected) {
    const auto code = [&](const Permission& permission) {
        return with_permission(queue("work"), permission).error().code;
    };
    EXPECT_EQ(code({"a b", {"111122223333"}, {"*"}}), "InvalidParameterValue");
    EXPECT_EQ(code({"label", {"111122223333"}, {}}), "MissingParameter");
    EXPECT_EQ(code({"label", {"111122223333"}, Strings(8, "SendMessage")}), "OverLimit");
    EXPECT_EQ(code({"label", {}, {"*"}}), "InvalidParameterValue");
    EXPECT_EQ(code({"label", {"me"}, {"*"}}), "InvalidParameterValue");
    EXPECT_EQ(code({"label", {"111122223333"}, {"CreateQueue"}}), "InvalidParameterValue");
}

// ---- attributes -----------------------------------------------------------------------------------------------------

// Recorded: test_set_queue_attributes_default_values, test_sse_kms_and_sqs_are_mutually_exclusive
TEST_F(Queue_Rules_Test, queue_has_one_kind_of_encryption) {
    EXPECT_EQ(attribute("work", "SqsManagedSseEnabled"), "true");
    ASSERT_EQ(set({{"KmsMasterKeyId", "key"}}), "");
    EXPECT_EQ(attribute("work", "SqsManagedSseEnabled"), "false");
    EXPECT_EQ(attribute("work", "KmsDataKeyReusePeriodSeconds"), "300");
    EXPECT_EQ(set({{"KmsMasterKeyId", "key"}, {"SqsManagedSseEnabled", "true"}}),
              "InvalidAttributeName: You can use one type of server-side encryption (SSE) at one time. You can either "
              "enable KMS SSE or SQS SSE.");
    ASSERT_EQ(set({{"KmsMasterKeyId", ""}, {"KmsDataKeyReusePeriodSeconds", "300"}}), "");
    EXPECT_FALSE(has("KmsMasterKeyId") || has("KmsDataKeyReusePeriodSeconds"));
    EXPECT_EQ(attribute("work", "SqsManagedSseEnabled"), "false");
    ASSERT_EQ(set({{"SqsManagedSseEnabled", "True"}}), "");
    EXPECT_EQ(attribute("work", "SqsManagedSseEnabled"), "true");
}

TEST_F(Queue_Rules_Test, dead_letter_queue_permits_its_sources) {
    const std::string dead = make("dead").arn;
    const std::string policy = R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":3})";
    ASSERT_EQ(set({{"RedriveAllowPolicy", R"({"redrivePermission":"denyAll"})"}}, "dead"), "");
    EXPECT_NE(set({{"RedrivePolicy", policy}}), "");
    ASSERT_EQ(set({{"RedriveAllowPolicy",
                    R"({"redrivePermission":"byQueue","sourceQueueArns":[")" + queue("work").arn + R"("]})"}},
                  "dead"),
              "");
    EXPECT_EQ(set({{"RedrivePolicy", policy}}), "");
    const std::string with_text = R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":"3"})";
    EXPECT_EQ(set({{"RedrivePolicy", with_text}}), "");
    EXPECT_EQ(attribute("work", "RedrivePolicy"), policy) << "a count in a string becomes a number";
    EXPECT_EQ(set({{"RedrivePolicy", ""}}), "") << "Recorded: test_set_empty_redrive_policy";
    EXPECT_FALSE(has("RedrivePolicy"));
}

TEST_F(Queue_Rules_Test, tags_are_limited) {
    const auto tag = [&](const std::string& key, const std::string& value) {
        return sqs->tag(queue("work"), {{key, value}}).has_value();
    };
    EXPECT_FALSE(tag("", "v") || tag(std::string(129, 'k'), "v") || tag("k", std::string(257, 'v')));
    for (int number = 0; number < 50; ++number) ASSERT_TRUE(tag(std::to_string(number), ""));
    EXPECT_FALSE(tag("one more", "v"));
    EXPECT_TRUE(tag("49", "changed"));
}

}  // namespace
}  // namespace osbot_aws::services
