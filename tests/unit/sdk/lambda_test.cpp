// Tests the requirement's sections on the Lambda class (docs/seed) on an in-memory engine. The results are compared
// with the comments in the requirement.
#include <osbot_aws/apis/shell/Shell_Client.hpp>
#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/aws/s3/S3.hpp>

#include <latch>

#include "base/encoding.hpp"
#include "base/zip_writer.hpp"
#include "unit/sdk/sdk_fixture.hpp"

namespace osbot_aws {
namespace {

using test::Sdk_Fixture;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr const char* echo = "def run(event, context):\n    print('seen')\n    return event\n";
constexpr const char* failing = "def run(event, context):\n    raise ValueError('too late')\n";

std::string zip_of(const std::string& path, const std::string& text) {
    return base::write_zip({{.path = path, .file = {}, .bytes = text}}).value();
}

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

// A value that is not a text is rejected by the compiler: 0 would be a null pointer.
template <class Object, class Value>
concept accepts_variable = requires(Object& object, Value value) {
    object.set_env_variable("LIMIT", value);
};
static_assert(accepts_variable<Lambda, const char*> && accepts_variable<Lambda, std::string>);
static_assert(!accepts_variable<Lambda, int> && !accepts_variable<Lambda, bool> && !accepts_variable<Lambda, double>);
static_assert(!accepts_variable<Lambda, std::nullptr_t>);

struct Lambda_Test : testing::Test, Sdk_Fixture {
    /// Returns a function with settings and code that is not created yet.
    Lambda make_function(const std::string& name, const std::string& code = echo) {
        Lambda function(name, session);
        function.handler = "code.run";
        function.zip_bytes = zip_of("code.py", code);
        function.role = IAM_Role("lambda-role", session).create_for_lambda().role_arn;
        return function;
    }
    /// Returns a created and active function.
    Lambda active(const std::string& name, const std::string& code = echo) {
        Lambda function = make_function(name, code);
        const Status created = function.create();
        EXPECT_TRUE(created) << created.error;
        EXPECT_TRUE(function.wait_for_state_active());
        return function;
    }
};

// ---- create, delete ----

TEST_F(Lambda_Test, zip_is_inserted_correctly_despite_similar_settings) {
    Lambda function = make_function("nasty");
    function.description = R"({"ZipFile":"*zip*"} *zip*)";
    function.set_env_variable("ZIP", R"("ZipFile":"*zip*")");
    ASSERT_TRUE(function.create());
    const Json sent = Json::parse(transport->requests.back().body.bytes());
    EXPECT_EQ(sent["Code"]["ZipFile"], base::base64_encode(function.zip_bytes));
    EXPECT_EQ(sent["Description"], function.description);
    EXPECT_EQ(sent["Environment"]["Variables"]["ZIP"], R"("ZipFile":"*zip*")");
}

TEST_F(Lambda_Test, create_returns_status_name_and_data) {
    Lambda function = make_function("my.function");
    const Json created = function.create().to_json();
    EXPECT_EQ(created["status"], "ok");
    EXPECT_EQ(created["name"], "my_function");
    EXPECT_EQ(created["error"], nullptr);
    EXPECT_EQ(created["data"]["FunctionName"], "my_function");
    EXPECT_EQ(created["data"]["MemorySize"], 512);
    EXPECT_EQ(created["data"]["Timeout"], 60);
    EXPECT_EQ(created["data"]["Runtime"], "python3.11");
    EXPECT_EQ(created["data"]["Architectures"], Json({"x86_64"}));
    EXPECT_EQ(created["data"]["TracingConfig"]["Mode"], "PassThrough");
}

TEST_F(Lambda_Test, create_of_an_existing_function_is_a_warning) {
    Lambda function = active("orders");
    const Status second = function.create();
    EXPECT_EQ(second.status, "warning");
    EXPECT_EQ(second.message, "lambda function already exists: orders");
    EXPECT_FALSE(second);
}

TEST_F(Lambda_Test, create_without_code_warns_if_the_function_exists) {
    Lambda function = active("orders");
    function.zip_bytes.clear();
    const Status second = function.create();
    EXPECT_EQ(second.status, "warning");
    EXPECT_EQ(second.message, "lambda function already exists: orders");
}

TEST_F(Lambda_Test, invalid_settings_return_errors_that_name_the_field) {
    Lambda function("orders", session);
    EXPECT_THAT(function.create().error, HasSubstr("role is not set"));
    EXPECT_EQ(transport->titles.size(), 0U);
    function.role = "arn:aws:iam::000000000000:role/x";
    EXPECT_THAT(function.create().error, HasSubstr("no code is set"));
    function.zip_bytes = zip_of("code.py", echo);
    function.architecture = "x86";
    EXPECT_THAT(function.create().error, HasSubstr("invalid architecture 'x86'"));
    EXPECT_EQ(transport->titles.size(), 1U) << "create() without code checks whether the function exists";
    function.folder_code = folder.path() / "missing";
    function.zip_bytes.clear();
    EXPECT_THAT(function.create().error, HasSubstr("missing"));
}

TEST_F(Lambda_Test, failed_create_returns_the_request_without_secrets) {
    Lambda function = make_function("orders").set_env_variable("API_KEY", "hunter2");
    function.memory = 1;
    const Json failed = function.create().to_json();
    EXPECT_EQ(failed["status"], "error");
    EXPECT_THAT(failed["error"].get<std::string>(), StartsWith("ValidationException: "));
    EXPECT_EQ(failed["data"]["MemorySize"], 1);
    EXPECT_THAT(failed.dump(), Not(HasSubstr("hunter2")));
    EXPECT_TRUE(failed["data"]["Environment"]["Variables"].contains("API_KEY"));
}

TEST_F(Lambda_Test, setters_chain) {
    const Json sent = Lambda("my-function")
                          .set_role("arn:aws:iam::000000000000:role/lambda-role")
                          .set_s3_bucket("my-bucket")
                          .set_s3_key("lambdas/my-function.zip")
                          .set_handler("handler.main")
                          .set_trace_mode("Active")
                          .set_env_variable("DEBUG", "true")
                          .add_layers({"b", "a", "b"})
                          .create_kwargs();
    EXPECT_EQ(sent["Code"], Json({{"S3Bucket", "my-bucket"}, {"S3Key", "lambdas/my-function.zip"}}));
    EXPECT_EQ(sent["Handler"], "handler.main");
    EXPECT_EQ(sent["TracingConfig"]["Mode"], "Active");
    EXPECT_EQ(sent["Environment"]["Variables"], Json({{"DEBUG", "true"}}));
    EXPECT_EQ(sent["Layers"], Json({"b", "a"})) << "later layers override earlier ones";
    EXPECT_EQ(Lambda("f").create_kwargs()["Handler"], "f.run");
}

TEST_F(Lambda_Test, image_request_has_no_runtime_handler_or_layers) {
    Lambda function("my-function", session);
    function.image_uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-repo:latest";
    const Json sent = function.create_kwargs();
    EXPECT_EQ(sent["PackageType"], "Image");
    EXPECT_EQ(sent["Code"], Json({{"ImageUri", function.image_uri}}));
    for (const char* member : {"Runtime", "Handler", "Layers"}) EXPECT_FALSE(sent.contains(member)) << member;
}

TEST_F(Lambda_Test, delete_removes_the_function_and_its_logs) {
    Lambda function = active("orders");
    EXPECT_TRUE(function.exists());
    EXPECT_FALSE(function.exists("other-function"));
    function.invoke();
    ASSERT_TRUE(function.log_group().group_exists());
    EXPECT_TRUE(function.delete_());
    EXPECT_FALSE(function.exists());
    EXPECT_FALSE(function.log_group().group_exists());
    EXPECT_FALSE(function.delete_());
}

TEST_F(Lambda_Test, delete_can_keep_the_logs) {
    Lambda function = active("orders");
    function.invoke();
    EXPECT_TRUE(function.delete_(false));
    EXPECT_TRUE(function.log_group().group_exists());
}

// ---- update ----

TEST_F(Lambda_Test, update_sends_code_and_configuration) {
    Lambda function = active("orders");
    function.zip_bytes = zip_of("code.py", "def run(event, context):\n    return 2\n");
    function.memory = 1024;
    const Json updated = function.update().to_json();
    EXPECT_EQ(updated["status"], "ok") << updated;
    EXPECT_EQ(updated["name"], "orders");
    EXPECT_THAT(keys_of(updated["data"]), ElementsAre("update_code", "update_config"));
    EXPECT_EQ(function.configuration()["MemorySize"], 1024);
    EXPECT_EQ(function.invoke(), 2);
}

TEST_F(Lambda_Test, update_creates_a_missing_function_and_never_throws) {
    Lambda function = make_function("orders");
    EXPECT_TRUE(function.update());
    EXPECT_EQ(function.invoke(1), 1);
    Lambda without("nothing", session);
    EXPECT_EQ(without.update().status, "error");
}

/// The configuration that GetFunctionConfiguration returns after an update, and the expected error.
struct Update_Case {
    const char *name, *configuration, *error;
};

struct Lambda_Update_Test : Lambda_Test, testing::WithParamInterface<Update_Case> {
    /// After a request with this title, GetFunctionConfiguration returns the case's configuration.
    void return_configuration_after(const std::string& title) {
        transport->after = [this, title](const wire::Request& request,
                                         Result<wire::Response> response) -> Result<wire::Response> {
            const bool look = request.method == "GET" && request.target.ends_with("/configuration");
            if (sent_ && look) return test::json_response(200, GetParam().configuration);
            if (test::title_of(request) == title) sent_ = true;
            return response;
        };
    }
    bool sent_ = false;
};

INSTANTIATE_TEST_SUITE_P(
    configurations, Lambda_Update_Test,
    testing::Values(
        Update_Case{"update_failed",
                    R"({"State": "Active", "LastUpdateStatus": "Failed", "LastUpdateStatusReason": "no such layer"})",
                    "UpdateFailed: the update is Failed: no such layer"},
        Update_Case{"state_failed",
                    R"({"State": "Failed", "StateReason": "no such image", "LastUpdateStatus": "Successful"})",
                    "UpdateFailed: the function is Failed: no such image"},
        Update_Case{"still_in_progress",
                    R"({"State": "Active", "LastUpdateStatus": "InProgress", "LastUpdateStatusReason": "busy"})",
                    "WaitTimeout: the update is InProgress: busy"},
        Update_Case{"still_pending", R"({"State": "Pending", "StateReason": "being created"})",
                    "WaitTimeout: the function is Pending: being created"}),
    [](const auto& c) { return c.param.name; });

TEST_P(Lambda_Update_Test, incomplete_update_is_an_error_with_state_and_reason) {
    Lambda function = active("orders");
    function.zip_bytes.clear();
    function.image_uri.clear();
    impl_of(session).seams.sleep = [](std::chrono::milliseconds) {};
    return_configuration_after("PUT /2015-03-31/functions/orders/configuration");
    const Status updated = function.update();
    EXPECT_EQ(updated.error, GetParam().error);
    EXPECT_TRUE(updated.data.contains("update_config")) << "responses to completed requests are returned";
}

TEST_P(Lambda_Update_Test, incomplete_code_update_stops_before_the_configuration) {
    Lambda function = active("orders");
    impl_of(session).seams.sleep = [](std::chrono::milliseconds) {};
    return_configuration_after("PUT /2015-03-31/functions/orders/code");
    Status updated;
    const auto sent = sent_by([&] { updated = function.update(); });
    EXPECT_EQ(updated.error, GetParam().error);
    EXPECT_THAT(sent, Not(Contains("PUT /2015-03-31/functions/orders/configuration")));
}

TEST_P(Lambda_Update_Test, update_checks_the_state_of_a_created_function) {
    Lambda function = make_function("orders");
    impl_of(session).seams.sleep = [](std::chrono::milliseconds) {};
    return_configuration_after("POST /2015-03-31/functions");
    EXPECT_EQ(function.update().error, GetParam().error);
}

TEST_F(Lambda_Test, update_uploads_the_folder_to_its_bucket) {
    Lambda function = make_function("orders");
    function.zip_bytes.clear();
    file("code/code.py", echo);
    function.set_folder_code(folder.path() / "code").set_s3_bucket("my-bucket");
    ASSERT_TRUE(function.update());
    EXPECT_THAT(S3(session).find_files("my-bucket"), ElementsAre("lambdas/orders.zip"));
    EXPECT_EQ(function.invoke(1), 1);
    Lambda image("image", session);
    image.image_uri = "x";
    EXPECT_FALSE(image.upload());
}

TEST_F(Lambda_Test, update_lambda_configuration_sends_all_settings) {
    Lambda function = active("orders");
    function.set_env_variables({{"KEY1", "val1"}, {"KEY2", "val2"}});
    function.timeout = 120;
    function.update_lambda_configuration();
    EXPECT_EQ(function.wait_for_function_update_to_complete(), "Successful");
    const Json now = function.configuration();
    EXPECT_EQ(now["Timeout"], 120);
    EXPECT_EQ(now["Environment"]["Variables"], Json({{"KEY1", "val1"}, {"KEY2", "val2"}}));
}

TEST_F(Lambda_Test, set_env_variables_keeps_other_variables) {
    Lambda function("orders", session);
    function.set_env_variable("KEY", "value").set_env_variables({{"KEY1", "val1"}, {"KEY2", "val2"}});
    function.set_env_variables({{"KEY2", "new"}});
    EXPECT_EQ(function.env_variables,
              (std::map<std::string, std::string>{{"KEY", "value"}, {"KEY1", "val1"}, {"KEY2", "new"}}));
}

TEST_F(Lambda_Test, configuration_update_accepts_any_members) {
    Lambda function = active("orders");
    const Json updated = function.configuration_update(
        {{"MemorySize", 1024}, {"Timeout", 120}, {"Environment", {{"Variables", {{"KEY", "value"}}}}}});
    EXPECT_EQ(updated["MemorySize"], 1024);
    EXPECT_EQ(updated["Environment"]["Variables"]["KEY"], "value");
    EXPECT_THROW(Lambda("missing", session).configuration_update({{"Timeout", 1}}), Aws_Exception);
}

// ---- invoke ----

TEST_F(Lambda_Test, invoke_returns_the_result) {
    Lambda function = active("orders");
    EXPECT_EQ(function.invoke({{"key", "value"}}), Json({{"key", "value"}}));
    EXPECT_EQ(function.invoke(), Json::object());
    EXPECT_EQ(function.invoke(nullptr), nullptr);
}

// The first bytes of a streamed response that sets a status are the prelude of
// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
TEST_F(Lambda_Test, invoke_returns_status_and_body_of_a_streamed_http_response) {
    using namespace std::string_literals;
    std::string payload;
    transport->instead = [&](const wire::Request&) { return test::json_response(200, payload); };
    const std::string prelude = R"({"statusCode":201,"headers":{"A":"b"},"cookies":[]})" + std::string(8, '\0');

    payload = prelude + "1\n\"2\"\n";
    Json expected{{"statusCode", 201}, {"headers", {{"A", "b"}}}, {"cookies", Json::array()}, {"body", "1\n\"2\"\n"}};
    EXPECT_EQ(Lambda("f", session).invoke(), expected);

    payload = prelude + "\xff\0"s;
    expected["body"] = base::base64_encode("\xff\0"s);
    expected["isBase64Encoded"] = true;
    EXPECT_EQ(Lambda("f", session).invoke_raw().data, expected);

    payload = "{}" + std::string(8, '\0') + "x";
    EXPECT_EQ(Lambda("f", session).invoke(), (Json{{"raw_message", payload}})) << "not a prelude";
}

TEST_F(Lambda_Test, invoke_of_a_missing_function_returns_an_error) {
    const Json response = Lambda("missing", session).invoke();
    EXPECT_THAT(response["error"].get<std::string>(), StartsWith("ResourceNotFoundException: Function not found:"));
    EXPECT_THAT(keys_of(response), ElementsAre("error"));
}

TEST_F(Lambda_Test, failing_handler_payload_has_an_error) {
    Lambda function = active("late", failing);
    const Json response = function.invoke();
    EXPECT_EQ(response["error"], "ValueError: too late");
    EXPECT_EQ(response["errorType"], "ValueError");
    EXPECT_EQ(response["errorMessage"], "too late");
    const Invoke_Result raw = function.invoke_raw();
    EXPECT_EQ(raw.status, "ok");
    EXPECT_EQ(raw.function_error, "Unhandled");
}

TEST_F(Lambda_Test, invoke_raw_returns_code_and_message_of_a_failure) {
    const Invoke_Result not_sent = Lambda("missing", session).invoke_raw();
    EXPECT_FALSE(not_sent);
    EXPECT_EQ(not_sent.code, "ResourceNotFoundException");
    EXPECT_EQ(not_sent.error, not_sent.code + ": " + not_sent.message);
    EXPECT_THROW(not_sent.value(), Aws_Exception);
    const Invoke_Result failed = active("late", failing).invoke_raw();
    EXPECT_FALSE(failed);
    EXPECT_EQ(failed.status, "ok") << "the request succeeded";
    EXPECT_EQ(failed.code, "ValueError");
    EXPECT_EQ(failed.message, "too late");
    const Invoke_Result succeeded = active("orders").invoke_raw({{"a", 1}});
    EXPECT_TRUE(succeeded);
    EXPECT_EQ(succeeded.value(), Json({{"a", 1}}));
}

TEST_F(Lambda_Test, invoke_future_runs_calls_in_parallel) {
    // Each invocation waits until all have started, so that the test only ends if they run at the same time.
    std::latch all_started(4);
    transport->instead = [&](const wire::Request& request) {
        all_started.arrive_and_wait();
        return test::json_response(200, request.body.bytes());
    };
    std::vector<std::future<Json>> results;
    {
        const Lambda function("orders", session);
        for (int i = 0; i < 4; ++i) results.push_back(function.invoke_future({{"call", i}}));
    }
    for (int i = 0; i < 4; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), Json({{"call", i}}));
}

TEST_F(Lambda_Test, invoke_raw_returns_status_name_data_and_response) {
    const Json response = active("orders").invoke_raw({{"key", "value"}}).to_json();
    EXPECT_THAT(keys_of(response), UnorderedElementsAre("status", "name", "data", "response"));
    EXPECT_EQ(response["status"], "ok");
    EXPECT_EQ(response["data"], Json({{"key", "value"}}));
    EXPECT_EQ(response["response"]["StatusCode"], 200);
    EXPECT_EQ(response["response"]["ExecutedVersion"], "$LATEST");
    const Json failed = Lambda("missing", session).invoke_raw().to_json();
    EXPECT_EQ(failed["status"], "error");
    EXPECT_THAT(failed["data"].get<std::string>(), StartsWith("ResourceNotFoundException"));
}

TEST_F(Lambda_Test, invoke_raw_sends_client_context_and_qualifier) {
    Lambda function = active("orders", "def run(event, context):\n    return context.client_context.custom\n");
    EXPECT_EQ(function.invoke_raw({}, {.qualifier = "$LATEST", .client_context = {{"custom", {{"a", "b"}}}}}).data,
              Json({{"a", "b"}}));
}

TEST_F(Lambda_Test, invoke_return_logs_returns_the_five_required_keys) {
    const Json response = active("orders").invoke_return_logs({{"key", "value"}}).to_json();
    EXPECT_THAT(keys_of(response),
                UnorderedElementsAre("status", "name", "return_value", "execution_logs", "request_id"));
    EXPECT_EQ(response["return_value"], Json({{"key", "value"}}));
    const std::string logs = response["execution_logs"];
    EXPECT_THAT(logs, HasSubstr("START RequestId: " + response["request_id"].get<std::string>()));
    EXPECT_THAT(logs, HasSubstr("seen"));
    const Json failed = Lambda("missing", session).invoke_return_logs().to_json();
    EXPECT_EQ(failed["status"], "error");
    EXPECT_EQ(failed["execution_logs"], "");
}

TEST_F(Lambda_Test, non_json_payload_is_a_raw_message) {
    transport->instead = [](const wire::Request&) { return test::json_response(200, "plain <text>"); };
    EXPECT_EQ(Lambda("orders", session).invoke(), Json({{"raw_message", "plain <text>"}}));
    transport->instead = [](const wire::Request&) {
        wire::Response response = test::json_response(200, "out of luck");
        response.headers.add("X-Amz-Function-Error", "Unhandled");
        return response;
    };
    EXPECT_EQ(Lambda("orders", session).invoke()["error"], "Unhandled: out of luck");
}

TEST_F(Lambda_Test, invoke_async_queues_and_dry_run_runs_nothing) {
    Lambda function = active("orders");
    EXPECT_EQ(function.invoke_async({{"key", "value"}})["StatusCode"], 202);
    EXPECT_EQ(function.invoke_dry_run({{"key", "value"}})["StatusCode"], 204);
    EXPECT_THROW(Lambda("missing", session).invoke_async(), Aws_Exception);
}

TEST_F(Lambda_Test, invoke_lambda_calls_functions_by_name) {
    active("orders");
    ::setenv("AWS_ENDPOINT_URL", client_of(session).target().endpoint_url.c_str(), 1);
    EXPECT_EQ(invoke_lambda("orders", {{"key", "value"}}), Json({{"key", "value"}}));
    EXPECT_EQ(invoke_lambda_async("orders", {{"key", "value"}})["StatusCode"], 202);
    ::unsetenv("AWS_ENDPOINT_URL");
}

TEST_F(Lambda_Test, shell_sends_method_and_key) {
    transport->instead = [](const wire::Request& request) { return test::json_response(200, request.body.bytes()); };
    const Lambda function("orders", session);
    const Json sent = function.shell_python_exec("result = 1", "secret-auth-key");
    EXPECT_EQ(sent["lambda_shell"], Json({{"method_name", "python_exec"},
                                          {"method_kwargs", {{"code", "result = 1"}}},
                                          {"auth_key", "secret-auth-key"}}));
    EXPECT_EQ(function.shell("k").ping()["lambda_shell"]["method_name"], "ping");
}

struct Exec_Case {
    const char *name, *response, *expected;
};

struct Shell_Exec_Test : Lambda_Test, testing::WithParamInterface<Exec_Case> {};

INSTANTIATE_TEST_SUITE_P(
    responses, Shell_Exec_Test,  // python/tests/test_lambda.py has the same cases
    testing::Values(Exec_Case{"both_streams", R"({"stdout": " out\n", "stderr": "\n err \n", "error": ""})", "outerr"},
                    Exec_Case{"nothing", R"({"stdout": "\n", "stderr": "", "error": null})", ""},
                    Exec_Case{"not_started", R"({"stdout": "", "stderr": "", "error": "no such program"})",
                              "Error: no such program"},
                    Exec_Case{"raised", R"({"errorMessage": "too late", "errorType": "ValueError"})",
                              "Error: too late"},
                    Exec_Case{"no_shell", R"("the handler")", ""}),
    [](const auto& c) { return c.param.name; });

TEST_P(Shell_Exec_Test, exec_returns_the_output_or_the_error) {
    transport->instead = [](const wire::Request&) { return test::json_response(200, GetParam().response); };
    EXPECT_EQ(Lambda("orders", session).shell("key").exec("program"), GetParam().expected);
}

TEST_F(Lambda_Test, ls_returns_unchanged_output_and_accepts_an_option) {
    transport->instead = [](const wire::Request&) {
        return test::json_response(200, R"({"stdout": "a\nb\n", "stderr": "not c", "error": ""})");
    };
    EXPECT_EQ(Lambda("orders", session).shell("key").ls("-a"), "a\nb\n");
    const Json sent = Json::parse(transport->requests.back().body.bytes());
    EXPECT_EQ(sent["lambda_shell"]["method_kwargs"]["params"], Json({"-a"}));
}

// ---- inspect ----

TEST_F(Lambda_Test, info_and_configuration_have_the_members_of_aws) {
    Lambda function = active("orders");
    EXPECT_THAT(keys_of(function.info()), testing::IsSupersetOf({"Configuration", "Code"}));
    EXPECT_EQ(function.configuration()["FunctionName"], "orders");
    EXPECT_FALSE(function.configuration().contains("ResponseMetadata"));
    EXPECT_EQ(function.function_arn(), "arn:aws:lambda:us-east-1:000000000000:function:orders");
    EXPECT_THROW(Lambda("missing", session).configuration(), Aws_Exception);
}

TEST_F(Lambda_Test, local_engine_returns_account_settings) {
    EXPECT_GT(active("orders").account_settings()["AccountLimit"]["TotalCodeSize"], 0);
}

TEST_F(Lambda_Test, functions_can_be_listed_indexed_grouped_or_named) {
    active("b");
    Lambda a = active("a");
    EXPECT_EQ(a.functions().size(), 2U);
    EXPECT_THAT(keys_of(a.functions({.index_by = "FunctionName"})), ElementsAre("a", "b"));
    EXPECT_EQ(a.functions({.group_by = "Runtime"})["python3.11"].size(), 2U);
    EXPECT_THAT(a.functions_names(), ElementsAre("a", "b"));
}

TEST_F(Lambda_Test, index_by_rejects_missing_or_structured_members) {
    const auto code_of = [](const std::function<void()>& act) {
        try {
            act();
        } catch (const Aws_Exception& failed) { return std::string(failed.what()); }
        return std::string("none");
    };
    Lambda function = active("orders");
    function.permission_add({.statement_id = "s", .action = "lambda:InvokeFunction", .principal = "s3.amazonaws.com"});
    EXPECT_THAT(code_of([&] { function.functions({.index_by = "Nothing"}); }),
                AllOf(StartsWith("NoSuchMember: an item has no 'Nothing'; it has: "), HasSubstr("FunctionName")));
    EXPECT_THAT(code_of([&] { function.functions({.group_by = "Nothing"}); }), StartsWith("NoSuchMember"));
    EXPECT_THAT(code_of([&] { function.policy_statements({.index_by = "Nothing"}); }), StartsWith("NoSuchMember"));
    EXPECT_THAT(code_of([&] { function.functions({.group_by = "Architectures"}); }), StartsWith("NotAKey"));
    Lambda_Layer layer("words", {.session = session});
    layer.create_from_zip_bytes(zip_of("python/words.py", ""));
    EXPECT_THAT(code_of([&] { layer.layers("Nothing"); }), StartsWith("NoSuchMember"));
    EXPECT_THAT(code_of([&] { layer.layers("LatestMatchingVersion"); }),
                StartsWith("NotAKey: 'LatestMatchingVersion' is an object"));
    EXPECT_THAT(keys_of(layer.layers("LayerName")), ElementsAre("words"));
}

TEST_F(Lambda_Test, lists_contain_all_pages) {
    transport->instead = [](const wire::Request& request) {
        return request.target.ends_with("?Marker=2")
                   ? test::json_response(200, R"({"Functions": [{"FunctionName": "a"}]})")
                   : test::json_response(200, R"({"Functions": [{"FunctionName": "b"}], "NextMarker": "2"})");
    };
    EXPECT_THAT(Lambda("x", session).functions_names(), ElementsAre("a", "b"));
}

TEST_F(Lambda_Test, log_group_contains_the_function_output) {
    Lambda function = active("orders");
    function.invoke();
    const Logs logs = function.log_group();
    EXPECT_EQ(logs.name(), "/aws/lambda/orders");
    EXPECT_EQ(logs.group_info()["logGroupName"], "/aws/lambda/orders");
    EXPECT_EQ(logs.streams().size(), 1U);
    EXPECT_THAT(logs.messages(), Contains(HasSubstr("seen")));
    EXPECT_EQ(logs.events({.filter_pattern = "seen"}).size(), 1U);
    EXPECT_EQ(logs.tail(1).size(), 1U);
    EXPECT_THAT(logs.tail(1)[0]["message"].get<std::string>(), StartsWith("REPORT RequestId"));
    Logs other("/mine", session);
    EXPECT_EQ(other.group_info(), nullptr);
    EXPECT_FALSE(other.delete_());
    EXPECT_TRUE(other.group_create());
    EXPECT_FALSE(other.group_create());
    EXPECT_TRUE(other.delete_());
}

// ---- function URL ----

TEST_F(Lambda_Test, function_url_is_created_found_changed_and_deleted) {
    Lambda function = active("orders");
    EXPECT_FALSE(function.function_url_exists());
    EXPECT_EQ(function.function_url(), "");
    EXPECT_EQ(function.function_url_info(), Json::object());
    EXPECT_EQ(function.function_url_update({.auth_type = "NONE"}), nullptr);
    const Json created = function.function_url_create({.auth_type = "AWS_IAM", .invoke_mode = "BUFFERED"});
    EXPECT_EQ(created["AuthType"], "AWS_IAM");
    EXPECT_EQ(function.function_url_create(),
              Json({{"status", "warning"}, {"message", "function url already existed"}}));
    EXPECT_EQ(function.function_url(), created["FunctionUrl"].get<std::string>());
    function.function_url_update({.auth_type = "NONE"});
    function.function_url_update({.invoke_mode = "RESPONSE_STREAM"});
    EXPECT_EQ(function.function_url_info()["AuthType"], "NONE") << "empty members are not changed";
    EXPECT_EQ(function.function_url_info()["InvokeMode"], "RESPONSE_STREAM");
    EXPECT_TRUE(function.function_url_delete());
    EXPECT_FALSE(function.function_url_delete());
}

TEST_F(Lambda_Test, public_url_has_both_statements_and_creation_is_repeatable) {
    Lambda function = active("orders");
    const Json first = function.function_url_create_with_public_access().value();
    EXPECT_EQ(first["function_url_create"]["AuthType"], "NONE");
    EXPECT_EQ(first["function_set_policy"]["Sid"], "FunctionURLAllowPublicAccess");
    const Json second = function.function_url_create_with_public_access().value();
    EXPECT_EQ(second["function_set_policy"], first["function_set_policy"]);
    EXPECT_THAT(keys_of(function.policy_statements({.index_by = "Sid"})),
                ElementsAre("FunctionURLAllowPublicAccess", "FunctionURLAllowPublicInvoke"));
    EXPECT_EQ(second["function_url_create"]["message"], "function url already existed");
}

TEST_F(Lambda_Test, signed_url_becomes_public_and_keeps_its_mode) {
    Lambda function = active("orders");
    function.function_url_create({.auth_type = "AWS_IAM", .invoke_mode = "RESPONSE_STREAM"});
    const Json published = function.function_url_create_with_public_access().value();
    EXPECT_EQ(published["function_url_create"].value("AuthType", ""), "NONE") << published;
    EXPECT_EQ(published["function_set_policy"]["Sid"], "FunctionURLAllowPublicAccess");
    EXPECT_EQ(function.function_url_info()["AuthType"], "NONE");
    EXPECT_EQ(function.function_url_info()["InvokeMode"], "RESPONSE_STREAM");
}

TEST_F(Lambda_Test, rejected_statements_of_a_public_url_are_reported) {
    Lambda function = active("orders");
    for (const std::string rejected_sid : {"FunctionURLAllowPublicAccess", "FunctionURLAllowPublicInvoke"}) {
        transport->instead = [&](const wire::Request& request) -> std::optional<Result<wire::Response>> {
            if (request.body.bytes().find(rejected_sid) == std::string::npos) return std::nullopt;
            return test::json_response(403, R"({"Message": "not you"})", "AccessDeniedException");
        };
        const Status result = function.function_url_create_with_public_access();
        EXPECT_EQ(result.code, "AccessDeniedException") << rejected_sid;
        EXPECT_EQ(result.data["function_set_policy"], (Json{{"error", "AccessDeniedException: not you"}}));
    }
}

// ---- permissions ----

TEST_F(Lambda_Test, permissions_are_added_listed_indexed_deleted_and_cleared) {
    Lambda function = active("orders");
    EXPECT_EQ(function.policy(), Json::object());
    EXPECT_EQ(function.permissions(), Json::array());
    const Permission allowed{.function_arn = function.function_arn(),
                             .statement_id = "AllowS3Invoke",
                             .action = "lambda:InvokeFunction",
                             .principal = "s3.amazonaws.com",
                             .source_arn = "arn:aws:s3:::my-bucket"};
    const Json statement = function.permission_add(allowed).value();
    EXPECT_EQ(statement["Sid"], "AllowS3Invoke");
    EXPECT_EQ(statement["Principal"]["Service"], "s3.amazonaws.com");
    EXPECT_EQ(function.permission_add(allowed).code, "ResourceConflictException");
    EXPECT_EQ(function.permissions(), Json({statement}));
    EXPECT_EQ(function.policy_statements({.index_by = "Sid"})["AllowS3Invoke"], statement);
    EXPECT_EQ(function.permission_delete(function.function_arn(), "AllowS3Invoke").value(), Json::object());
    EXPECT_EQ(function.permission_delete("", "AllowS3Invoke").code, "ResourceNotFoundException");
    function.permission_add(allowed);
    EXPECT_EQ(function.policy_statements_clear().permissions(), Json::array());
}

TEST_F(Lambda_Test, policy_statements_clear_throws_on_a_rejected_removal) {
    Lambda function = active("orders");
    function.permission_add({.statement_id = "s", .action = "lambda:InvokeFunction", .principal = "s3.amazonaws.com"});
    transport->instead = [](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        if (request.method != "DELETE") return std::nullopt;
        return test::json_response(403, R"({"Message": "not you"})", "AccessDeniedException");
    };
    EXPECT_THROW(function.policy_statements_clear(), Aws_Exception);
    transport->instead = nullptr;
    EXPECT_EQ(function.permissions().size(), 1U);
}

// ---- wait ----

TEST_F(Lambda_Test, wait_for_state_ends_with_state_timeout_or_failure) {
    Lambda function = active("orders");
    EXPECT_EQ(function.wait_for_state_active({.max_wait_count = 40, .wait_interval = std::chrono::seconds(1)}).message,
              "function has expected state of Active");
    total_wait = {};
    const Status timed_out =
        function.wait_for_state("Inactive", {.max_wait_count = 2, .wait_interval = std::chrono::seconds(1)});
    EXPECT_EQ(timed_out.status, "error");
    EXPECT_EQ(total_wait, std::chrono::seconds(2)) << "no longer than the limit";
    EXPECT_EQ(Lambda("missing", session).wait_for_state_active().status, "error");
    transport->instead = [](const wire::Request&) {
        return test::json_response(200, R"({"State": "Failed", "StateReason": "no such image"})");
    };
    EXPECT_EQ(function.wait_for_state_active().error, "Failed: no such image");
    EXPECT_EQ(function.wait_for_state_active({.max_wait_count = 0}).status, "error");
}

TEST_F(Lambda_Test, waits_until_an_update_is_complete) {
    int requests = 0;
    transport->instead = [&](const wire::Request&) {
        return test::json_response(
            200, ++requests < 4 ? R"({"LastUpdateStatus": "InProgress"})" : R"({"LastUpdateStatus": "Failed"})");
    };
    Lambda function("orders", session);
    EXPECT_EQ(function.wait_for_function_update_to_complete(
                  {.max_wait_count = 40, .wait_interval = std::chrono::milliseconds(100)}),
              "Failed");
    EXPECT_EQ(requests, 4);
    EXPECT_EQ(total_wait, std::chrono::milliseconds(1 + 2 + 4));
}

// ---- session ----

TEST_F(Lambda_Test, session_applies_to_all_services_of_an_object) {
    const Lambda function("my-function", {{.endpoint_url = "http://localhost:4566", .region_name = "us-east-1"}});
    EXPECT_EQ(function.session().target(), "endpoint http://localhost:4566");
    EXPECT_EQ(function.session().region(), "us-east-1");
    EXPECT_EQ(function.log_group().name(), "/aws/lambda/my-function");
}

}  // namespace
}  // namespace osbot_aws
