#include "services/lambda/api/api.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/lambda_api_world.hpp"
#include "support/printers.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

using test_support::json_of;
using test_support::zip_of;

struct Lambda_Api_Test : testing::Test, test_support::Lambda_Api_World {
    wire::Response visit(std::string url, wire::Headers headers = {}, const std::string& method = "GET") {
        wire::Request request{.method = method, .target = "/a?name=ada", .headers = std::move(headers), .body = {}};
        url = url.substr(std::string("http://").size());
        url.pop_back();
        request.headers.set("Host", url);
        wire::Response result{.status = 0, .headers = {}, .body = {}};
        api.handle_function_url(url.substr(0, url.find('.')), std::move(request),
                                [&](wire::Response response) { result = std::move(response); });
        return result;
    }
};

// ---- code in a bucket ----

TEST_F(Lambda_Api_Test, code_may_be_an_s3_object_with_or_without_parts) {
    const std::string zip = zip_of({{"app.py", "from a bucket"}});
    const auto put = [this](const std::string& bytes) { return store->blobs().put(bytes).value(); };
    objects["bucket/app.zip"] = {put(zip)};
    objects["bucket/parts.zip"] = {put(zip.substr(0, 40)), put(zip.substr(40))};
    objects["bucket/text"] = {put("not a zip")};
    const auto from = [](const std::string& key) { return Json{{"Code", {{"S3Bucket", "bucket"}, {"S3Key", key}}}}; };

    const auto missing = create(from("missing.zip"));
    EXPECT_EQ(missing.status, 400);
    EXPECT_EQ(json_of(missing).at("message"),
              "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not "
              "exist.");
    EXPECT_EQ(create(from("text")).headers["x-amzn-ErrorType"], "InvalidParameterValueException");

    const auto whole = json_of(create(from("app.zip")));
    loop.run();
    EXPECT_EQ(functions.registry.find(account, "hello").value()->state, "Active");
    functions.deployment.remove(account, "hello").value();
    const auto joined = json_of(create(from("parts.zip")));
    loop.run();
    EXPECT_EQ(functions.registry.find(account, "hello").value()->state, "Active");
    EXPECT_EQ(joined.at("CodeSha256"), whole.at("CodeSha256"));
}

TEST_F(Lambda_Api_Test, code_members_select_the_object) {
    objects["bucket/app.zip"] = {store->blobs().put(zip_of({{"app.py", "x"}})).value()};
    const auto with = [this](const std::string& member, const std::string& value) {
        return create({{"Code", {{"S3Bucket", "bucket"}, {"S3Key", "app.zip"}, {member, value}}}});
    };
    objects["bucket/app.zip?v2"] = {store->blobs().put(zip_of({{"app.py", "second"}})).value()};
    EXPECT_EQ(json_of(with("S3ObjectVersion", "v1")).at("message"),
              "Error occurred while GetObject. S3 Error Code: NoSuchVersion. S3 Error Message: The specified version "
              "does not exist.");
    const wire::Response reference = with("S3ObjectStorageMode", "REFERENCE");
    EXPECT_EQ(reference.status, 501);
    EXPECT_NE(reference.body.bytes().find("S3ObjectStorageMode REFERENCE"), std::string::npos);
    const wire::Response second = with("S3ObjectVersion", "v2");
    EXPECT_EQ(second.status, 201);
    functions.deployment.remove(account, "hello").value();
    const wire::Response current = with("S3ObjectStorageMode", "COPY");
    EXPECT_EQ(current.status, 201);
    EXPECT_NE(json_of(second).at("CodeSha256"), json_of(current).at("CodeSha256"));
}

TEST_F(Lambda_Api_Test, zip_with_other_code_members_is_rejected) {
    const std::string zip = base::base64_encode(zip_of({{"app.py", "x"}}));
    for (const char* member : {"S3Bucket", "S3Key", "S3ObjectVersion", "S3ObjectStorageMode"}) {
        const auto response = create({{"Code", {{"ZipFile", zip}, {member, "COPY"}}}});
        EXPECT_EQ(response.status, 400) << member;
        EXPECT_EQ(json_of(response).at("message"),
                  "Please do not provide other FunctionCode parameters when providing a ZipFile.");
    }
}

TEST_F(Lambda_Api_Test, log_levels_are_rejected_for_text_logs) {
    const std::string message =
        R"(LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the )"
        R"(LogFormat to "JSON" and try again.)";
    const auto update = [this](const Json& logging) {
        return send("PUT", "/2015-03-31/functions/hello/configuration", Json{{"LoggingConfig", logging}}.dump());
    };
    for (const char* level : {"ApplicationLogLevel", "SystemLogLevel"})
        EXPECT_EQ(json_of(create({{"LoggingConfig", {{level, "WARN"}}}})).at("message"), message);
    create({{"LoggingConfig", {{"LogFormat", "JSON"}}}});
    EXPECT_EQ(json_of(update({{"SystemLogLevel", "WARN"}})).at("LoggingConfig").at("SystemLogLevel"), "WARN");
    EXPECT_EQ(json_of(update({{"LogFormat", "Text"}, {"SystemLogLevel", "WARN"}})).at("message"), message);
}

// Settings that the engine does not act on: stored, returned and replaced one by one. The form of VpcConfig is
// recorded: LocalStack, tests/aws/services/lambda_/test_lambda_api.snapshot.json, test_vpc_config
TEST_F(Lambda_Api_Test, settings_without_effect_are_stored_and_returned) {
    const Json dead_letters{{"TargetArn", "arn:aws:sqs:us-east-1:000000000000:dead"}};
    create({{"DeadLetterConfig", dead_letters}, {"VpcConfig", {{"SubnetIds", {"subnet-1"}}}}, {"Publish", true}});
    const auto update = [this](const Json& changes) {
        const wire::Response updated = send("PUT", "/2015-03-31/functions/hello/configuration", changes.dump());
        EXPECT_EQ(updated.status, 200) << updated.body.bytes();
        services::Functions restarted(context, code, invocations, dependencies());
        restarted.load();
        EXPECT_EQ(restarted.registry.find(account, "hello").value()->settings,
                  functions.registry.find(account, "hello").value()->settings);
        return json_of(send("GET", "/2015-03-31/functions/hello/configuration"));
    };
    Json found = update({{"KMSKeyArn", "arn:aws:kms:us-east-1:000000000000:key/k"}});
    EXPECT_EQ(found["DeadLetterConfig"], dead_letters);
    EXPECT_EQ(found["KMSKeyArn"], "arn:aws:kms:us-east-1:000000000000:key/k");
    EXPECT_EQ(found["VpcConfig"], Json({{"SubnetIds", {"subnet-1"}},
                                        {"SecurityGroupIds", Json::array()},
                                        {"VpcId", ""},
                                        {"Ipv6AllowedForDualStack", false}}));
    found = update({{"KMSKeyArn", ""},
                    {"DeadLetterConfig", {{"TargetArn", ""}}},
                    {"VpcConfig", {{"SubnetIds", Json::array()}, {"SecurityGroupIds", Json::array()}}}});
    EXPECT_FALSE(found.contains("KMSKeyArn"));
    EXPECT_FALSE(found.contains("DeadLetterConfig"));
    EXPECT_EQ(found["VpcConfig"]["SubnetIds"], Json::array());
    const Json version = json_of(send("GET", "/2015-03-31/functions/hello/configuration?Qualifier=1"));
    EXPECT_EQ(version["DeadLetterConfig"], dead_letters) << "a published version does not change";
}

TEST_F(Lambda_Api_Test, tags_of_a_mapping_are_stored_and_changed) {
    create();
    sqs.create(account, "work", {}, {}).value();
    const Json mapping = json_of(send(
        "POST", "/2015-03-31/event-source-mappings",
        R"({"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:work", "FunctionName": "hello", "Tags": {"a": "1"}})"));
    const std::string target = "/2017-03-31/tags/" + mapping["EventSourceMappingArn"].get<std::string>();
    EXPECT_EQ(send("POST", target, R"({"Tags": {"b": "2"}})").status, 204);
    EXPECT_EQ(json_of(send("GET", target))["Tags"], Json({{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(send("DELETE", target + "?tagKeys=a").status, 204);
    EXPECT_EQ(json_of(send("GET", target))["Tags"], Json({{"b", "2"}}));
    const std::string other = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + std::string(8, '0') +
                              "-0000-0000-0000-000000000000";
    EXPECT_EQ(json_of(send("GET", "/2017-03-31/tags/" + other))["Message"], "Event source mapping not found: " + other);
}

TEST_F(Lambda_Api_Test, function_urls_are_listed_in_pages) {
    create({{"Publish", true}});
    send("POST", "/2015-03-31/functions/hello/aliases", R"({"Name": "live", "FunctionVersion": "1"})");
    for (const char* target : {"/2021-10-31/functions/hello/url", "/2021-10-31/functions/hello/url?Qualifier=live"})
        EXPECT_EQ(send("POST", target, R"({"AuthType": "NONE"})").status, 201);
    const Json first = json_of(send("GET", "/2021-10-31/functions/hello/urls?MaxItems=1"));
    ASSERT_EQ(first["FunctionUrlConfigs"].size(), 1u);
    const Json second = json_of(
        send("GET", "/2021-10-31/functions/hello/urls?MaxItems=1&Marker=" + first["NextMarker"].get<std::string>()));
    ASSERT_EQ(second["FunctionUrlConfigs"].size(), 1u);
    EXPECT_FALSE(second.contains("NextMarker"));
    EXPECT_NE(first["FunctionUrlConfigs"][0]["FunctionArn"], second["FunctionUrlConfigs"][0]["FunctionArn"]);
}

TEST_F(Lambda_Api_Test, creates_finds_and_deletes_a_function) {
    const wire::Response created =
        create({{"MemorySize", 256}, {"Environment", {{"Variables", {{"AB", "1"}}}}}, {"Tags", {{"team", "x"}}}});
    ASSERT_EQ(created.status, 201) << created.body.bytes();
    EXPECT_EQ(json_of(created)["State"], "Pending");

    const Json function = json_of(send("GET", "/2015-03-31/functions/hello"));
    EXPECT_EQ(function["Configuration"]["State"], "Active");
    EXPECT_EQ(function["Configuration"]["LastUpdateStatus"], "Successful");
    EXPECT_EQ(function["Configuration"]["MemorySize"], 256);
    EXPECT_EQ(function["Configuration"]["Environment"], Json({{"Variables", {{"AB", "1"}}}}));
    EXPECT_EQ(function["Tags"], Json({{"team", "x"}}));

    const wire::Response deleted = send("DELETE", "/2015-03-31/functions/hello");
    EXPECT_EQ(deleted.status, 204);
    EXPECT_TRUE(deleted.body.bytes().empty());
    const wire::Response missing = send("GET", "/2015-03-31/functions/hello");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.headers["x-amzn-ErrorType"], "ResourceNotFoundException");
}

struct Preferred_Wait : Lambda_Api_Test {
    /// Requests the configuration with this Prefer header, without running the loop.
    void request_with(const std::string& preference, const std::string& name = "hello") {
        wire::Request request{.method = "GET", .target = "/2015-03-31/functions/" + name + "/configuration"};
        request.headers.add("Prefer", preference);
        test_support::send_to(api.operations_api(), account, std::move(request), [this](wire::Response response) {
            last_response = std::move(response);
            ++responses;
        });
    }
    /// Creates a function whose code is not unpacked yet.
    void make_pending() {
        services::Create_Function params{
            .name = "hello", .runtime = "python3.11", .handler = "app.handler", .role = role};
        params.code.zip = services::store_zip(store->blobs(), zip_of({{"app.py", "x"}}));
        functions.deployment.create(account, params).value();
    }
    wire::Response last_response;
    int responses = 0;
};

TEST_F(Preferred_Wait, response_is_sent_when_the_change_is_complete) {
    make_pending();
    request_with("wait=5");
    EXPECT_EQ(responses, 0);
    loop.run();
    ASSERT_EQ(responses, 1);
    EXPECT_EQ(json_of(last_response)["State"], "Active");
    EXPECT_EQ(last_response.headers["Preference-Applied"], "wait");
    loop.advance(std::chrono::seconds{30});
    EXPECT_EQ(responses, 1) << "the timeout has no effect after the response";
}

TEST_F(Preferred_Wait, response_is_sent_at_timeout_or_if_nothing_is_pending) {
    loop.workers_are_busy = true;
    make_pending();
    request_with("wait=5");
    request_with("wait=1000");
    loop.advance(std::chrono::milliseconds{4'999});
    ASSERT_EQ(responses, 0);
    loop.advance(std::chrono::milliseconds{1});
    ASSERT_EQ(responses, 1);
    EXPECT_EQ(json_of(last_response)["State"], "Pending");
    loop.advance(std::chrono::seconds{15});
    ASSERT_EQ(responses, 2) << "longer waits are limited to 20 s";
    request_with("wait=soon");
    request_with("respond-async");
    ASSERT_EQ(responses, 4) << "unsupported preferences are ignored";
    EXPECT_FALSE(last_response.headers.find("Preference-Applied"));
    request_with("wait=5", "missing");
    ASSERT_EQ(responses, 5);
    EXPECT_EQ(last_response.status, 404);
}

TEST_F(Preferred_Wait, function_deleted_during_the_wait_is_not_found) {
    make_pending();
    request_with("wait=5");
    functions.deployment.remove(account, "hello").value();
    ASSERT_EQ(responses, 1);
    EXPECT_EQ(last_response.status, 404);
}

TEST_F(Lambda_Api_Test, code_link_returns_the_zip_until_it_expires) {
    create();
    const std::string link = json_of(send("GET", "/2015-03-31/functions/hello"))["Code"]["Location"];
    const std::string token = link.substr(context.endpoint_url.size() + services::Code_Links::path.size());
    const wire::Response zip = api.download(token);
    ASSERT_TRUE(zip.body.file()) << zip.body.bytes();
    EXPECT_EQ(base::read_file(zip.body.file()->file->path()).value(), zip_of({{"app.py", "x"}}));

    std::string forged = token;
    forged.back() = forged.back() == '0' ? '1' : '0';
    EXPECT_EQ(api.download(forged).status, 403);
    EXPECT_EQ(api.download("nonsense").status, 403);
    loop.advance(std::chrono::minutes{11});
    EXPECT_EQ(api.download(token).status, 403);
}

TEST_F(Lambda_Api_Test, invoke_passes_the_payload_and_returns_the_result) {
    create();
    invocations.result = services::Invoke_Result{
        .payload = "{\"b\":2}", .function_error = "Unhandled", .log_tail = "START", .request_id = "id-7"};
    const wire::Response response =
        send("POST", "/2015-03-31/functions/hello/invocations", "{\"a\": 1}",
             {{"X-Amz-Log-Type", "Tail"}, {"X-Amz-Client-Context", base::base64_encode("{\"c\":3}")}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body.bytes(), "{\"b\":2}");
    EXPECT_EQ(response.headers["x-amz-function-error"], "Unhandled");
    EXPECT_EQ(response.headers["x-amz-log-result"], base::base64_encode("START"));
    EXPECT_EQ(response.headers["x-amz-executed-version"], "$LATEST");
    EXPECT_EQ(response.headers["x-amzn-requestid"], "id-7");
    ASSERT_EQ(invocations.invoked.size(), 1u);
    EXPECT_EQ(invocations.invoked[0].payload, "{\"a\": 1}");
    EXPECT_EQ(invocations.invoked[0].client_context, "{\"c\":3}");
    EXPECT_EQ(invocations.invoked[0].invoked_arn, "arn:aws:lambda:us-east-1:000000000000:function:hello");
}

// The member and its values: botocore, lambda/2015-03-31/service-2.json, TooManyRequestsException and ThrottleReason.
TEST_F(Lambda_Api_Test, throttled_invoke_names_the_limit) {
    create();
    invocations.result = Error{"TooManyRequestsException", "Rate Exceeded.", 429};
    const wire::Response by_all = send("POST", "/2015-03-31/functions/hello/invocations", "{}");
    EXPECT_EQ(by_all.status, 429);
    EXPECT_EQ(by_all.headers["x-amzn-ErrorType"], "TooManyRequestsException");
    EXPECT_EQ(json_of(by_all),
              Json({{"Reason", "ConcurrentInvocationLimitExceeded"}, {"Type", "User"}, {"message", "Rate Exceeded."}}));

    ASSERT_EQ(send("PUT", "/2017-10-31/functions/hello/concurrency", R"({"ReservedConcurrentExecutions":1})").status,
              200);
    const wire::Response by_reserved = send("POST", "/2015-03-31/functions/hello/invocations", "{}");
    EXPECT_EQ(json_of(by_reserved)["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
}

TEST_F(Lambda_Api_Test, invoke_does_not_write_to_the_store) {
    create();
    const auto before = store->last_change();
    send("POST", "/2015-03-31/functions/hello/invocations", "{}");
    EXPECT_EQ(store->last_change(), before);
}

TEST_F(Lambda_Api_Test, event_is_queued_and_dry_run_does_not_run) {
    create();
    EXPECT_EQ(
        send("POST", "/2015-03-31/functions/hello/invocations", "{}", {{"X-Amz-Invocation-Type", "Event"}}).status,
        202);
    EXPECT_EQ(invocations.queued_events.size(), 1u);
    EXPECT_EQ(
        send("POST", "/2015-03-31/functions/hello/invocations", "{}", {{"X-Amz-Invocation-Type", "DryRun"}}).status,
        204);
    EXPECT_TRUE(invocations.invoked.empty());
}

TEST_F(Lambda_Api_Test, qualifier_and_encoded_arn_select_the_version) {
    create({{"Publish", true}});
    send("POST", "/2015-03-31/functions/hello/invocations?Qualifier=1");
    send("POST",
         "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Ahello%3A1/invocations");
    ASSERT_EQ(invocations.invoked.size(), 2u);
    for (const auto& request : invocations.invoked) {
        EXPECT_EQ(request.function->version, "1");
        EXPECT_EQ(request.invoked_arn, "arn:aws:lambda:us-east-1:000000000000:function:hello:1");
    }
}

TEST_F(Lambda_Api_Test, invoke_rejects_invalid_json_and_too_large_payloads) {
    create();
    const std::string target = "/2015-03-31/functions/hello/invocations";
    const wire::Response invalid = send("POST", target, "{nope");
    EXPECT_EQ(invalid.status, 400);
    EXPECT_EQ(invalid.headers["x-amzn-ErrorType"], "InvalidRequestContentException");
    const std::string large = '"' + std::string(6 * 1024 * 1024 - 1, 'x') + '"';
    EXPECT_EQ(send("POST", target, large).status, 413);
    EXPECT_EQ(send("POST", target, "\"" + std::string(6 * 1024 * 1024 - 2, 'x') + "\"").status, 200);
    EXPECT_EQ(
        send("POST", target, '"' + std::string(1024 * 1024, 'x') + '"', {{"X-Amz-Invocation-Type", "Event"}}).status,
        413);
    EXPECT_EQ(send("POST", "/2015-03-31/functions/missing/invocations", "{}").status, 404);
}

TEST_F(Lambda_Api_Test, rejects_fields_of_wrong_type_and_malformed_bodies) {
    EXPECT_EQ(create({{"MemorySize", "much"}}).headers["x-amzn-ErrorType"], "SerializationException");
    EXPECT_EQ(create({{"Code", "zip"}}).headers["x-amzn-ErrorType"], "SerializationException");
    EXPECT_EQ(create({{"Code", {{"ZipFile", "*"}}}}).headers["x-amzn-ErrorType"], "SerializationException");
    EXPECT_EQ(send("POST", "/2015-03-31/functions", "{").headers["x-amzn-ErrorType"], "SerializationException");
    EXPECT_EQ(send("POST", "/2015-03-31/functions", "[]").headers["x-amzn-ErrorType"], "SerializationException");
    EXPECT_EQ(send("POST", "/2015-03-31/functions", "{}").headers["x-amzn-ErrorType"], "ValidationException");
}

TEST_F(Lambda_Api_Test, unsupported_operation_returns_501) {
    const wire::Response response = send("GET", "/2025-11-30/capacity-providers");
    EXPECT_EQ(response.status, 501);
    EXPECT_NE(response.body.bytes().find("ListCapacityProviders"), std::string::npos);
    EXPECT_EQ(send("GET", "/1999-01-01/nonsense").status, 501);
}

TEST_F(Lambda_Api_Test, function_url_runs_the_function_if_permitted) {
    create();
    const std::string url =
        json_of(send("POST", "/2021-10-31/functions/hello/url", R"({"AuthType": "NONE"})"))["FunctionUrl"];
    const wire::Response rejected = visit(url);
    EXPECT_EQ(rejected.status, 403);
    EXPECT_EQ(
        rejected.body.bytes(),
        R"({"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"})");
    for (const char* action : {"InvokeFunctionUrl", "InvokeFunction"}) {
        const Json body = {{"StatementId", action}, {"Action", std::string("lambda:") + action}, {"Principal", "*"}};
        EXPECT_EQ(send("POST", "/2015-03-31/functions/hello/policy", body.dump()).status, 201);
    }
    invocations.result = services::Invoke_Result{
        .payload = R"({"statusCode": 201, "body": "hi"})", .function_error = {}, .log_tail = {}, .request_id = "id"};
    const wire::Response response = visit(url);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body.bytes(), "hi");
    ASSERT_EQ(invocations.invoked.size(), 1u);
    const Json event = Json::parse(invocations.invoked[0].payload);
    EXPECT_EQ(event["queryStringParameters"]["name"], "ada");
    const std::string trace = event["headers"]["x-amzn-trace-id"];
    EXPECT_TRUE(trace.starts_with("Root=1-")) << trace;
    EXPECT_TRUE(invocations.invoked[0].trace_id.starts_with(trace + ";Parent=")) << invocations.invoked[0].trace_id;

    invocations.result =
        services::Invoke_Result{.payload = "{}", .function_error = "Unhandled", .log_tail = {}, .request_id = "id"};
    EXPECT_EQ(visit(url).status, 502);
    send("PUT", "/2021-10-31/functions/hello/url", R"({"AuthType": "AWS_IAM"})");
    EXPECT_EQ(visit(url).status, 403);
    const wire::Response unknown = visit("http://missing.lambda-url.us-east-1.localhost:4566/");
    EXPECT_EQ(unknown.status, 403);
    EXPECT_EQ(unknown.body.bytes(), R"({"Message":null})");
    EXPECT_EQ(unknown.headers["x-amzn-ErrorType"], "AccessDeniedException");
}

TEST_F(Lambda_Api_Test, request_to_the_port_of_a_url_has_its_domain_in_the_event) {
    create();
    const std::string url =
        json_of(send("POST", "/2021-10-31/functions/hello/url", R"({"AuthType": "AWS_IAM"})"))["FunctionUrl"];
    const std::string id = url.substr(7, url.find('.') - 7);
    wire::Request request{.method = "GET", .target = "/", .headers = {{"Host", "127.0.0.1:9"}}, .body = {}};
    wire::sign(request, {.access_key_id = "test",
                         .secret_access_key = "test",
                         .session_token = {},
                         .region = "us-east-1",
                         .service = "lambda",
                         .time = context.now()});
    api.handle_function_url(id, std::move(request), [](const wire::Response&) {});
    ASSERT_EQ(invocations.invoked.size(), 1u);
    const Json received = Json::parse(invocations.invoked[0].payload)["requestContext"];
    EXPECT_EQ(received["apiId"], id);
    EXPECT_EQ(received["domainName"], id + ".lambda-url.us-east-1.localhost");
}

TEST_F(Lambda_Api_Test, url_with_iam_auth_requires_a_valid_signature) {
    create();
    const std::string url =
        json_of(send("POST", "/2021-10-31/functions/hello/url", R"({"AuthType": "AWS_IAM"})"))["FunctionUrl"];
    invocations.result =
        services::Invoke_Result{.payload = "\"hi\"", .function_error = {}, .log_tail = {}, .request_id = "id"};
    const auto visit_as = [&](const std::string& key, const std::string& secret, const std::string& target = "/a") {
        wire::Request request{.method = "GET", .target = "/a", .headers = {}, .body = {}};
        request.headers.set("Host", url.substr(7, url.size() - 8));
        wire::sign(request, {.access_key_id = key,
                             .secret_access_key = secret,
                             .session_token = {},
                             .region = "us-east-1",
                             .service = "lambda",
                             .time = context.now()});
        request.target = target;
        wire::Response result;
        api.handle_function_url(url.substr(7, url.find('.') - 7), std::move(request),
                                [&](wire::Response response) { result = std::move(response); });
        return result;
    };
    EXPECT_EQ(visit_as("test", "test").status, 200);
    const std::string key = services::new_session_key(account.id);
    EXPECT_EQ(visit_as(key, context.keys.secret_of(key)).status, 200) << "functions sign with such a key";
    for (const wire::Response& rejected :
         {visit_as("test", "guessed"), visit_as(key, "test"), visit_as("test", "test", "/changed/on/the/way")}) {
        EXPECT_EQ(rejected.status, 403);
        EXPECT_EQ(rejected.headers["x-amzn-ErrorType"], "InvalidSignatureException");
    }
    EXPECT_EQ(visit_as("AKIAIOSFODNN7EXAMPLE", "unknown secret").status, 200);
    EXPECT_EQ(visit(url).status, 403);
}

TEST_F(Lambda_Api_Test, preflight_of_a_function_url_does_not_run_the_function) {
    create();
    const std::string cors =
        R"({"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 5, "AllowCredentials": null, "Other": [[]]})";
    const Json created =
        json_of(send("POST", "/2021-10-31/functions/hello/url", R"({"AuthType": "NONE", "Cors": )" + cors + "}"));
    EXPECT_FALSE(created["Cors"].contains("Other"));
    const std::string url = created["FunctionUrl"];
    const wire::Response allowed =
        visit(url, {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}}, "OPTIONS");
    EXPECT_EQ(allowed.status, 200);
    EXPECT_EQ(allowed.headers["Access-Control-Allow-Origin"], "https://a.example");
    EXPECT_EQ(allowed.headers["Access-Control-Allow-Methods"], "GET");
    EXPECT_EQ(allowed.headers["Access-Control-Max-Age"], "5");
    const wire::Response other =
        visit(url, {{"Origin", "https://b.example"}, {"Access-Control-Request-Method", "GET"}}, "OPTIONS");
    EXPECT_EQ(other.headers["Access-Control-Allow-Origin"], "");
    EXPECT_TRUE(invocations.invoked.empty());
}

}  // namespace
}  // namespace osbot_aws::services
