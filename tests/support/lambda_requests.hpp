#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/models/models.hpp"
#include "services/lambda/api/api.hpp"
#include "support/lambda_api_world.hpp"
#include "support/model_requests.hpp"

namespace osbot_aws::test_support {

/// Returns the operations of Lambda's model that the API has.
inline std::vector<const aws::Operation*> lambda_operations(const services::Lambda_Api& api) {
    std::vector<const aws::Operation*> found;
    for (const aws::Operation& operation : aws::lambda_model().operations) {
        if (api.operations().find(operation.name) != nullptr) found.push_back(&operation);
    }
    return found;
}

inline std::vector<const aws::Operation*> lambda_operations() {
    const Lambda_Api_World world;
    return lambda_operations(world.api);
}

/// Returns the request of an operation with this input, as a client of AWS sends it.
inline wire::Request lambda_request(const aws::Operation& operation, const Json& input) {
    return model_request(aws::lambda_model(), operation, input);
}

/// Returns a policy with the statement s1, which AddPermission adds, too.
inline std::string policy_of(const std::string& arn) {
    const Json statement{
        {"Sid", "s1"}, {"Effect", "Allow"}, {"Principal", "*"}, {"Action", "lambda:InvokeFunction"}, {"Resource", arn}};
    return Json{{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}}.dump();
}

/// A world in which each operation succeeds with its sample_input().
struct Lambda_Samples : Lambda_Api_World {
    std::string mapping_id, code_signing_arn;
    const std::string function_arn = "arn:aws:lambda:us-east-1:000000000000:function:hello";
    const std::string layer_arn = "arn:aws:lambda:us-east-1:000000000000:layer:tools";
    const std::string profile_arn = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/abcdefghij";
    const std::string zip = base::base64_encode(zip_of({{"app.py", "x"}}));

    Lambda_Samples() {
        create({{"Publish", true}, {"Tags", {{"k", "v"}}}});
        send_input("PublishLayerVersion", {{"LayerName", "tools"}, {"Content", {{"ZipFile", zip}}}});
        for (const char* operation : {"AddLayerVersionPermission", "AddPermission"}) {
            Json input = sample_input(operation);
            input["StatementId"] = "s1";
            send_input(operation, input);
        }
        send_input("CreateAlias", {{"FunctionName", "hello"}, {"Name", "live"}, {"FunctionVersion", "1"}});
        send_input("CreateFunctionUrlConfig", {{"FunctionName", "hello"}, {"AuthType", "NONE"}});
        for (const char* queue : {"work", "more"}) sqs.create(account, queue, {}, {}).value();
        for (const char* operation : {"PutFunctionEventInvokeConfig", "PutProvisionedConcurrencyConfig",
                                      "PutResourcePolicy", "PutFunctionCodeSigningConfig"}) {
            if (operation == std::string_view("PutFunctionCodeSigningConfig"))
                code_signing_arn = json_of(
                    send_input("CreateCodeSigningConfig",
                               sample_input("CreateCodeSigningConfig")))["CodeSigningConfig"]["CodeSigningConfigArn"];
            send_input(operation, sample_input(operation));
        }
        send_input("DeleteFunctionCodeSigningConfig", {{"FunctionName", "hello"}});  // so that it can be deleted
        mapping_id = json_of(send_input(
            "CreateEventSourceMapping",
            {{"FunctionName", "hello"}, {"EventSourceArn", "arn:aws:sqs:us-east-1:000000000000:work"}}))["UUID"];
    }

    wire::Response send_input(const char* operation, const Json& input) {
        return send(lambda_request(*aws::lambda_model().find_operation(operation), input));
    }

    /// Returns the required members of the operation, with values for which it succeeds.
    Json sample_input(std::string_view operation) const {
        const bool creates = operation.starts_with("Create") || operation.starts_with("Add");
        const bool of_layer = operation.find("Layer") != std::string_view::npos;
        const Json all{{"FunctionName", operation == "CreateFunction" ? "other" : "hello"},
                       {"Role", role},
                       {"Code", {{"ZipFile", zip}}},
                       {"Content", {{"ZipFile", zip}}},
                       {"Name", creates ? "fresh" : "live"},
                       {"FunctionVersion", "1"},
                       {"StatementId", creates ? "s2" : "s1"},
                       {"Action", of_layer ? "lambda:GetLayerVersion" : "lambda:InvokeFunction"},
                       {"Principal", "*"},
                       {"AuthType", "NONE"},
                       {"ReservedConcurrentExecutions", 2},  // not below the provisioned concurrency
                       {"Resource", function_arn},
                       {"Tags", {{"k", "v"}}},
                       {"TagKeys", {"k"}},
                       {"LayerName", "tools"},
                       {"VersionNumber", 1},
                       {"Arn", layer_arn + ":1"},
                       {"UUID", mapping_id},
                       {"Qualifier", "1"},
                       {"ProvisionedConcurrentExecutions", 2},
                       {"AllowedPublishers", {{"SigningProfileVersionArns", {profile_arn}}}},
                       {"CodeSigningConfigArn", code_signing_arn},
                       {"UpdateRuntimeOn", "Auto"},
                       {"RecursiveLoop", "Allow"},
                       {"InvokeArgs", "{}"},
                       {"ResourceArn", function_arn},
                       {"Policy", policy_of(function_arn)}};
        Json input = Json::object();
        const aws::Service& model = aws::lambda_model();
        const std::uint16_t shape = model.find_operation(operation)->input;
        if (shape == aws::no_index) return input;
        for (const aws::Member& member : model.members_of(model.shape(shape)))
            if (member.has(aws::required)) input[member.name] = all.at(member.name);
        if (operation == "CreateFunction") input.update({{"Runtime", "python3.11"}, {"Handler", "app.handler"}});
        if (operation == "UpdateFunctionCode") input["ZipFile"] = zip;
        if (operation == "CreateEventSourceMapping")
            input["EventSourceArn"] = "arn:aws:sqs:us-east-1:000000000000:more";
        if (operation == "CreateFunctionUrlConfig") input["Qualifier"] = "live";
        if (operation.ends_with("FunctionEventInvokeConfig") &&
            (operation.starts_with("Put") || operation.starts_with("Up")))
            input["MaximumRetryAttempts"] = 1;
        return input;
    }
};

}  // namespace osbot_aws::test_support
