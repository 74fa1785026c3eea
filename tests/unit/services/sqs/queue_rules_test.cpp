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

TEST_F(Queue_Rules_Test, tenant_is_quiet_when_others_have_more_in_flight) {
    for (int number = 0; number < 31; ++number) try_send("work", "a", "a").value();
    for (int batch = 0; batch < 3; ++batch) bodies("work");  // 30 of a: it is noisy
    for (int number = 0; number < 270; ++number) try_send("work", "other", std::to_string(number % 27)).value();
    for (int batch = 0; batch < 27; ++batch) bodies("work");  // a has a tenth of 300
    try_send("work", "late", "late").value();
    EXPECT_EQ(bodies("work", {.max = 1}), Strings{"a"}) << "the oldest";
}

TEST_F(Queue_Rules_Test, tenants_are_received_in_order_of_arrival) {
    for (const char* body : {"a1", "b1", "a2", "c1", "b2"}) try_send("work", body, std::string(1, *body)).value();
    EXPECT_EQ(bodies("work", {.max = 2}), (Strings{"a1", "b1"}));
    EXPECT_EQ(bodies("work"), (Strings{"a2", "c1", "b2"}));
}

// ---- permissions ----------------------------------------------------------------------------------------------------

std::string statement_of(const std::string& sid) {
    return R"({"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Sid":")" + sid + "\"}";
}

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
    ASSERT_EQ(set({{"Policy", R"({"Statement":)" + statement_of("own") + "}"}}), "");
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

TEST_F(Queue_Rules_Test, policy_above_the_limit_takes_no_permission) {
    Json policy{{"Statement", Json::array()}};
    for (int number = 0; number < 25; ++number)
        policy["Statement"].push_back(Json::parse(statement_of(std::to_string(number))));
    ASSERT_EQ(set({{"Policy", policy.dump()}}), "");
    EXPECT_EQ(with_permission(queue("work"), {"label", {"111122223333"}, {"*"}}).error().code, "OverLimit");
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

TEST_F(Queue_Rules_Test, text_that_xml_cannot_contain_is_rejected) {
    for (const char* invalid : {"a\x01", "a\xEF\xBF\xBE"}) {
        EXPECT_EQ(set({{"KmsMasterKeyId", invalid}}),
                  "InvalidAttributeValue: Invalid value for the parameter KmsMasterKeyId.");
        EXPECT_FALSE(sqs->tag(queue("work"), {{invalid, "v"}}));
        EXPECT_FALSE(sqs->tag(queue("work"), {{"k", invalid}}));
        const auto send_with = [&](const std::string& name, const std::string& type) {
            return sqs
                ->send(queue("work"),
                       {.body = "x", .attributes = {{name, {type, "v"}}}, .trace_header = {}, .delay = {}})
                .has_value();
        };
        EXPECT_FALSE(send_with("name", std::string("String.") + invalid));
        EXPECT_FALSE(send_with(invalid, "String"));
        EXPECT_TRUE(send_with("name", "String.a"));
    }
}

TEST_F(Queue_Rules_Test, dead_letter_queue_has_the_account_and_region) {
    const auto set_target = [&](const Account& owner) {
        const Queue& dead = *sqs->create(owner, "dead", {}, {}).value();
        return set({{"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead.arn + R"(","maxReceiveCount":3})"}});
    };
    EXPECT_TRUE(set_target({"111122223333", account.region})
                    .ends_with("Dead-letter target owner should be same as the source."));
    EXPECT_TRUE(set_target({account.id, "eu-west-1"}).ends_with("Dead letter target does not exist."));
    EXPECT_EQ(set_target(account), "");
}

// Earlier versions of the engine stored any text.
TEST_F(Queue_Rules_Test, unreadable_redrive_permission_allows_all) {
    const std::string dead = make("dead", {{"RedriveAllowPolicy", R"({"redrivePermission":"denyAll"})"}}).arn;
    for (const char* old :
         {"text", "[]", R"({"redrivePermission":1})", R"({"redrivePermission":"byQueue","sourceQueueArns":1})"}) {
        for (const auto& record : store->load("sqs.queue")) {
            Json stored = Json::parse(record.value);
            if (stored["name"] == "dead") stored["attributes"]["RedriveAllowPolicy"] = old;
            store->put("sqs.queue", record.key, stored.dump());
        }
        restart();
        EXPECT_EQ(set({{"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":3})"}}), "")
            << old;
    }
}

TEST_F(Queue_Rules_Test, purge_is_limited_after_a_restart) {
    ASSERT_TRUE(sqs->purge(queue("work")));
    restart();
    EXPECT_EQ(sqs->purge(queue("work")).error().code, "PurgeQueueInProgress");
    loop.advance(seconds{60});
    EXPECT_TRUE(sqs->purge(queue("work")));
}

// Otherwise one request would block all others while it moves a large queue.
TEST_F(Queue_Rules_Test, receive_moves_at_most_100_dead_letters) {
    const std::string dead = make("dead").arn;
    ASSERT_EQ(set({{"RedrivePolicy", R"({"deadLetterTargetArn":")" + dead + R"(","maxReceiveCount":1})"}}), "");
    for (int number = 0; number < 150; ++number) try_send("work", "x").value();
    for (int batch = 0; batch < 15; ++batch) receive("work", {.max = 10, .visibility = seconds{1}});
    loop.advance(seconds{2});
    EXPECT_TRUE(receive("work").empty());
    EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "100");
    EXPECT_TRUE(receive("work").empty());
    EXPECT_EQ(attribute("dead", "ApproximateNumberOfMessages"), "150");
}

}  // namespace
}  // namespace osbot_aws::services
