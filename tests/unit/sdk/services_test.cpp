// Tests S3, IAM_Role, Lambda_With_Temp_Role and zip_folder on an in-memory engine.
#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda_With_Temp_Role.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency_Inside_Lambda.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/utils/Zip.hpp>

#include <cstdlib>

#include "base/zip_reader.hpp"
#include "unit/sdk/sdk_fixture.hpp"

namespace osbot_aws {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

struct Services_Test : testing::Test, test::Sdk_Fixture {
    S3 s3{session};
};

TEST_F(Services_Test, creates_lists_and_deletes_buckets) {
    EXPECT_THAT(s3.buckets(), IsEmpty());
    EXPECT_TRUE(s3.bucket_create("second"));
    EXPECT_TRUE(s3.bucket_create("first"));
    EXPECT_TRUE(s3.bucket_create("first")) << "the session already owns the bucket";
    EXPECT_THAT(s3.buckets(), ElementsAre("first", "second"));
    EXPECT_TRUE(s3.bucket_exists("first"));
    EXPECT_TRUE(s3.bucket_delete("first"));
    EXPECT_FALSE(s3.bucket_delete("first"));
    EXPECT_FALSE(s3.bucket_exists("first"));
    EXPECT_THAT(s3.buckets(), ElementsAre("second"));
}

TEST_F(Services_Test, objects_keep_their_bytes_type_and_metadata) {
    s3.bucket_create("my-bucket");
    s3.file_upload_from_bytes("{}\n", "my-bucket", "a/b c.json", "application/json", {{"created_by", "me"}});
    EXPECT_EQ(s3.file_contents("my-bucket", "a/b c.json"), "{}\n");
    const Json details = s3.file_details("my-bucket", "a/b c.json");
    EXPECT_EQ(details["ContentLength"], 3);
    EXPECT_EQ(details["ContentType"], "application/json");
    EXPECT_EQ(s3.file_metadata("my-bucket", "a/b c.json"), Json({{"created_by", "me"}}));
    const auto copy = s3.file_download("my-bucket", "a/b c.json");
    EXPECT_EQ(base::read_file(copy).value(), "{}\n");
    std::filesystem::remove(copy);
    EXPECT_FALSE(s3.file_exists("my-bucket", "a"));
    EXPECT_THROW(s3.file_bytes("my-bucket", "a"), Aws_Exception);
}

TEST_F(Services_Test, files_delete_sends_one_request_per_thousand) {
    s3.bucket_create("my-bucket");
    s3.file_upload_from_bytes("1", "my-bucket", "a/b & <c>.json");
    std::vector<std::string> keys(1'000, "never");
    keys.push_back("a/b & <c>.json");
    EXPECT_THAT(sent_by([&] { EXPECT_TRUE(s3.files_delete("my-bucket", keys)); }),
                ElementsAre("POST /my-bucket?delete=", "POST /my-bucket?delete="));
    EXPECT_THAT(s3.find_files("my-bucket"), IsEmpty());
    EXPECT_THAT(sent_by([&] { EXPECT_TRUE(s3.files_delete("my-bucket", {})); }), IsEmpty());
}

TEST_F(Services_Test, files_delete_error_names_the_key) {
    transport->instead = [](const wire::Request&) {
        return test::json_response(200,
                                   "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>Access "
                                   "Denied</Message></Error></DeleteResult>");
    };
    EXPECT_THAT(
        [&] {
            s3.files_delete("my-bucket", {"a", "b"});
        },
        testing::ThrowsMessage<Aws_Exception>("AccessDenied: a: Access Denied"));
}

TEST_F(Services_Test, find_files_returns_all_pages) {
    s3.bucket_create("my-bucket");
    s3.file_upload_from_bytes("1", "my-bucket", "x/1");
    s3.file_upload_from_bytes("2", "my-bucket", "y/2");
    EXPECT_THAT(s3.find_files("my-bucket"), ElementsAre("x/1", "y/2"));
    EXPECT_THAT(s3.find_files("my-bucket", "x/"), ElementsAre("x/1"));
    transport->instead = [](const wire::Request& request) {
        return request.target.find("continuation-token=t%2F1") == std::string::npos
                   ? test::json_response(200,
                                         "<ListBucketResult><Contents><Key>a</Key></Contents>"
                                         "<NextContinuationToken>t/1</NextContinuationToken></ListBucketResult>")
                   : test::json_response(200, "<ListBucketResult><Contents><Key>b</Key></Contents></ListBucketResult>");
    };
    EXPECT_THAT(s3.find_files("my-bucket"), ElementsAre("a", "b"));
}

TEST_F(Services_Test, folder_upload_stores_a_reproducible_zip) {
    s3.bucket_create("my-bucket");
    file("code/handler.py", "def main(event, context):\n    return 1\n");
    file("code/__pycache__/handler.pyc", "x");
    const auto code = folder.path() / "code";
    EXPECT_EQ(&s3.folder_upload(code, "my-bucket", "lambdas/my-function.zip"), &s3);
    const std::string bytes = s3.file_bytes("my-bucket", "lambdas/my-function.zip");
    const auto zip = base::Zip_Reader::open_bytes(bytes, 1'000'000).value();
    ASSERT_THAT(zip.entries(), SizeIs(1));
    EXPECT_EQ(zip.entries()[0].path, "handler.py");
    const auto created = zip_folder(code.string() + "/");
    EXPECT_EQ(created, folder.path() / "code.zip");
    EXPECT_EQ(base::read_file(created).value(), bytes);
    EXPECT_EQ(zip_folder_to_bytes(code), bytes);
    EXPECT_NE(zip_folder_to_bytes(code, {"*.py"}), bytes);
}

TEST_F(Services_Test, dependency_upload_returns_the_metadata_of_the_object) {
    Lambda_Dependency_S3 side = Lambda_Dependency("words", {.session = session}).dependency_s3;
    const Json uploaded = side.upload("zip");
    EXPECT_EQ(uploaded["metadata"]["data_type"], "zip-folder-for-lambda-function");
    EXPECT_EQ(s3.file_metadata(side.bucket_name(), side.path()), uploaded["metadata"]);
}

TEST_F(Services_Test, missing_dependency_error_names_bucket_and_key) {
    s3.bucket_create("000000000000--osbot-lambdas--us-east-1");
    for (const auto& [status, expected_status] : {std::pair{404, "404 Not Found"}, std::pair{403, "403 Forbidden"}}) {
        if (status == 403)
            transport->instead = [](const wire::Request&) { return test::json_response(403, "", "AccessDenied"); };
        try {
            Lambda_Dependency_Inside_Lambda("no-such-words", session).load();
            ADD_FAILURE() << "load() succeeded";
        } catch (const Aws_Exception& failed) {
            EXPECT_EQ(failed.code(), "DependencyNotFound");
            EXPECT_EQ(failed.error().message,
                      fmt::format("the package no-such-words was not found in s3://000000000000--osbot-lambdas--"
                                  "us-east-1/lambdas-dependencies/no-such-words.zip ({}): upload it with "
                                  "Lambda_Dependency",
                                  expected_status));
        }
    }
}

TEST(Load_Dependency_Test, load_dependency_does_nothing_without_a_region) {
    ::setenv("AWS_LAMBDA_FUNCTION_NAME", "orders", 1);
    ::unsetenv("AWS_REGION");
    EXPECT_EQ(load_dependency("no-such-words"), "");
    ::unsetenv("AWS_LAMBDA_FUNCTION_NAME");
}

TEST_F(Services_Test, create_for_lambda_returns_the_required_dict) {
    IAM_Role role("my-lambda-role", session);
    EXPECT_EQ(role.arn(), "");
    const Json created = role.create_for_lambda().to_json();
    EXPECT_EQ(created["status"], "ok");
    EXPECT_EQ(created["role_name"], "my-lambda-role");
    EXPECT_EQ(created["role_arn"], role.arn());
    EXPECT_EQ(created["data"]["RoleName"], "my-lambda-role");
    const Json second = role.create_for_lambda().to_json();
    EXPECT_EQ(second["status"], "warning");
    EXPECT_EQ(second["data"], "role already exists");
    EXPECT_EQ(second["role_arn"], role.arn());
    EXPECT_THAT(role.inline_policies(), ElementsAre("write_logs"));
    EXPECT_THAT(role.attached_policies(), IsEmpty());
    const std::string managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    role.attach_policy(managed).attach_policy(managed);
    EXPECT_THAT(role.attached_policies(), ElementsAre(managed));
    role.put_policy("more", {{"Version", "2012-10-17"},
                             {"Statement", {{{"Effect", "Allow"}, {"Action", "s3:GetObject"}, {"Resource", "*"}}}}});
    EXPECT_TRUE(role.delete_());
    EXPECT_TRUE(role.not_exists());
    EXPECT_FALSE(role.delete_());
}

TEST_F(Services_Test, role_members_have_the_types_of_boto3) {
    IAM_Role role("my-lambda-role", session);
    ASSERT_TRUE(role.create_for_lambda());
    const Json info = role.info();
    EXPECT_EQ(info["MaxSessionDuration"], 3600);
    EXPECT_EQ(info["RoleLastUsed"], Json::object());
    EXPECT_TRUE(info["AssumeRolePolicyDocument"].is_object());
    EXPECT_TRUE(!info.contains("Tags") || info["Tags"].is_array()) << info;
}

TEST_F(Services_Test, role_name_is_random_or_the_last_part_of_the_arn) {
    EXPECT_THAT(IAM_Role("", session).role_name(), StartsWith("osbot_temp_role_"));
    EXPECT_EQ(IAM_Role("arn:aws:iam::000000000000:role/service/name", session).role_name(), "name");
}

TEST_F(Services_Test, rejected_role_returns_an_error) {
    const Json rejected = IAM_Role("no spaces", session).create_for_lambda().to_json();
    EXPECT_EQ(rejected["status"], "error");
    EXPECT_THAT(rejected["error"].get<std::string>(), StartsWith("ValidationError"));
}

TEST_F(Services_Test, lambda_with_temp_role_creates_its_role) {
    Lambda_With_Temp_Role lambda_func("my-test-function", session);
    const Status created = lambda_func.create();
    ASSERT_TRUE(created) << created.error;
    ASSERT_TRUE(lambda_func.wait_for_state_active());
    EXPECT_EQ(lambda_func.invoke({{"a", 1}}), Json({{"a", 1}}));
    const IAM_Role role = lambda_func.temp_role_iam_reset_credentials();
    EXPECT_EQ(role.role_name(), "osbot__temp_role_for__test_Lambda");
    EXPECT_TRUE(role.exists());
    EXPECT_EQ(lambda_func.role, "");
    EXPECT_EQ(lambda_func.create().status, "warning") << "the function exists, and the role is found again";
    EXPECT_EQ(lambda_func.role, role.arn());
}

TEST_F(Services_Test, lambda_with_temp_role_can_start_with_update) {
    Lambda_With_Temp_Role lambda_func("my-test-function", session);
    Lambda& as_lambda = lambda_func;  // what a function with a parameter `Lambda&` calls
    const Status created = as_lambda.update();
    ASSERT_TRUE(created) << created.error;
    EXPECT_EQ(lambda_func.invoke({{"a", 1}}), Json({{"a", 1}}));
    const std::string role = lambda_func.role;
    EXPECT_EQ(role, IAM_Role(lambda_func.temp_role_name, session).arn());
    lambda_func.role.clear();
    lambda_func.memory = 1024;
    ASSERT_TRUE(lambda_func.update());
    EXPECT_EQ(lambda_func.configuration()["Role"], role);
    EXPECT_EQ(lambda_func.configuration()["MemorySize"], 1024);
}

}  // namespace
}  // namespace osbot_aws
