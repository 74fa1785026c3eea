#include "services/iam/iam.hpp"

#include <gmock/gmock.h>

#include <osbot_aws/core/Json.hpp>
#include "base/encoding.hpp"
#include "services/sts/sts.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string trust_in_lambda =
    R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}})";
const std::string document =
    R"({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}})";
const std::string allow_all =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})";
const std::string basic_execution = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

struct Iam_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Iam iam{context};

    Iam restarted() {
        Iam again{context};
        again.load();
        return again;
    }
    Account account;

    Role create(const std::string& name) {
        return iam.create_role(account, {.name = name, .trust_policy = trust_in_lambda}).value();
    }
};

TEST_F(Iam_Test, created_role_is_found_by_name_and_by_arn) {
    const auto role =
        iam.create_role(account, {.name = "r", .path = "/team/", .trust_policy = trust_in_lambda}).value();

    EXPECT_EQ(role.arn, "arn:aws:iam::000000000000:role/team/r");
    EXPECT_EQ(role.id.substr(0, 4), "AROA");
    EXPECT_EQ(role.id.size(), 21U);
    EXPECT_EQ(iam.role(account, "r").value().arn, role.arn);
    ASSERT_NE(iam.role_by_arn(role.arn), nullptr);
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::000000000000:role/r"), nullptr) << "the path is part of the name";
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::111111111111:role/team/r"), nullptr);
    EXPECT_EQ(iam.role_by_arn("nonsense"), nullptr);
}

TEST_F(Iam_Test, errors_match_the_service) {
    create("r");
    EXPECT_THAT(iam.create_role(account, {.name = "r", .trust_policy = trust_in_lambda}),
                Fails_with_message("EntityAlreadyExists", "Role with name r already exists."));
    EXPECT_THAT(iam.role(account, "none"),
                Fails_with_message("NoSuchEntity", "The role with name none cannot be found."));
    EXPECT_THAT(iam.create_role(account, {.name = "x", .trust_policy = "{"}), Fails_with("MalformedPolicyDocument"));
    EXPECT_THAT(iam.create_role(account, {.name = "a b", .trust_policy = trust_in_lambda}),
                Fails_with("ValidationError"));
    EXPECT_THAT(iam.attach(account, "r", "arn:aws:iam::000000000000:policy/none"), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.detach(account, "r", basic_execution), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.inline_document(account, "r", "none"),
                Fails_with_message("NoSuchEntity", "The role policy with name none cannot be found."));
    EXPECT_THAT(iam.delete_policy(account, basic_execution), Fails_with("AccessDenied"));
}

TEST_F(Iam_Test, role_or_policy_in_use_cannot_be_deleted) {
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

TEST_F(Iam_Test, state_survives_a_restart_and_is_removed_by_clear) {
    create("r");
    iam.attach(account, "r", basic_execution).value();
    iam.put_inline(account, "r", "inline", document).value();
    iam.create_policy(account, {.name = "p", .document = document}).value();

    Iam again = restarted();
    EXPECT_THAT(again.role(account, "r").value().attached, ElementsAre(basic_execution));
    EXPECT_EQ(again.inline_document(account, "r", "inline").value(), document);
    EXPECT_THAT(again.policies(account, "/"), SizeIs(1));

    store->clear();
    again.clear();
    EXPECT_THAT(again.roles(account, "/"), IsEmpty());
    EXPECT_THAT(restarted().roles(account, "/"), IsEmpty());
}

TEST_F(Iam_Test, accounts_are_separate_and_regions_are_shared) {
    create("r");
    EXPECT_THAT(iam.role({.id = "111111111111"}, "r"), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.role({.id = account.id, .region = "eu-west-1"}, "r"), Succeeds());
}

TEST_F(Iam_Test, update_role_changes_only_the_given_fields) {
    create("r");
    iam.update_role(account, {.name = "r", .description = "mine", .session_s_max = {}}).value();
    const auto role = iam.update_role(account, {.name = "r", .description = {}, .session_s_max = 7200}).value();
    EXPECT_EQ(role.description, "mine");
    EXPECT_EQ(role.session_s_max, 7200);
    EXPECT_THAT(iam.update_role(account, {.name = "none", .description = {}, .session_s_max = {}}),
                Fails_with("NoSuchEntity"));
}

TEST_F(Iam_Test, invalid_documents_fail_as_in_the_service) {
    const auto trust = [&](const std::string& text) {
        return iam.create_role(account, {.name = "t", .trust_policy = text});
    };
    const auto with = [](const std::string& statement) {
        return R"({"Version": "2012-10-17", "Statement": [)" + statement + "]}";
    };
    const auto malformed = [](const std::string& message) {
        return Fails_with_message("MalformedPolicyDocument", message);
    };
    EXPECT_THAT(trust("{"), malformed("This policy contains invalid Json"));
    EXPECT_THAT(trust(R"({"Version": "2012-10-17"})"), malformed("Syntax errors in policy."));
    EXPECT_THAT(trust(R"({"Version": "2012-10-17", "Statement": []})"), malformed("Syntax errors in policy."));
    EXPECT_THAT(trust(R"({"Version": "2013-01-01", "Statement": {}})"), malformed("Syntax errors in policy."));
    EXPECT_THAT(trust(with(R"({"Effect": "Allow", "Action": "sts:AssumeRole"})")),
                malformed("Missing required field Principal"));
    EXPECT_THAT(trust(with(R"({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"})")),
                malformed("Has prohibited field Resource"));

    const auto policy = [&](const std::string& text) {
        return iam.create_policy(account, {.name = "p", .document = text});
    };
    EXPECT_THAT(policy(with(R"({"Effect": "Allow", "Resource": "*"})")),
                malformed("Policy statement must contain actions."));
    EXPECT_THAT(policy(with(R"({"Effect": "Allow", "Action": "s3:*"})")),
                malformed("Policy statement must contain resources."));
    EXPECT_THAT(policy(with(R"({"Effect": "Maybe", "Action": "s3:*", "Resource": "*"})")),
                malformed("Syntax errors in policy."));
    EXPECT_THAT(policy(with(R"({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"})")),
                malformed("Policy document should not specify a principal."));
}

TEST_F(Iam_Test, exceeded_limits_name_the_quota_of_the_service) {
    create("r");
    const auto limit = [](const std::string& message) { return Fails_with_message("LimitExceeded", message); };
    const auto of_size = [](std::size_t size, std::string text = document) {
        std::erase(text, ' ');  // white space does not count
        text.insert(text.size() - 1, R"(,"Id":"")");
        return text.insert(text.size() - 2, size - text.size(), 'x');
    };
    EXPECT_THAT(iam.update_trust_policy(account, "r", of_size(2048, trust_in_lambda)), Succeeds());
    EXPECT_THAT(iam.update_trust_policy(account, "r", of_size(2049, trust_in_lambda)),
                limit("Cannot exceed quota for ACLSizePerRole: 2048"));
    EXPECT_THAT(iam.create_policy(account, {.name = "big", .document = of_size(6145)}),
                limit("Cannot exceed quota for PolicySize: 6144"));
    iam.put_inline(account, "r", "one", of_size(10'000)).value();
    EXPECT_THAT(iam.put_inline(account, "r", "two", of_size(241)),
                limit("Maximum policy size of 10240 bytes exceeded for role r"));
    EXPECT_THAT(iam.put_inline(account, "r", "two", of_size(240)), Succeeds());
    EXPECT_THAT(iam.put_inline(account, "r", "one", of_size(9'000)), Succeeds()) << "replaced, not added";

    for (int i = 0; i < 10; ++i) iam.attach(account, "r", Iam::aws_policies()[static_cast<std::size_t>(i)].arn).value();
    EXPECT_THAT(iam.attach(account, "r", Iam::aws_policies()[10].arn),
                limit("Cannot exceed quota for PoliciesPerRole: 10"));
}

TEST_F(Iam_Test, tag_keys_are_case_insensitive) {
    create("r");
    iam.tag_role(account, "r", {{"Team", "a"}, {"cost", "1"}}).value();
    iam.tag_role(account, "r", {{"team", "b"}}).value();
    EXPECT_EQ(iam.role(account, "r").value().tags, (Tags{{"team", "b"}, {"cost", "1"}}));
    iam.untag_role(account, "r", {"COST", "never there"}).value();
    EXPECT_THAT(iam.role(account, "r").value().tags, SizeIs(1));

    EXPECT_THAT(iam.tag_role(account, "r", {{"a", ""}, {"A", ""}}), Fails_with("InvalidInput"));
    Tags many;
    for (int i = 0; i < 50; ++i) many.emplace_back(std::to_string(i), "");
    EXPECT_THAT(iam.tag_role(account, "r", many), Fails_with("LimitExceeded"));
    EXPECT_THAT(iam.role(account, "r").value().tags, SizeIs(1)) << "adds all tags or none";
}

TEST_F(Iam_Test, policy_has_at_most_five_versions_and_one_default) {
    const auto arn = iam.create_policy(account, {.name = "p", .document = document}).value().arn;
    EXPECT_EQ(iam.create_version(account, arn, allow_all, true).value().number, 2);
    EXPECT_EQ(iam.policy(account, arn).value().default_version, 2);
    for (int i = 3; i <= 5; ++i) iam.create_version(account, arn, document, false).value();
    EXPECT_THAT(iam.create_version(account, arn, document, false), Fails_with("LimitExceeded"));

    EXPECT_THAT(iam.delete_version(account, arn, "v2"),
                Fails_with_message("DeleteConflict", "Cannot delete the default version of a policy."));
    iam.delete_version(account, arn, "v5").value();
    EXPECT_EQ(iam.create_version(account, arn, document, false).value().number, 6) << "numbers are never reused";
    EXPECT_THAT(iam.version(account, arn, "v5"), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.version(account, arn, "2"), Fails_with("NoSuchEntity"));
    iam.set_default_version(account, arn, "v1").value();

    const Iam again = restarted();
    const auto policy = again.policy(account, arn).value();
    EXPECT_EQ(policy.default_version, 1);
    EXPECT_EQ(policy.versions.size(), 5U);
    EXPECT_EQ(again.version(account, arn, "v2").value().document, allow_all);
    EXPECT_THAT(iam.delete_policy(account, arn), Fails_with("DeleteConflict"));
    for (const auto* version : {"v2", "v3", "v4", "v6"}) iam.delete_version(account, arn, version).value();
    EXPECT_THAT(iam.delete_policy(account, arn), Succeeds());
}

TEST_F(Iam_Test, policy_used_as_a_boundary_cannot_be_deleted) {
    create("r");
    const auto arn = iam.create_policy(account, {.name = "p", .document = document}).value().arn;
    iam.set_permissions_boundary(account, "r", arn).value();
    EXPECT_THAT(iam.bounded_by(account, arn), SizeIs(1));
    EXPECT_THAT(iam.attached_to(account, arn), IsEmpty());
    EXPECT_THAT(iam.delete_policy(account, arn), Fails_with("DeleteConflict"));
    EXPECT_EQ(restarted().role(account, "r").value().permissions_boundary, arn);
    iam.set_permissions_boundary(account, "r", "").value();
    EXPECT_THAT(iam.set_permissions_boundary(account, "r", ""), Fails_with("NoSuchEntity"));
    EXPECT_THAT(iam.set_permissions_boundary(account, "r", arn + "x"), Fails_with("NoSuchEntity"));
}

TEST_F(Iam_Test, policy_record_without_versions_loads_as_version_1) {
    const auto arn = "arn:aws:iam::000000000000:policy/old";
    const Json record{
        {"account", account.id}, {"name", "old"},     {"id", "ANPAX"},         {"arn", arn},
        {"path", "/"},           {"description", ""}, {"document", allow_all}, {"created_at", "2026-01-01T00:00:00Z"}};
    store->put("iam_policy", arn, record.dump());
    Iam again = restarted();
    EXPECT_EQ(again.version(account, arn, "v1").value().document, allow_all);
}

TEST(Aws_Policies_Test, aws_policies_have_valid_documents_and_arns) {
    EXPECT_THAT(Iam::aws_policies(), SizeIs(testing::Ge(30U)));
    for (const auto& policy : Iam::aws_policies()) {
        EXPECT_EQ(bad_identity_policy(policy.versions.at(0).document), std::nullopt) << policy.name;
        EXPECT_EQ(policy.arn, "arn:aws:iam::aws:policy" + policy.path + policy.name);
        EXPECT_EQ(policy.id.size(), 21U) << policy.name;
    }
}

// ---- STS ----

struct Sts_Test : Iam_Test {
    Sts sts{context, iam};
    Role role = create("r");

    Result<Assumed_Role> assume(const Assume_Role& request, const std::string& token = "") {
        return sts.assume(account, request, token);
    }
};

TEST_F(Sts_Test, assumed_role_is_the_caller_of_later_requests) {
    const auto assumed = sts.assume({.id = "111111111111"}, {.role_arn = role.arn, .session = "session"}).value();
    EXPECT_EQ(account_of_session_key(assumed.access_key_id), account.id);
    EXPECT_EQ(assumed.arn, "arn:aws:sts::000000000000:assumed-role/r/session");
    EXPECT_EQ(assumed.id, role.id + ":session");

    const auto caller = sts.caller(account, assumed.session_token).value();
    EXPECT_EQ(caller.arn, assumed.arn);
    EXPECT_EQ(caller.user_id, assumed.id);
    EXPECT_EQ(sts.caller(account).value().arn, "arn:aws:iam::000000000000:root");
    EXPECT_EQ(sts.caller(account, "a token from AWS").value().arn, "arn:aws:iam::000000000000:root");
}

TEST_F(Sts_Test, session_token_expires) {
    const auto token = assume({.role_arn = role.arn, .session = "session", .duration_s = 900}).value().session_token;
    loop.fake_clock.time += std::chrono::seconds{900};
    EXPECT_THAT(sts.caller(account, token), Fails_with("ExpiredToken"));
    EXPECT_THAT(assume({.role_arn = role.arn, .session = "again"}, token), Fails_with("ExpiredToken"));
}

TEST_F(Sts_Test, modified_token_is_ignored) {
    auto token = assume({.role_arn = role.arn, .session = "session"}).value().session_token;
    token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sts.caller(account, token).value().is_session);
    EXPECT_EQ(read_session_token(Keys{}, token), std::nullopt);
}

TEST_F(Sts_Test, assume_role_errors_match_the_service) {
    const auto fails_with = [](const std::string& message) { return Fails_with_message("ValidationError", message); };
    const std::string none = "arn:aws:iam::000000000000:role/none";
    EXPECT_THAT(assume({.role_arn = none, .session = "session"}),
                Fails_with_message("AccessDenied",
                                   "User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole "
                                   "on resource: " +
                                       none));
    EXPECT_THAT(assume({.role_arn = "r", .session = "session"}), Fails_with("ValidationError"));
    EXPECT_THAT(assume({.role_arn = std::string(20, 'r'), .session = "session"}),
                fails_with("rrrrrrrrrrrrrrrrrrrr is invalid"));
    EXPECT_THAT(assume({.role_arn = role.arn, .session = "session", .duration_s = 3601}),
                fails_with("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));

    iam.update_role(account, {.name = "r", .description = {}, .session_s_max = 7200}).value();
    const auto token = assume({.role_arn = role.arn, .session = "session", .duration_s = 7200}).value().session_token;
    EXPECT_THAT(assume({.role_arn = role.arn, .session = "chained", .duration_s = 3601}, token),
                fails_with("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
                           "chaining."));
    EXPECT_THAT(assume({.role_arn = role.arn, .session = "chained"}, token), Succeeds());
}

TEST_F(Sts_Test, role_records_its_last_use) {
    EXPECT_EQ(iam.role(account, "r").value().last_used_at, "");
    sts.assume({.id = account.id, .region = "eu-west-1"}, {.role_arn = role.arn, .session = "session"}).value();
    EXPECT_EQ(restarted().role(account, "r").value().last_used_region, "eu-west-1");
    EXPECT_NE(iam.role(account, "r").value().last_used_at, "");
}

TEST_F(Sts_Test, session_token_is_for_accounts_not_for_role_sessions) {
    const auto session = sts.session_token(account, std::nullopt).value();
    EXPECT_EQ(sts.caller(account, session.session_token).value().arn, "arn:aws:iam::000000000000:root");
    const auto token = assume({.role_arn = role.arn, .session = "session"}).value().session_token;
    EXPECT_THAT(sts.session_token(account, std::nullopt, token),
                Fails_with_message("AccessDenied", "Cannot call GetSessionToken with session credentials"));
}

TEST_F(Sts_Test, web_identity_is_read_from_the_token) {
    const auto jwt = [&](const std::string& claims) {
        auto payload = base::base64_encode(claims);
        while (payload.ends_with('=')) payload.pop_back();
        return "e30." + payload + ".signature";
    };
    const Assume_Role request{.role_arn = role.arn, .session = "web"};
    const auto assumed =
        sts.assume_with_web_identity(account, request, jwt(R"({"iss": "https://idp", "sub": "me", "aud": ["app"]})"))
            .value();
    EXPECT_EQ(assumed.subject, "me");
    EXPECT_EQ(assumed.audience, "app");
    EXPECT_EQ(assumed.provider, "https://idp");
    EXPECT_EQ(sts.caller(account, assumed.session_token).value().arn, "arn:aws:sts::000000000000:assumed-role/r/web");
    EXPECT_THAT(sts.assume_with_web_identity(account, request, "no token"), Fails_with("InvalidIdentityToken"));
    EXPECT_THAT(sts.assume_with_web_identity(account, request, jwt("{}")), Fails_with("InvalidIdentityToken"));
    EXPECT_THAT(sts.assume_with_web_identity(account, request, jwt(R"({"iss": "i", "sub": "s", "exp": 1})")),
                Fails_with("ExpiredTokenException"));
}

TEST_F(Sts_Test, access_key_maps_to_its_account) {
    EXPECT_EQ(sts.account_of_key("111111111111").value(), "111111111111");
    EXPECT_EQ(sts.account_of_key("AKIAIOSFODNN7EXAMPLE").value(), "000000000000");
    EXPECT_THAT(sts.account_of_key("short"), Fails_with("ValidationError"));
}

}  // namespace
}  // namespace osbot_aws::services
