// Tests the C++ SDK against another local AWS (AWS_ENDPOINT_URL; `make test-peer` starts moto). No test runs a
// function, because moto needs Docker for that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"

namespace osbot_aws {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Peer_Test : public testing::Test {
protected:
    std::filesystem::path file(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((folder_.path() / name).parent_path());
        base::write_file(folder_.path() / name, text).value();
        return folder_.path() / name;
    }
    Deploy_Lambda deployed(const std::string& name, const std::string& text = "def handler(e, c): return 1\n") const {
        Deploy_Lambda deploy(file(name + ".py", text));
        EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
        return deploy;
    }
    const base::Temporary_Folder folder_;
};

TEST_F(Peer_Test, deploy_sends_only_changes) {
    Deploy_Lambda deploy = deployed("deployed");
    EXPECT_TRUE(deploy.exists());
    EXPECT_EQ(deploy.info().at("Configuration").at("Runtime"), "python3.11");
    Deploy_Lambda again(file("deployed.py", "def handler(e, c): return 1\n"));
    EXPECT_TRUE(again.deploy()) << again.last_error();
    EXPECT_TRUE(again.unchanged());
    Deploy_Lambda changed(file("deployed.py", "def handler(e, c): return 2\n"));
    changed.set_env_variable("LOG_LEVEL", "debug");
    EXPECT_TRUE(changed.deploy()) << changed.last_error();
    EXPECT_FALSE(changed.unchanged());
    EXPECT_EQ(changed.info().at("Configuration").at("Environment").at("Variables").at("LOG_LEVEL"), "debug");
    EXPECT_TRUE(changed.delete_());
    EXPECT_FALSE(changed.exists());
}

TEST_F(Peer_Test, creates_a_function_from_an_s3_object_and_a_role) {
    IAM_Role role("peer-role");
    EXPECT_EQ(role.create_for_lambda().status, "ok");
    file("code/app.py", "def handler(e, c): return 1\n");
    S3 s3;
    s3.bucket_create("peer-bucket");
    s3.folder_upload(folder_.path() / "code", "peer-bucket", "app.zip");
    EXPECT_TRUE(s3.file_exists("peer-bucket", "app.zip"));
    Lambda lambda("created-directly");
    lambda.set_role(role.arn()).set_s3_bucket("peer-bucket").set_s3_key("app.zip").set_handler("app.handler");
    const Status created = lambda.create();
    EXPECT_TRUE(created.ok()) << created.error;
    EXPECT_EQ(lambda.wait_for_state_active().status, "ok");
    EXPECT_EQ(lambda.create().status, "warning") << "it exists";
    EXPECT_EQ(lambda.configuration_update({{"Timeout", 9}}).at("Timeout"), 9);
    EXPECT_THAT(lambda.functions_names(), Contains("created-directly"));
    EXPECT_TRUE(lambda.delete_());
    EXPECT_TRUE(role.delete_());
    EXPECT_FALSE(role.exists());
}

TEST_F(Peer_Test, creates_and_removes_urls_and_permissions) {
    Deploy_Lambda deploy = deployed("reachable");
    Lambda& reachable = deploy.lambda_function();
    reachable.function_url_create({.auth_type = "NONE"});
    EXPECT_THAT(reachable.function_url(), HasSubstr("http"));
    reachable.function_url_update({.auth_type = "AWS_IAM"});
    EXPECT_EQ(reachable.function_url_info().at("AuthType"), "AWS_IAM");
    reachable.function_url_delete();
    EXPECT_FALSE(reachable.function_url_exists());
    reachable.permission_add({.statement_id = "AllowS3Invoke",
                              .action = "lambda:InvokeFunction",
                              .principal = "s3.amazonaws.com",
                              .source_arn = "arn:aws:s3:::my-bucket"});
    EXPECT_EQ(reachable.permissions().size(), 1u);
    reachable.policy_statements_clear();
    EXPECT_EQ(reachable.permissions().size(), 0u);
    deploy.delete_();
}

TEST_F(Peer_Test, layers_are_published_listed_and_deleted) {
    file("layer/python/tool.py", "x = 1\n");
    Lambda_Layer layer("peer-layer");
    EXPECT_EQ(layer.create_from_folder(folder_.path() / "layer").at("Version"), 1);
    EXPECT_EQ(layer.latest_version(), 1);
    EXPECT_EQ(layer.layers("LayerName").contains("peer-layer"), true);
    Deploy_Lambda deploy(file("layered.py", "def handler(e, c): return 1\n"));
    deploy.add_layer(layer.arn_latest());
    EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
    deploy.delete_();
    EXPECT_TRUE(layer.delete_());
    EXPECT_FALSE(layer.exists());
}

TEST_F(Peer_Test, reports_missing_functions) {
    Lambda missing("missing");
    EXPECT_FALSE(missing.exists());
    EXPECT_FALSE(missing.delete_());
    EXPECT_EQ(missing.function_url(), "");
    EXPECT_EQ(missing.policy(), Json::object());
    EXPECT_THAT(missing.invoke().at("error").get<std::string>(), HasSubstr("ResourceNotFoundException"));
}

}  // namespace
}  // namespace osbot_aws
