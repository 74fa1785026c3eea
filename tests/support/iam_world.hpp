#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "services/iam/iam_api.hpp"
#include "services/sts/sts_api.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::test_support {

/// IAM and STS, without HTTP: calls operations with inputs and returns outputs.
struct Iam_World : testing::Test {
    Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    services::Context context{.loop = loop, .store = *store};
    services::Iam iam{context};
    services::Sts sts{context, iam};
    services::Operations operations = services::iam_operations(iam), sts_operations = services::sts_operations(sts);
    services::Account account;
    wire::Request request;  ///< of the caller: the account's root, or as()

    const std::string trust =
        R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}})";
    const std::string document =
        R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})";

    Result<Json> call(std::string_view operation, Json input = Json::object()) {
        return run(operations, operation, std::move(input));
    }
    Result<Json> sts_call(std::string_view operation, Json input = Json::object()) {
        return run(sts_operations, operation, std::move(input));
    }
    Json done(std::string_view operation, Json input = Json::object()) {
        return call(operation, std::move(input)).value();
    }
    /// Sends later calls with these credentials.
    void as(const std::string& access_key_id, const std::string& session_token = "") {
        request.headers.set(
            "Authorization",
            fmt::format("AWS4-HMAC-SHA256 Credential={}/20261130/us-east-1/iam/aws4_request, Signature=0",
                        access_key_id));
        request.headers.set("X-Amz-Security-Token", session_token);
    }
    void as_root() { request = {}; }

    /// Replaces the state in memory by that of the store, as a start of the engine does.
    void restart() { iam.load(); }

    void create_role(const std::string& name) {
        done("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", trust}});
    }
    void create_user(const std::string& name) { done("CreateUser", {{"UserName", name}}); }
    std::string create_policy(const std::string& name) {
        return done("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", document}})["Policy"]["Arn"];
    }

private:
    Result<Json> run(const services::Operations& all, std::string_view operation, Json input) {
        services::Call made{.account = account, .input = std::move(input), .request = request, .request_id = "id"};
        std::optional<Result<services::Output>> output;
        all.find(operation)->run(std::move(made),
                                 [&](Result<services::Output> result) { output.emplace(std::move(result)); });
        return output->transform([](const services::Output& each) { return each.members; });
    }
};

}  // namespace osbot_aws::test_support
