#include <osbot_aws/core/Session.hpp>

#include <gmock/gmock.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/core/Error.hpp>

#include "base/files.hpp"
#include "client/credential_chain.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace {

using testing::HasSubstr;

/// Clears the host's settings. ctest runs each test in a separate process.
class Session_Test : public testing::Test {
protected:
    Session_Test() {
        for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION",
                                 "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA",
                                 "AWS_ENDPOINT_URL_S3", "OSBOT_AWS_TARGET", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"})
            ::unsetenv(name);
        set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        set("AWS_CONFIG_FILE", "/dev/null");
        set("OSBOT_AWS_STATE", folder.path().string());
    }
    static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
    static void credentials() {
        set("AWS_ACCESS_KEY_ID", "AKID");
        set("AWS_SECRET_ACCESS_KEY", "secret");
        set("AWS_REGION", "eu-west-1");
    }
    static std::string url_of(const Session& session, const std::string& service) {
        const client::Target& target = client_of(session).target();
        const auto endpoint = target.service_endpoints.find(service);
        return endpoint != target.service_endpoints.end() ? endpoint->second.url : target.endpoint_url;
    }

    base::Temporary_Folder folder;
};

TEST_F(Session_Test, explicit_endpoint_overrides_all_and_applies_to_all_services) {
    credentials();
    set("AWS_ENDPOINT_URL_S3", "http://minio:9000");
    const Session session({.endpoint_url = "http://localhost:4566/"});
    EXPECT_EQ(session.target(), "endpoint http://localhost:4566");
    EXPECT_EQ(url_of(session, "s3"), "http://localhost:4566");
    EXPECT_FALSE(session.is_local());
}

TEST_F(Session_Test, service_url_applies_only_to_its_service) {
    credentials();
    set("AWS_ENDPOINT_URL_S3", "http://minio:9000");
    const Session session;
    EXPECT_EQ(session.target(), "AWS, region eu-west-1; s3 on http://minio:9000");
    EXPECT_EQ(url_of(session, "s3"), "http://minio:9000");
    EXPECT_EQ(url_of(session, "lambda"), "") << "AWS's endpoint is used";
}

TEST_F(Session_Test, lambda_url_alone_applies_to_all_services) {
    set("AWS_ENDPOINT_URL_LAMBDA", "http://localhost:4566");
    const Session session;
    EXPECT_EQ(session.target(), "endpoint http://localhost:4566");
    EXPECT_EQ(url_of(session, "iam"), "http://localhost:4566");
}

TEST_F(Session_Test, explicit_target_overrides_credentials) {
    credentials();
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::aws);
    set("OSBOT_AWS_TARGET", "local");
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::local);
    set("AWS_ENDPOINT_URL", "http://localhost:4566");
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::endpoint);
    set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::local);
    set("OSBOT_AWS_TARGET", "moon");
    EXPECT_EQ(resolve_target({}).error().code, "ConfigurationError");
}

TEST_F(Session_Test, endpoint_that_is_not_a_url_is_an_error) {
    const auto choice = choose_target({.endpoint_url = "localhost:4566"});
    ASSERT_FALSE(choice);
    EXPECT_EQ(choice.error().code, "ConfigurationError");
    EXPECT_EQ(choice.error().message,
              "invalid endpoint_url 'localhost:4566': expected a URL such as http://127.0.0.1:4566");
}

TEST_F(Session_Test, configured_login_selects_aws_without_requests) {
    const auto config = folder.path() / "config";
    base::write_file(config,
                     "[default]\nsso_start_url = u\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n")
        .value();
    set("AWS_CONFIG_FILE", config.string());
    set("HOME", folder.path().string());
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::aws);
    EXPECT_EQ(client::Credential_Chain({}).credentials().error().code, "SSOTokenLoadError");
}

TEST_F(Session_Test, missing_profile_is_an_error) {
    EXPECT_EQ(resolve_target({.profile_name = "typo"}).error().code, "ProfileNotFound");
    set("AWS_PROFILE", "typo");
    EXPECT_EQ(resolve_target({}).error().message, "The config profile (typo) could not be found");
    set("OSBOT_AWS_TARGET", "local");
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::local);
}

TEST_F(Session_Test, default_target_is_the_local_engine) {
    EXPECT_EQ(resolve_target({}).value(), Target_Kind::local);
    const Session session = Session::in_memory();
    EXPECT_TRUE(session.is_local());
    EXPECT_EQ(session.region(), "us-east-1");
}

TEST_F(Session_Test, missing_region_error_names_the_settings) {
    set("OSBOT_AWS_TARGET", "aws");
    try {
        Session().region();
        FAIL() << "expected NoRegionError";
    } catch (const Aws_Exception& failed) {
        EXPECT_EQ(failed.code(), "NoRegionError");
        EXPECT_THAT(failed.error().message, HasSubstr("AWS_REGION"));
    }
}

TEST_F(Session_Test, for_another_thread_shares_the_engine_not_the_connection) {
    Session session = Session::in_memory();
    Session other_session = session.for_another_thread();
    std::thread([other_session] { S3(other_session).bucket_create("made-there"); }).join();

    EXPECT_TRUE(S3(session).bucket_exists("made-there"));
    EXPECT_NE(&client_of(session), &client_of(other_session));
    session = Session();
    EXPECT_TRUE(S3(other_session).bucket_exists("made-there")) << "the engine stops with its last session";
}

/// Stores and reads objects of one thread. Returns an error if a response belongs to another thread's request.
std::string exchange_objects(const Session& session, const std::string& thread) {
    S3 s3(session);
    for (int i = 0; i < 20; ++i) {
        const std::string key = thread + "/" + std::to_string(i);
        s3.file_upload_from_bytes(key, "shared", key);
        if (const std::string content = s3.file_bytes("shared", key); content != key) return key + " is " + content;
        if (s3.file_exists("shared", key + "-missing")) return key + "-missing exists";
    }
    return "";
}

TEST_F(Session_Test, eight_threads_call_with_copies_of_one_session) {
    const Session engine = Session::in_memory();
    S3(engine).bucket_create("shared");
    const Session over_http({.endpoint_url = engine.endpoint_url()});
    for (const Session& session : {over_http, engine}) {
        std::vector<std::string> errors(8);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < errors.size(); ++i)
            threads.emplace_back([&, i] { errors[i] = exchange_objects(session, "thread-" + std::to_string(i)); });
        for (std::thread& thread : threads) thread.join();
        EXPECT_THAT(errors, testing::Each("")) << session.target();
    }
}

TEST_F(Session_Test, threads_choose_the_target_of_a_new_session_once) {
    const Session session = Session::in_memory();
    std::vector<const client::Aws_Client*> clients(8);
    std::vector<std::thread> threads;
    for (const client::Aws_Client*& client : clients) threads.emplace_back([&] { client = &client_of(session); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(clients, testing::Each(&client_of(session)));
}

#ifdef OSBOT_SANITIZED
// In a forked child, the parent's other threads do not exist, so their memory looks leaked.
bool in_forked_child = false;
extern "C" int __lsan_is_turned_off() { return in_forked_child ? 1 : 0; }  // NOLINT(bugprone-reserved-identifier)
#endif

/// Returns the exit code of a forked child: 0 if `check` returns true there. The child exits normally and runs
/// destructors.
template <class Check>
int exit_code_of_child(Check check) {
    const pid_t child = ::fork();
    if (child == 0) {
#ifdef OSBOT_SANITIZED
        in_forked_child = true;
#endif
        std::exit(check() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(Session_Test, forked_child_uses_its_parents_engine) {
    const Session in_memory = Session::in_memory();
    const Session embedded;
    for (const Session& session : {in_memory, embedded}) {
        S3(session).bucket_create("of-the-parent");
        EXPECT_EQ(exit_code_of_child([&] {
                      return S3(session).bucket_exists("of-the-parent") && S3(session).bucket_create("of-the-child");
                  }),
                  0);
        EXPECT_TRUE(S3(session).bucket_exists("of-the-child"));
    }
}

TEST_F(Session_Test, forked_child_without_calls_exits_normally) {
    Session session = Session::in_memory();
    S3(session).buckets();
    EXPECT_EQ(exit_code_of_child([&] { return session = Session(), true; }), 0);
    EXPECT_THAT(S3(session).buckets(), testing::IsEmpty());
}

}  // namespace
}  // namespace osbot_aws
