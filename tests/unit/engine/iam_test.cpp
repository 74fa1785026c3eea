#include "engine/iam/iam.hpp"

#include <gmock/gmock.h>

#include "engine/sts/sts.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string document = R"({"Version": "2012-10-17", "Statement": []})";
const std::string basic_execution = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

struct Iam_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Iam iam{context};
    Account account;

    Role create(const std::string& name) {
        return iam.create_role(account, {.name = name, .trust_policy = document}).value();
    }
};

TEST_F(Iam_Test, create_role_answers_what_role_and_role_by_arn_then_find) {
    const auto role = iam.create_role(account, {.name = "r", .path = "/team/", .trust_policy = document}).value();

    EXPECT_EQ(role.arn, "arn:aws:iam::000000000000:role/team/r");
    EXPECT_EQ(role.id.substr(0, 4), "AROA");
    EXPECT_EQ(role.id.size(), 21U);
    EXPECT_EQ(iam.role(account, "r").value().arn, role.arn);
    ASSERT_NE(iam.role_by_arn(role.arn), nullptr);
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::000000000000:role/r"), nullptr) << "the path is part of the name";
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::111111111111:role/team/r"), nullptr);
    EXPECT_EQ(iam.role_by_arn("nonsense"), nullptr);
}

TEST_F(Iam_Test, errors_are_in_the_words_of_the_service) {
    create("r");
    EXPECT_THAT(iam.create_role(account, {.name = "r", .trust_policy = document}),
                Fails_with_message("EntityAlreadyExists", "Role with name r already exists."));
    EXPECT_THAT(iam.role(account, "none"),
                Fails_with_message("NoSuchEntity", "The role with name none cannot be found."));
    EXPECT_THAT(iam.create_role(account, {.name = "x", .trust_policy = "{"}), Fails_with("MalformedPolicyDocument"));
    EXPECT_THAT(iam.create_role(account, {.name = "a b", .trust_policy = document}), Fails_with("ValidationError"));
    EXPECT_THAT(iam.create_role(account, {.name = std::string(65, 'x'), .trust_policy = document}),
                Fails_with("ValidationError"));
    EXPECT_THAT(iam.attach(account, "r", "arn:aws:iam::000000000000:policy/none"), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.detach(account, "r", basic_execution), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.inline_document(account, "r", "none"),
                Fails_with_message("NoSuchEntity", "The role policy with name none cannot be found."));
    EXPECT_THAT(iam.delete_policy(account, basic_execution), Fails_with("AccessDenied"));
}

TEST_F(Iam_Test, a_role_or_policy_in_use_can_not_be_deleted) {
    create("r");
    const auto policy = iam.create_policy(account, {.name = "p", .document = document}).value();
    iam.attach(account, "r", policy.arn).value();
    iam.attach(account, "r", policy.arn).value();  // again: nothing changes
    iam.put_inline(account, "r", "inline", document).value();

    EXPECT_THAT(iam.attached(account, "r").value(), SizeIs(1));
    EXPECT_THAT(iam.delete_policy(account, policy.arn), Fails_with("DeleteConflict"));
    EXPECT_THAT(iam.delete_role(account, "r"), Fails_with("DeleteConflict"));
    iam.detach(account, "r", policy.arn).value();
    EXPECT_THAT(iam.delete_role(account, "r"), Fails_with("DeleteConflict"));
    iam.delete_inline(account, "r", "inline").value();
    EXPECT_THAT(iam.delete_role(account, "r"), Succeeds());
    EXPECT_THAT(iam.delete_policy(account, policy.arn), Succeeds());
    EXPECT_THAT(iam.roles(account, "/"), IsEmpty());
}

TEST_F(Iam_Test, everything_is_there_after_a_restart_and_gone_after_a_clear) {
    create("r");
    iam.attach(account, "r", basic_execution).value();
    iam.put_inline(account, "r", "inline", document).value();
    iam.create_policy(account, {.name = "p", .document = document}).value();

    Iam again{context};
    EXPECT_THAT(again.role(account, "r").value().attached, ElementsAre(basic_execution));
    EXPECT_EQ(again.inline_document(account, "r", "inline").value(), document);
    EXPECT_THAT(again.policies(account, "/"), SizeIs(1));

    store->clear();
    again.clear();
    EXPECT_THAT(again.roles(account, "/"), IsEmpty());
    EXPECT_THAT(Iam{context}.roles(account, "/"), IsEmpty());
}

TEST_F(Iam_Test, accounts_do_not_see_each_other_and_regions_do) {
    create("r");
    EXPECT_THAT(iam.role({.id = "111111111111"}, "r"), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.role({.id = account.id, .region = "eu-west-1"}, "r"), Succeeds());
}

TEST_F(Iam_Test, sts_gives_credentials_of_the_account_of_the_role) {
    const auto role = create("r");
    const Sts sts{context, iam};

    const auto assumed = sts.assume({.id = "111111111111"}, role.arn, "session").value();
    EXPECT_EQ(assumed.access_key_id, account.id);
    EXPECT_EQ(assumed.arn, "arn:aws:sts::000000000000:assumed-role/r/session");
    EXPECT_EQ(assumed.id, role.id + ":session");
    EXPECT_THAT(sts.assume(account, "arn:aws:iam::000000000000:role/none", "session"), Fails_with("AccessDenied"));
    EXPECT_THAT(sts.assume(account, role.arn, "s"), Fails_with("ValidationError"));
    EXPECT_THAT(sts.assume(account, role.arn, "session", 43'200), Fails_with("ValidationError"));
    EXPECT_EQ(sts.caller(account).arn, "arn:aws:iam::000000000000:root");
}

}  // namespace
}  // namespace osbot_aws::engine
