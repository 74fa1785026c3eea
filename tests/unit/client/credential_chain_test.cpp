#include "client/credential_chain.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <mutex>

#include <osbot_aws/core/Json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/time_text.hpp"
#include "client/transports.hpp"
#include "small_server.hpp"
#include "support/fake_loop.hpp"

extern char** environ;

namespace osbot_aws::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using wire::Request;
using wire::Response;

Response http_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

std::string sts_response(const std::string& action, const std::string& key, const std::string& expiration) {
    return "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + key +
           "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" + expiration +
           "</Expiration></Credentials></" + action + "Result></" + action + "Response>";
}

std::string credentials_json(const std::string& key, const std::string& expiration) {
    return R"({"Code": "Success", "AccessKeyId": ")" + key +
           R"(", "SecretAccessKey": "s", "Token": "t", "Expiration": ")" + expiration + "\"}";
}

/// Sends the requests of all sources to the test's server on loopback, and clears the host's settings. ctest runs each
/// test in a separate process.
class Credential_Chain_Test : public testing::Test {
protected:
    Credential_Chain_Test() {
        std::vector<std::string> names;
        for (char** entry = environ; *entry != nullptr; ++entry) {
            const std::string_view variable(*entry);
            if (variable.starts_with("AWS_")) names.emplace_back(variable.substr(0, variable.find('=')));
        }
        for (const auto& name : names) ::unsetenv(name.c_str());
        set("HOME", folder.path().string());
        set("AWS_SHARED_CREDENTIALS_FILE", (folder.path() / "credentials").string());
        set("AWS_CONFIG_FILE", (folder.path() / "config").string());
    }

    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
    void write(const std::string& file, std::string_view text) {
        std::filesystem::create_directories((folder.path() / file).parent_path());
        base::write_file(folder.path() / file, text).value();
    }
    std::string in(std::chrono::minutes time) const { return base::iso8601_z(clock.now() + time); }

    Credential_Chain chain(const std::string& profile = "") {
        Chain_Options options{.profile = profile, .region = "eu-west-1"};
        options.instance_metadata = true;
        options.clock = &clock;
        options.sleep = [this](auto) { ++waits; };
        options.mfa_code = [this](const std::string& serial) -> Result<std::string> {
            prompted_devices.push_back(serial);
            return std::string("123456");
        };
        options.transport = [this](const std::string& url) {
            requested_urls.push_back(url);
            return make_tcp_transport("127.0.0.1", server.port());
        };
        return Credential_Chain(std::move(options));
    }
    /// Returns the access key, or the error's code.
    std::string key_of(const std::string& profile = "") {
        const auto found = chain(profile).credentials();
        return found ? found->access_key_id : found.error().code;
    }
    std::string message_of(const std::string& profile = "") {
        auto credential_chain = chain(profile);
        const auto found = credential_chain.credentials();
        return found ? "" : found.error().message;
    }

    Response serve(const Request& request) {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
        return handler(request);
    }

    base::Temporary_Folder folder;
    test_support::Fake_Clock clock;
    std::mutex mutex;
    std::vector<Request> requests;
    std::vector<std::string> requested_urls, prompted_devices;
    int waits = 0;
    std::function<Response(const Request&)> handler = [](const Request&) { return http_response(404, ""); };
    test::Small_Server server{[this](const Request& request) { return serve(request); }};
};

TEST_F(Credential_Chain_Test, assumes_a_role_with_the_keys_of_its_source_profile) {
    write("config", R"(
[profile dev]
role_arn = arn:aws:iam::1:role/dev
source_profile = base
external_id = an id
role_session_name = me
duration_seconds = 900
[profile base]
aws_access_key_id = BASE
aws_secret_access_key = s
)");
    handler = [&](const Request&) {
        return http_response(200, sts_response("AssumeRole", "ASSUMED", in(std::chrono::hours(1))));
    };
    const auto found = chain("dev").credentials();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->access_key_id, "ASSUMED");
    EXPECT_EQ(found->session_token, "t");
    EXPECT_EQ(found->expires_at, base::parse_iso8601(in(std::chrono::hours(1))));
    EXPECT_EQ(requested_urls.at(0), "https://sts.eu-west-1.amazonaws.com");
    EXPECT_THAT(std::string(requests.at(0).headers["Authorization"]), HasSubstr("Credential=BASE/"));
    EXPECT_EQ(requests.at(0).body.bytes(),
              "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fdev&RoleSessionName=me"
              "&ExternalId=an%20id&DurationSeconds=900");
}

TEST_F(Credential_Chain_Test, chained_roles_are_refreshed_15_minutes_before_expiry) {
    write("config", R"(
[profile outer]
role_arn = arn:outer
source_profile = inner
[profile inner]
role_arn = arn:inner
credential_source = Environment
)");
    set("AWS_ACCESS_KEY_ID", "ENV");
    set("AWS_SECRET_ACCESS_KEY", "s");
    int count = 0;
    handler = [&](const Request&) {
        return http_response(200,
                             sts_response("AssumeRole", "KEY" + std::to_string(++count), in(std::chrono::hours(1))));
    };
    auto outer = chain("outer");
    EXPECT_EQ(outer.credentials().value().access_key_id, "KEY2");
    EXPECT_THAT(std::string(requests.at(0).headers["Authorization"]), HasSubstr("Credential=ENV/"));
    EXPECT_THAT(std::string(requests.at(1).headers["Authorization"]), HasSubstr("Credential=KEY1/"));

    clock.time += std::chrono::minutes(44);
    EXPECT_EQ(outer.credentials().value().access_key_id, "KEY2");
    clock.time += std::chrono::minutes(1);
    EXPECT_EQ(outer.credentials().value().access_key_id, "KEY4") << "both are requested again";
}

TEST_F(Credential_Chain_Test, failed_refresh_keeps_valid_credentials) {
    write("config",
          "[default]\nrole_arn=arn:r\nsource_profile=default\naws_access_key_id=A\naws_secret_access_key=s\n");
    handler = [&](const Request&) {
        return http_response(200, sts_response("AssumeRole", "FIRST", in(std::chrono::hours(1))));
    };
    auto credential_chain = chain();
    EXPECT_EQ(credential_chain.credentials().value().access_key_id, "FIRST");
    handler = [](const Request&) {
        return http_response(
            403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
    };
    clock.time += std::chrono::minutes(59);
    EXPECT_EQ(credential_chain.credentials().value().access_key_id, "FIRST");
    clock.time += std::chrono::minutes(1);
    const auto expired = credential_chain.credentials();
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.error().code, "AccessDenied");
}

TEST_F(Credential_Chain_Test, invalid_roles_fail_like_botocore_without_requests) {
    write("config", R"(
[profile both]
role_arn = r
source_profile = x
credential_source = Environment
[profile neither]
role_arn = r
[profile nowhere]
role_arn = r
source_profile = missing
[profile odd]
role_arn = r
credential_source = Moon
[profile a]
role_arn = r
source_profile = b
[profile b]
role_arn = r
source_profile = a
[profile empty]
region = eu-west-1
[profile on_empty]
role_arn = r
source_profile = empty
[profile on_environment]
role_arn = r
credential_source = Environment
)");
    const std::pair<const char*, const char*> cases[] = {
        {"both", "The profile \"both\" contains both source_profile and credential_source."},
        {"neither", "Partial credentials found in assume-role, missing: source_profile or credential_source"},
        {"nowhere", "The source_profile \"missing\" referenced in the profile \"nowhere\" does not exist."},
        {"odd", "The credential source \"Moon\" referenced in profile \"odd\" is not valid."},
        {"a",
         "Infinite loop in credential configuration detected. Attempting to load from profile a which has already "
         "been visited. Visited profiles: a, b"},
        {"on_empty", "The source profile \"empty\" must have credentials."},
        {"on_environment",
         "Error when retrieving credentials from Environment: No credentials found in "
         "credential_source referenced in profile on_environment"},
        {"unheard_of", "The config profile (unheard_of) could not be found"}};
    for (const auto& [profile, message] : cases) {
        EXPECT_FALSE(chain(profile).kind()) << profile;
        EXPECT_EQ(message_of(profile), message);
    }
    EXPECT_TRUE(requests.empty());
}

TEST_F(Credential_Chain_Test, names_the_missing_part_of_keys) {
    write("credentials", "[partial]\naws_access_key_id = A\n");
    EXPECT_EQ(message_of("partial"),
              "Partial credentials found in the profile partial, missing: aws_secret_access_key");
    set("AWS_ACCESS_KEY_ID", "A");
    EXPECT_EQ(message_of(""), "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY");
}

TEST_F(Credential_Chain_Test, role_with_mfa_prompts_for_a_code_once) {
    write("config",
          "[default]\nrole_arn=arn:r\nmfa_serial=arn:device\nsource_profile=default\naws_access_key_id=A\n"
          "aws_secret_access_key=s\n");
    handler = [&](const Request&) {
        return http_response(200, sts_response("AssumeRole", "MFA", in(std::chrono::hours(1))));
    };
    auto credential_chain = chain();
    EXPECT_EQ(credential_chain.credentials().value().access_key_id, "MFA");
    EXPECT_EQ(prompted_devices, std::vector<std::string>{"arn:device"});
    EXPECT_THAT(requests.at(0).body.bytes(), HasSubstr("&SerialNumber=arn%3Adevice&TokenCode=123456"));
    clock.time += std::chrono::hours(1);
    EXPECT_EQ(credential_chain.credentials().error().message, "Cannot refresh credentials: MFA token required.");
    EXPECT_EQ(prompted_devices.size(), 1u);
}

TEST_F(Credential_Chain_Test, web_identity_request_is_unsigned_and_rereads_the_token) {
    write("token", "first");
    set("AWS_WEB_IDENTITY_TOKEN_FILE", (folder.path() / "token").string());
    EXPECT_THAT(message_of(), HasSubstr("has no role ARN configured"));
    set("AWS_ROLE_ARN", "arn:pod");
    handler = [&](const Request&) {
        return http_response(200, sts_response("AssumeRoleWithWebIdentity", "POD", in(std::chrono::hours(1))));
    };
    auto credential_chain = chain();
    EXPECT_EQ(credential_chain.credentials().value().access_key_id, "POD");
    EXPECT_EQ(requests.at(0).headers.find("Authorization"), nullptr);
    EXPECT_THAT(requests.at(0).body.bytes(), AllOf(HasSubstr("WebIdentityToken=first"), HasSubstr("RoleArn=arn%3Apod"),
                                                   HasSubstr("RoleSessionName=osbot-aws-")));
    write("token", "second");
    clock.time += std::chrono::hours(1);
    EXPECT_TRUE(credential_chain.credentials());
    EXPECT_THAT(requests.at(1).body.bytes(), HasSubstr("WebIdentityToken=second"));
}

class Identity_Center_Test : public Credential_Chain_Test {
protected:
    Identity_Center_Test() {
        write("config", R"(
[sso-session corp]
sso_region = eu-north-1
sso_start_url = https://corp.awsapps.com/start
[default]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
)");
        handler = [this](const Request& request) {
            if (request.target == "/token")
                return http_response(200, R"({"accessToken": "FRESH", "expiresIn": 3600, "refreshToken": "R2"})");
            if (request.headers["x-amz-sso_bearer_token"] == "REVOKED") return http_response(401, "{}");
            return http_response(
                200,
                R"({"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": )" +
                    std::to_string(base::unix_ms(clock.now() + std::chrono::hours(1))) + "}}");
        };
    }
    std::string token_file = ".aws/sso/cache/" + base::sha1_hex("corp") + ".json";
    void store_token(const std::string& token, std::chrono::minutes valid, const std::string& more = "") {
        write(token_file, R"({"accessToken": ")" + token + R"(", "expiresAt": ")" + in(valid) + "\"" + more + "}");
    }
};

TEST_F(Identity_Center_Test, login_token_returns_role_credentials) {
    EXPECT_EQ(message_of(), "Error loading SSO Token: Token for corp does not exist");
    store_token("TOKEN", std::chrono::hours(1));
    const auto found = chain().credentials();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->access_key_id, "SSO");
    EXPECT_EQ(requested_urls.at(0), "https://portal.sso.eu-north-1.amazonaws.com");
    EXPECT_EQ(requests.at(0).target, "/federation/credentials?role_name=Admin&account_id=123456789012");
    EXPECT_EQ(requests.at(0).headers["x-amz-sso_bearer_token"], "TOKEN");
    EXPECT_TRUE(found->expires_at);
}

TEST_F(Identity_Center_Test, expiring_token_is_refreshed_and_stored_with_mode_0600) {
    store_token("OLD", std::chrono::minutes(-5),
                R"(, "refreshToken": "R1", "clientId": "c", "clientSecret": "cs", "registrationExpiresAt": ")" +
                    in(std::chrono::hours(100)) + "\"");
    EXPECT_EQ(key_of(), "SSO");
    EXPECT_EQ(requested_urls.at(0), "https://oidc.eu-north-1.amazonaws.com");
    EXPECT_EQ(Json::parse(requests.at(0).body.bytes())["refreshToken"], "R1");
    EXPECT_EQ(requests.at(1).headers["x-amz-sso_bearer_token"], "FRESH");
    const Json stored = Json::parse(base::read_file(folder.path() / token_file).value());
    EXPECT_EQ(stored["accessToken"], "FRESH");
    EXPECT_EQ(stored["refreshToken"], "R2");
    EXPECT_EQ(stored["expiresAt"], in(std::chrono::hours(1)));
    EXPECT_EQ(std::filesystem::status(folder.path() / token_file).permissions(), std::filesystem::perms(0600));
}

TEST_F(Identity_Center_Test, expired_login_error_names_the_command_and_hides_the_token) {
    store_token("OLD", std::chrono::minutes(-5));
    EXPECT_EQ(key_of(), "UnauthorizedSSOTokenError");
    EXPECT_TRUE(requests.empty());
    store_token("REVOKED", std::chrono::hours(1));
    EXPECT_EQ(key_of(), "UnauthorizedSSOTokenError");
    EXPECT_THAT(message_of(), AllOf(HasSubstr("run aws sso login"), Not(HasSubstr("REVOKED"))));
}

TEST_F(Identity_Center_Test, incomplete_configuration_names_the_missing_settings) {
    write("config",
          "[default]\nsso_account_id = 1\nsso_start_url = u\n[profile p]\nsso_session = gone\nsso_role_name = r\n");
    EXPECT_EQ(message_of(),
              "The profile \"default\" is configured to use SSO but is missing required configuration: sso_role_name, "
              "sso_region");
    EXPECT_EQ(message_of("p"), "The specified sso-session does not exist: \"gone\"");
}

TEST_F(Credential_Chain_Test, credential_process_returns_credentials) {
    write("out.json", R"({"Version": 1, "AccessKeyId": "PROGRAM", "SecretAccessKey": "s", "Expiration": ")" +
                          in(std::chrono::hours(1)) + "\"}");
    const std::string out = (folder.path() / "out.json").string();
    write("config",
          "[default]\ncredential_process = sh -c 'cat \"$0\"' " + out +
              "\n[profile fails]\ncredential_process = sh -c \"echo not today >&2; exit 3\""
              "\n[profile old]\ncredential_process = echo '{\"Version\": 2}'"
              "\n[profile half]\ncredential_process = echo '{\"Version\": 1, \"SecretAccessKey\": \"hidden\"}'"
              "\n[profile text]\ncredential_process = echo hello"
              "\n[profile open]\ncredential_process = echo 'hello"
              "\n[profile nothing]\ncredential_process = no-such-program-here\n");
    const auto found = chain().credentials();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->access_key_id, "PROGRAM");
    EXPECT_TRUE(found->expires_at);
    const std::string before = "Error when retrieving credentials from custom-process: ";
    EXPECT_EQ(message_of("fails"), before + "not today");
    EXPECT_EQ(message_of("old"),
              before + "Unsupported version '2' for credential process provider, supported versions: 1");
    EXPECT_EQ(message_of("half"), before + "Missing required key in response: 'AccessKeyId'");
    EXPECT_EQ(message_of("text"), before + "the program's output is not a JSON object");
    EXPECT_EQ(message_of("open"), before + "No closing quotation");
    EXPECT_EQ(key_of("nothing"), "CredentialRetrievalError");
}

TEST_F(Credential_Chain_Test, container_request_sends_the_token_from_variable_or_file) {
    handler = [&](const Request&) { return http_response(200, credentials_json("TASK", in(std::chrono::hours(6)))); };
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1234/get?role=a");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic token");
    auto credential_chain = chain();
    EXPECT_EQ(credential_chain.credentials().value().access_key_id, "TASK");
    EXPECT_EQ(credential_chain.credentials().value().session_token, "t");
    EXPECT_EQ(requests.size(), 1u);
    EXPECT_EQ(requests.at(0).target, "/get?role=a");
    EXPECT_EQ(requests.at(0).headers["Authorization"], "Basic token");

    set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (folder.path() / "pod_token").string());
    write("pod_token", "from a file");
    clock.time += std::chrono::hours(6);
    EXPECT_TRUE(credential_chain.credentials());
    EXPECT_EQ(requests.at(1).headers["Authorization"], "from a file");

    set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x");
    EXPECT_EQ(key_of(), "TASK");
    EXPECT_EQ(requested_urls.back(), "http://169.254.170.2");
    EXPECT_EQ(requests.back().target, "/v2/credentials/x");
}

TEST_F(Credential_Chain_Test, container_token_is_sent_only_to_loopback_or_over_tls) {
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token");
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/get");
    EXPECT_THAT(message_of(), HasSubstr("Unsupported host 'example.com'"));
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1@example.com/get");
    EXPECT_THAT(message_of(), HasSubstr("Unsupported host"));
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/get");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nHost: b");
    EXPECT_THAT(message_of(), HasSubstr("Auth token value is not a legal header value"));
    EXPECT_TRUE(requests.empty());
}

TEST_F(Credential_Chain_Test, container_request_is_attempted_three_times) {
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/get");
    int attempts = 0;
    handler = [&](const Request&) {
        return ++attempts < 3 ? http_response(500, "secret")
                              : http_response(200, credentials_json("TASK", in(std::chrono::hours(1))));
    };
    EXPECT_EQ(key_of(), "TASK");
    EXPECT_EQ(waits, 2);
    handler = [](const Request&) { return http_response(500, "secret"); };
    EXPECT_THAT(message_of(), AllOf(HasSubstr("Received non 200 response 500"), Not(HasSubstr("secret"))));
}

TEST_F(Credential_Chain_Test, instance_metadata_is_tried_last_and_with_a_session_token) {
    handler = [&](const Request& request) {
        if (request.method == "PUT" && request.target == "/latest/api/token") return http_response(200, "SESSION");
        if (request.headers["X-aws-ec2-metadata-token"] != "SESSION") return http_response(401, "");
        if (request.target == "/latest/meta-data/iam/security-credentials/") return http_response(200, "web-role");
        if (request.target == "/latest/meta-data/iam/security-credentials/web-role")
            return http_response(200, credentials_json("INSTANCE", in(std::chrono::hours(6))));
        return http_response(404, "");
    };
    EXPECT_EQ(key_of(), "INSTANCE");
    EXPECT_EQ(requested_urls.at(0), "http://169.254.169.254");
    EXPECT_EQ(requests.at(0).headers["X-aws-ec2-metadata-token-ttl-seconds"], "21600");
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    EXPECT_EQ(key_of(), "INSTANCE");
    EXPECT_EQ(requested_urls.back(), "http://[fd00:ec2::254]");
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9");
    EXPECT_EQ(key_of(), "INSTANCE");
    EXPECT_EQ(requested_urls.back(), "http://127.0.0.1:9");
    const std::size_t before = requests.size();
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254");
    EXPECT_EQ(key_of(), "ConfigurationError");
    set("AWS_EC2_METADATA_DISABLED", "true");
    EXPECT_EQ(key_of(), "NoCredentialsError");
    EXPECT_EQ(requests.size(), before);
    EXPECT_EQ(Credential_Chain({}).kind().value(), "") << "instance metadata is not enabled";
}

TEST_F(Credential_Chain_Test, missing_instance_metadata_gives_no_credentials) {
    handler = [](const Request& request) { return http_response(request.method == "PUT" ? 403 : 200, "x"); };
    EXPECT_EQ(key_of(), "NoCredentialsError");
    EXPECT_EQ(requests.size(), 1u) << "version 1 is not tried";
    set("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
    EXPECT_EQ(key_of(), "NoCredentialsError");
    EXPECT_EQ(requests.size(), 4u);
}

TEST_F(Credential_Chain_Test, first_configured_source_is_used) {
    handler = [&](const Request&) { return http_response(200, credentials_json("TASK", in(std::chrono::hours(1)))); };
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/get");
    EXPECT_EQ(key_of(), "TASK");
    write("config",
          "[default]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"PROGRAM\", \"SecretAccessKey\": "
          "\"s\"}'\n");
    EXPECT_EQ(key_of(), "PROGRAM");
    write("credentials", "[default]\naws_access_key_id = KEYS\naws_secret_access_key = s\n");
    EXPECT_EQ(key_of(), "KEYS");
    set("AWS_ACCESS_KEY_ID", "ENV");
    set("AWS_SECRET_ACCESS_KEY", "s");
    EXPECT_EQ(key_of(), "ENV");
    EXPECT_EQ(key_of("default"), "KEYS") << "the explicit profile overrides the environment";
}

TEST_F(Credential_Chain_Test, rejects_credentials_that_are_already_expired) {
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/get");
    handler = [&](const Request&) {
        return http_response(200, credentials_json("TASK", in(std::chrono::minutes(-1))));
    };
    EXPECT_EQ(message_of(), "Credentials were refreshed, but the refreshed credentials are still expired.");
    handler = [&](const Request&) { return http_response(200, credentials_json("TASK", "soon")); };
    EXPECT_THAT(message_of(), HasSubstr("Expiration 'soon' is not a valid time"));
}

}  // namespace
}  // namespace osbot_aws::client
