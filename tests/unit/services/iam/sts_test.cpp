#include "services/sts/sts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "support/iam_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Succeeds;
using testing::StartsWith;

const std::string role_arn = "arn:aws:iam::000000000000:role/r",
                  session_arn = "arn:aws:sts::000000000000:assumed-role/r/";

struct Sts_Test : test_support::Iam_World {
    Sts_Test() { create_role("r"); }

    Result<Json> assume(Json input = Json::object()) {
        Json all{{"RoleArn", role_arn}, {"RoleSessionName", "session"}};
        all.update(input);
        return sts_call("AssumeRole", all);
    }
    /// Sends later calls with the credentials of an output.
    void use(const Json& output) { as(output["Credentials"]["AccessKeyId"], output["Credentials"]["SessionToken"]); }
    Result<Json> identity() { return sts_call("GetCallerIdentity"); }
    std::string arn() { return identity().value()["Arn"]; }
    /// Creates a user and sends later calls with an access key of it.
    void use_user(const std::string& name) {
        create_user(name);
        as(done("CreateAccessKey", {{"UserName", name}})["AccessKey"]["AccessKeyId"]);
    }
};

TEST_F(Sts_Test, assumed_role_is_the_caller_of_later_requests) {
    const std::string role_id = done("GetRole", {{"RoleName", "r"}})["Role"]["RoleId"];
    account.id = "111111111111";
    const Json assumed = assume().value();
    EXPECT_THAT(assumed["Credentials"]["AccessKeyId"].get<std::string>(), StartsWith("ASIA"));
    EXPECT_EQ(account_of_key(assumed["Credentials"]["AccessKeyId"].get<std::string>()), "000000000000");
    EXPECT_EQ(assumed["AssumedRoleUser"],
              Json({{"Arn", session_arn + "session"}, {"AssumedRoleId", role_id + ":session"}}));

    use(assumed);
    EXPECT_EQ(identity().value(),
              Json({{"Account", "000000000000"}, {"Arn", session_arn + "session"}, {"UserId", role_id + ":session"}}));
    as("AKIAIOSFODNN7EXAMPLE", "a token from AWS");
    EXPECT_EQ(arn(), "arn:aws:iam::111111111111:root");
}

TEST_F(Sts_Test, user_is_the_caller_with_its_access_key) {
    use_user("u");
    EXPECT_EQ(arn(), "arn:aws:iam::000000000000:user/u");
    EXPECT_THAT(identity().value()["UserId"].get<std::string>(), StartsWith("AIDA"));
    use(sts_call("GetSessionToken").value());
    EXPECT_EQ(arn(), "arn:aws:iam::000000000000:user/u");
    EXPECT_THAT(sts_call("GetSessionToken"),
                Fails_with_message("AccessDenied", "Cannot call GetSessionToken with session credentials"));
}

TEST_F(Sts_Test, session_follows_a_renamed_user) {
    use_user("u");
    const Json session = sts_call("GetSessionToken").value();
    done("UpdateUser", {{"UserName", "u"}, {"NewUserName", "v"}});
    use(session);
    EXPECT_EQ(arn(), "arn:aws:iam::000000000000:user/v");
}

TEST_F(Sts_Test, session_of_a_deleted_role_is_invalid) {
    const Json session = assume().value();
    done("DeleteRole", {{"RoleName", "r"}});
    create_role("r");
    use(session);
    EXPECT_THAT(identity(), Fails_with("InvalidClientTokenId"));
}

TEST_F(Sts_Test, source_identity_persists_in_a_chain) {
    use(assume({{"SourceIdentity", "ann"}}).value());
    EXPECT_EQ(assume().value()["SourceIdentity"], "ann");
    EXPECT_THAT(assume({{"SourceIdentity", "bob"}}), Fails_with("AccessDenied"));
}

TEST_F(Sts_Test, session_token_expires) {
    use(assume({{"DurationSeconds", 900}}).value());
    loop.fake_clock.time += std::chrono::seconds{900};
    EXPECT_THAT(identity(), Fails_with("ExpiredToken"));
    EXPECT_THAT(assume(), Fails_with("ExpiredToken"));
}

TEST_F(Sts_Test, modified_token_is_ignored) {
    std::string token = assume().value()["Credentials"]["SessionToken"];
    EXPECT_EQ(read_session_token(context.keys, token)->session, "session");
    EXPECT_EQ(read_session_token(Keys{}, token), std::nullopt) << "of another process";
    token[token.size() / 2] = token[token.size() / 2] == 'A' ? 'B' : 'A';
    as("AKIAIOSFODNN7EXAMPLE", token);
    EXPECT_EQ(arn(), "arn:aws:iam::000000000000:root");
}

TEST_F(Sts_Test, assume_role_errors_match_the_service) {
    const auto invalid = [](const std::string& message) { return Fails_with_message("ValidationError", message); };
    const std::string none = "arn:aws:iam::000000000000:role/none";
    EXPECT_THAT(assume({{"RoleArn", none}}),
                Fails_with_message("AccessDenied",
                                   "User: arn:aws:iam::000000000000:root is not authorized to perform: sts:AssumeRole "
                                   "on resource: " +
                                       none));
    EXPECT_THAT(assume({{"RoleArn", std::string(20, 'r')}}), invalid("rrrrrrrrrrrrrrrrrrrr is invalid"));
    EXPECT_THAT(assume({{"DurationSeconds", 3601}}),
                invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role."));
    EXPECT_THAT(assume({{"Policy", "{"}}), Fails_with("MalformedPolicyDocument"));
    EXPECT_THAT(assume({{"PolicyArns", Json::array({{{"arn", "arn:aws:iam::aws:policy/None"}}})}}),
                Fails_with("NoSuchEntity"));
    EXPECT_THAT(assume({{"PolicyArns", Json(11, Json{{"arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"}})}}),
                Fails_with("ValidationError"));
}

TEST_F(Sts_Test, chained_session_is_limited_to_an_hour) {
    done("UpdateRole", {{"RoleName", "r"}, {"MaxSessionDuration", 7200}});
    use(assume({{"DurationSeconds", 7200}}).value());
    EXPECT_THAT(assume({{"DurationSeconds", 3601}}),
                Fails_with_message("ValidationError",
                                   "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
                                   "by role chaining."));
    EXPECT_THAT(assume(), Succeeds());
}

TEST_F(Sts_Test, transitive_tags_are_inherited_by_chained_sessions) {
    const auto tag = [](const std::string& key) { return Json{{{"Key", key}, {"Value", "v"}}}; };
    EXPECT_THAT(assume({{"Tags", tag("a")}, {"TransitiveTagKeys", {"b"}}}),
                Fails_with_message("InvalidParameterValue",
                                   "The specified transitive tag key must be included in the requested tags."));
    use(assume({{"Tags", tag("a")}, {"TransitiveTagKeys", {"a"}}}).value());
    EXPECT_THAT(assume({{"Tags", tag("A")}}), Fails_with("InvalidParameterValue"));
    const Json chained = assume({{"Tags", tag("other")}}).value();
    const auto session = read_session_token(context.keys, chained["Credentials"]["SessionToken"].get<std::string>());
    EXPECT_THAT(session->tags, testing::ElementsAre(testing::Pair("other", "v"), testing::Pair("a", "v")));
    EXPECT_THAT(session->transitive_keys, testing::ElementsAre("a"));
}

TEST_F(Sts_Test, role_records_its_last_use) {
    EXPECT_EQ(done("GetRole", {{"RoleName", "r"}})["Role"]["RoleLastUsed"], Json::object());
    account.region = "eu-west-1";
    assume().value();
    restart();
    EXPECT_EQ(done("GetRole", {{"RoleName", "r"}})["Role"]["RoleLastUsed"]["Region"], "eu-west-1");
}

TEST_F(Sts_Test, federation_token_names_its_user) {
    use_user("u");
    const Json federated = sts_call("GetFederationToken", {{"Name", "Bob"}, {"Policy", document}}).value();
    EXPECT_EQ(federated["FederatedUser"],
              Json({{"Arn", "arn:aws:sts::000000000000:federated-user/Bob"}, {"FederatedUserId", "000000000000:Bob"}}));
    EXPECT_GT(federated["PackedPolicySize"], 0);
    use(federated);
    EXPECT_EQ(arn(), "arn:aws:sts::000000000000:federated-user/Bob");
    EXPECT_THAT(sts_call("GetFederationToken", {{"Name", "Bob"}}), Fails_with("AccessDenied"));
}

TEST_F(Sts_Test, web_identity_is_read_from_the_token) {
    const auto assume_with = [&](const std::string& claims) {
        auto payload = base::base64_encode(claims);
        while (payload.ends_with('=')) payload.pop_back();
        return sts_call(
            "AssumeRoleWithWebIdentity",
            {{"RoleArn", role_arn}, {"RoleSessionName", "web"}, {"WebIdentityToken", "e30." + payload + ".signature"}});
    };
    const Json assumed = assume_with(R"({"iss": "https://idp", "sub": "me", "aud": ["app"]})").value();
    EXPECT_EQ(assumed["SubjectFromWebIdentityToken"], "me");
    EXPECT_EQ(assumed["Audience"], "app");
    EXPECT_EQ(assumed["Provider"], "https://idp");
    use(assumed);
    EXPECT_EQ(arn(), session_arn + "web");
    EXPECT_THAT(assume_with("{}"), Fails_with("InvalidIdentityToken"));
    EXPECT_THAT(assume_with(R"({"iss": "i", "sub": "s", "exp": 1})"), Fails_with("ExpiredTokenException"));
}

const std::string assertion =
    R"(<samlp:Response xmlns:samlp="p" xmlns:saml="a"><saml:Assertion><saml:Issuer>https://idp</saml:Issuer>)"
    R"(<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">me</saml:NameID>)"
    R"(<saml:SubjectConfirmation><saml:SubjectConfirmationData Recipient="https://signin"/></saml:SubjectConfirmation>)"
    R"(</saml:Subject><saml:AttributeStatement>)"
    R"(<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><saml:AttributeValue>Ann)"
    R"(</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>)";

TEST_F(Sts_Test, saml_identity_is_read_from_the_assertion) {
    const auto assume_with = [&](const std::string& xml, const std::string& provider) {
        return sts_call("AssumeRoleWithSAML", {{"RoleArn", role_arn},
                                               {"PrincipalArn", "arn:aws:iam::000000000000:saml-provider/" + provider},
                                               {"SAMLAssertion", base::base64_encode(xml)}});
    };
    EXPECT_THAT(assume_with(assertion, "idp"),
                Fails_with_message("InvalidIdentityToken", "Specified provider doesn't exist"));
    done("CreateSAMLProvider", {{"Name", "idp"}, {"SAMLMetadataDocument", std::string(1000, 'x')}});
    const Json assumed = assume_with(assertion, "idp").value();
    EXPECT_EQ(assumed["Subject"], "me");
    EXPECT_EQ(assumed["SubjectType"], "persistent");
    EXPECT_EQ(assumed["Issuer"], "https://idp");
    EXPECT_EQ(assumed["Audience"], "https://signin");
    use(assumed);
    EXPECT_EQ(arn(), session_arn + "Ann");
    EXPECT_THAT(assume_with("no XML", "idp"), Fails_with("InvalidIdentityToken"));
    EXPECT_THAT(assume_with("<a/>", "idp"), Fails_with("InvalidIdentityToken"));
}

TEST_F(Sts_Test, session_is_scoped_down_but_not_extended) {
    EXPECT_THAT(sts_call("GetScopedCredentials"), Fails_with("InvalidSubjectCredentials"));
    use(assume({{"DurationSeconds", 900}}).value());
    EXPECT_THAT(sts_call("GetScopedCredentials", {{"DurationSeconds", 901}}),
                Fails_with("InsufficientSessionLifetime"));
    const Json scoped = sts_call("GetScopedCredentials", {{"Policy", document}}).value();
    EXPECT_EQ(scoped["ScopedPoliciesCount"], 1);
    use(scoped);
    EXPECT_EQ(arn(), session_arn + "session");
}

TEST_F(Sts_Test, root_of_another_account_is_assumed_for_a_task) {
    const auto assume_root = [&](const std::string& task) {
        return sts_call("AssumeRoot", {{"TargetPrincipal", "222222222222"}, {"TaskPolicyArn", {{"arn", task}}}});
    };
    EXPECT_THAT(assume_root("arn:aws:iam::aws:policy/ReadOnlyAccess"), Fails_with("ValidationError"));
    use(assume_root("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy").value());
    EXPECT_EQ(arn(), "arn:aws:iam::222222222222:root");
}

TEST_F(Sts_Test, mfa_device_must_be_that_of_the_caller) {
    use_user("u");
    EXPECT_THAT(
        sts_call("GetSessionToken", {{"SerialNumber", "arn:aws:iam::000000000000:mfa/none"}, {"TokenCode", "123456"}}),
        Fails_with("AccessDenied"));
}

TEST_F(Sts_Test, access_key_maps_to_its_account) {
    const auto account_of = [&](const std::string& key) {
        return sts_call("GetAccessKeyInfo", {{"AccessKeyId", key}}).transform([](const Json& output) {
            return output["Account"].get<std::string>();
        });
    };
    EXPECT_EQ(account_of("111111111111").value(), "111111111111");
    EXPECT_EQ(account_of("AKIAIOSFODNN7EXAMPLE").value(), "000000000000");
    EXPECT_THAT(account_of("short"), Fails_with("ValidationError"));
}

TEST_F(Sts_Test, message_or_token_of_aws_is_not_accepted) {
    EXPECT_THAT(sts_call("DecodeAuthorizationMessage", {{"EncodedMessage", "m"}}),
                Fails_with("InvalidAuthorizationMessageException"));
    EXPECT_THAT(sts_call("GetWebIdentityToken"), Fails_with("OutboundWebIdentityFederationDisabledException"));
    EXPECT_THAT(sts_call("GetDelegatedAccessToken"), Fails_with("ExpiredTradeInTokenException"));
}

}  // namespace
}  // namespace osbot_aws::services
