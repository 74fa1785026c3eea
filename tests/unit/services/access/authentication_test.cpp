#include "services/access/authentication.hpp"

#include <gmock/gmock.h>

#include "aws/models/models.hpp"
#include "support/iam_world.hpp"
#include "support/printers.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;

struct Authentication_Test : test_support::Iam_World {
    /// Returns the result for a request that is signed with these keys, as ARN of the caller.
    Result<std::string> admit(const aws::Service& service, const std::string& key, const std::string& secret,
                              const std::string& token = "", std::chrono::seconds age = {}) {
        Service_Request sent{account, {}, {"POST", "/", {{"Host", "localhost"}}, "body"}};
        wire::sign(sent.request, {key, secret, token, "us-east-1", service.name, context.now() - age});
        return admit(service, std::move(sent));
    }
    Result<std::string> admit(const aws::Service& service, Service_Request sent) {
        Authentication authentication(context, iam, settings);
        std::optional<Result<Service_Request>> admitted;
        authentication.admit(service, std::move(sent), [&](auto result) { admitted.emplace(std::move(result)); });
        loop.run();
        if (!*admitted) return admitted->error();
        return (*admitted)->caller->arn;
    }
    Json credentials_of_role() {
        create_role("r");
        return sts_call("AssumeRole", {{"RoleArn", "arn:aws:iam::000000000000:role/r"}, {"RoleSessionName", "s"}})
            .value()["Credentials"];
    }

    Access_Settings settings{.check_signatures = true};
    const aws::Service &lambda = aws::lambda_model(), &sts = aws::sts_model(), &logs = aws::logs_model();
};

TEST_F(Authentication_Test, keys_of_the_root_have_the_public_secret) {
    EXPECT_EQ(admit(lambda, "test", "test").value(), "arn:aws:iam::000000000000:root");
    EXPECT_THAT(admit(lambda, "test", "other"), Fails_with("InvalidSignatureException"));
    EXPECT_THAT(admit(sts, "test", "other"), Fails_with("SignatureDoesNotMatch"));
    EXPECT_THAT(admit(lambda, "AKIAIOSFODNN7EXAMPLE", "x"), Fails_with("UnrecognizedClientException"));
    EXPECT_THAT(admit(sts, "AKIAIOSFODNN7EXAMPLE", "x"), Fails_with("InvalidClientTokenId"));
}

TEST_F(Authentication_Test, temporary_keys_expire_and_belong_to_their_token) {
    const Json keys = credentials_of_role();
    const std::string key = keys["AccessKeyId"], secret = keys["SecretAccessKey"], token = keys["SessionToken"];
    EXPECT_EQ(admit(lambda, key, secret, token).value(), "arn:aws:sts::000000000000:assumed-role/r/s");
    EXPECT_THAT(admit(lambda, key, secret), Fails_with("UnrecognizedClientException"));
    const Json other = sts_call("GetSessionToken").value()["Credentials"];
    EXPECT_THAT(admit(lambda, key, secret, other["SessionToken"].get<std::string>()),
                Fails_with("UnrecognizedClientException"));
    loop.advance(std::chrono::seconds(3601));
    EXPECT_THAT(admit(lambda, key, secret, token), Fails_with("ExpiredTokenException"));
    EXPECT_THAT(admit(logs, key, secret, token), Fails_with("ExpiredTokenException"));
    EXPECT_THAT(admit(sts, key, secret, token), Fails_with("ExpiredToken"));
    EXPECT_THAT(admit(aws::s3_model(), key, secret, token), Fails_with("ExpiredToken"));
}

TEST_F(Authentication_Test, signature_of_another_time_or_service_is_invalid) {
    EXPECT_TRUE(admit(lambda, "test", "test", "", std::chrono::seconds(299)).has_value());
    EXPECT_THAT(admit(lambda, "test", "test", "", std::chrono::seconds(301)), Fails_with("InvalidSignatureException"));
    Service_Request sent{account, {}, {"POST", "/", {{"Host", "localhost"}}, "body"}};
    wire::sign(sent.request, {"test", "test", "", "us-east-1", "s3", context.now()});
    EXPECT_THAT(admit(lambda, std::move(sent)), Fails_with("InvalidSignatureException"));
}

TEST_F(Authentication_Test, large_bodies_are_verified_on_a_worker) {
    Service_Request sent{account, {}, {"POST", "/", {{"Host", "localhost"}}, std::string(1 << 20, 'x')}};
    wire::sign(sent.request, {"test", "test", "", "us-east-1", "lambda", context.now()});
    EXPECT_TRUE(admit(lambda, sent).has_value());
    sent.request.body = std::string(1 << 20, 'y');
    EXPECT_THAT(admit(lambda, std::move(sent)), Fails_with("InvalidSignatureException"));
}

TEST_F(Authentication_Test, policies_alone_need_no_signature_but_a_valid_token) {
    settings = {.enforce_iam = true};
    const Json keys = credentials_of_role();
    create_user("u");
    const std::string user_key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"];
    EXPECT_EQ(admit(lambda, user_key, "any").value(), "arn:aws:iam::000000000000:user/u");
    EXPECT_EQ(admit(lambda, "AKIAIOSFODNN7EXAMPLE", "any").value(), "arn:aws:iam::000000000000:root");
    done("DeleteAccessKey", {{"UserName", "u"}, {"AccessKeyId", user_key}});
    EXPECT_THAT(admit(lambda, user_key, "any"), Fails_with("UnrecognizedClientException")) << "not the root";
    EXPECT_THAT(admit(lambda, keys["AccessKeyId"].get<std::string>(), "any", "token of another engine"),
                Fails_with("UnrecognizedClientException"));
}

TEST_F(Authentication_Test, only_some_operations_accept_unsigned_requests) {
    const auto unsigned_request = [&](const aws::Service& service, const char* operation) {
        Service_Request sent{account, {}, {"POST", "/", {}, ""}};
        sent.route.operation = operation == nullptr ? nullptr : service.find_operation(operation);
        return admit(service, std::move(sent));
    };
    EXPECT_TRUE(unsigned_request(sts, "AssumeRoleWithWebIdentity").has_value());
    EXPECT_TRUE(unsigned_request(sts, "AssumeRoleWithSAML").has_value());
    EXPECT_THAT(unsigned_request(sts, "AssumeRole"), Fails_with("MissingAuthenticationToken"));
    EXPECT_THAT(unsigned_request(lambda, "ListFunctions"), Fails_with("MissingAuthenticationTokenException"));
    EXPECT_THAT(unsigned_request(aws::sqs_model(), "SendMessage"), Fails_with("MissingAuthenticationToken"));
    EXPECT_THAT(unsigned_request(aws::s3_model(), "GetObject"), Fails_with("AccessDenied"));
    settings = {.check_signatures = true, .enforce_iam = true};
    EXPECT_TRUE(unsigned_request(aws::s3_model(), "GetObject").has_value()) << "the policy of the bucket decides";
}

}  // namespace
}  // namespace osbot_aws::services
