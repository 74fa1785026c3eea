#include "engine/forwards.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"

namespace osbot_aws::engine {
namespace {

using testing::HasSubstr;

std::string rejection(const std::vector<std::string>& texts) {
    const auto forwards = parse_forwards(texts);
    return forwards ? "" : forwards.error().message;
}

TEST(Forwards_Test, parses_services_and_urls) {
    const Forwards forwards =
        parse_forwards({"dynamodb=http://127.0.0.1:8000", "cognito-idp=http://moto:5000/", "*=http://[::1]"}).value();
    EXPECT_EQ(
        forwards_json(forwards),
        (Json{{"dynamodb", "http://127.0.0.1:8000"}, {"cognito-idp", "http://moto:5000"}, {"*", "http://[::1]"}}));
    EXPECT_EQ(forwards.at("*").host, "::1");
    EXPECT_EQ(forwards.at("*").port, 80);
    EXPECT_EQ(forwards.at("cognito-idp").port, 5000);
}

TEST(Forwards_Test, rejects_invalid_texts) {
    for (const char* text : {"", "dynamodb", "dynamodb=", "=http://localhost", "dynamodb=localhost:8000", "dynamodb=*",
                             "a b=http://localhost", "dynamodb=http://localhost:0", "dynamodb=ftp://localhost"})
        EXPECT_THAT(rejection({text}), HasSubstr("expected SERVICE=URL")) << text;
    EXPECT_THAT(rejection({"dynamodb=http://localhost/path"}), HasSubstr("path"));
    EXPECT_THAT(rejection({"dynamodb=https://localhost:8000"}), HasSubstr("http"));
    EXPECT_THAT(rejection({"dynamodb=http://a\"b"}), HasSubstr("character"));
    EXPECT_THAT(rejection({"sns=http://localhost:1", "sns=http://localhost:2"}), HasSubstr("already"));
}

TEST(Forwards_Test, rejects_each_service_of_the_engine) {
    for (const std::string_view service : engine_services)
        EXPECT_THAT(rejection({std::string(service) + "=http://localhost:5000"}), HasSubstr("the engine provides"));
}

TEST(Forwards_Test, rejects_endpoints_of_aws) {
    for (const char* host :
         {"amazonaws.com", "dynamodb.us-east-1.amazonaws.com", "DynamoDB.us-east-1.AmazonAWS.com.",
          "dynamodb.cn-north-1.amazonaws.com.cn", "lambda.us-east-1.api.aws", "id.lambda-url.us-east-1.on.aws"})
        EXPECT_THAT(rejection({std::string("*=http://") + host}), HasSubstr("never forwarded to AWS")) << host;
    EXPECT_EQ(rejection({"*=http://notamazonaws.com"}), "") << "the address is checked when the name is resolved";
}

TEST(Forwards_Test, only_loopback_and_private_addresses_are_local) {
    for (const char* address : {"127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                                "::1", "fc00::1", "fd12::1", "::ffff:10.0.0.1"})
        EXPECT_TRUE(is_local_address(address)) << address;
    for (const char* address : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "169.254.169.254", "0.0.0.0",
                                "2600::1", "fe80::1", "::ffff:8.8.8.8", "localhost", ""})
        EXPECT_FALSE(is_local_address(address)) << address;
    EXPECT_THAT(rejection({"*=http://169.254.169.254"}), HasSubstr("loopback or private"));
    EXPECT_THAT(rejection({"*=http://[2600::1]:80"}), HasSubstr("loopback or private"));
}

TEST(Forwards_Test, state_folder_stores_forwards) {
    const base::Temporary_Folder folder("osbot_forwards_test");
    EXPECT_TRUE(load_forwards(folder.path()).empty());
    const Forwards forwards = parse_forwards({"sns=http://localhost:5000"}).value();
    ASSERT_TRUE(store_forwards(folder.path(), forwards));
    EXPECT_EQ(forwards_json(load_forwards(folder.path())), forwards_json(forwards));
    ASSERT_TRUE(store_forwards(folder.path(), {}));
    EXPECT_TRUE(load_forwards(folder.path()).empty());
}

TEST(Forwards_Test, invalid_stored_forwards_are_not_used) {
    const base::Temporary_Folder folder("osbot_forwards_test");
    for (const char* text : {"", "[]", "{\"sns\": 1}", R"({"sns": "http://sns.us-east-1.amazonaws.com"})"}) {
        ASSERT_TRUE(base::write_file(folder.path() / "forwards.json", text));
        EXPECT_TRUE(load_forwards(folder.path()).empty()) << text;
    }
}

}  // namespace
}  // namespace osbot_aws::engine
