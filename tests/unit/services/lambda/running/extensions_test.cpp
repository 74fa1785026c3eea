#include "services/lambda/running/extensions.hpp"

#include <gmock/gmock.h>

#include "base/json.hpp"
#include "services/lambda/running/telemetry.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

struct Extensions_Test : testing::Test {
    Function function;
    int registered = 0, ready = 0;
    std::vector<std::string> failures;
    Extensions extensions{function,
                          {.on_registered = [this] { ++registered; },
                           .on_ready = [this] { ++ready; },
                           .on_failure =
                               [this](const Extension_Failure& failure) {
                                   failures.push_back(std::string(failure.type) + ": " + failure.message);
                               }}};
    std::vector<wire::Response> responses;  ///< of events

    Extensions_Test() { function.name = "hello", function.handler = "app.run"; }

    /// Sends a request. Returns its response, which must not wait.
    wire::Response send(const std::string& method, const std::string& path, wire::Headers headers,
                        const std::string& body = "") {
        wire::Response response{.status = 0, .headers = {}, .body = {}};
        extensions.handle({method, "/2020-01-01/extension/" + path, std::move(headers), body},
                          [&](wire::Response sent) { response = std::move(sent); });
        return response;
    }
    wire::Response register_one(const std::string& name, const std::string& events) {
        return send("POST", "register", {{"Lambda-Extension-Name", name}}, "{\"events\": " + events + "}");
    }
    std::string id_of(const std::string& name, const std::string& events) {
        return std::string(register_one(name, events).headers["Lambda-Extension-Identifier"]);
    }
    void next(const std::string& id) {
        extensions.handle({"GET", "/2020-01-01/extension/event/next", {{"Lambda-Extension-Identifier", id}}, {}},
                          [this](wire::Response response) { responses.push_back(std::move(response)); });
    }
    static Json json_of(const wire::Response& response) { return Json::parse(response.body.bytes()); }
    static std::string error_of(const wire::Response& response) {
        return std::to_string(response.status) + " " + json_of(response)["errorType"].get<std::string>();
    }
};

TEST_F(Extensions_Test, external_extension_registers_and_gets_each_event_once) {
    extensions.start({"first", "second"});
    const std::string first = id_of("first", R"(["INVOKE", "SHUTDOWN"])");
    EXPECT_EQ(registered, 0);
    const wire::Response response = register_one("second", R"(["SHUTDOWN"])");
    EXPECT_EQ(registered, 1);
    EXPECT_EQ(json_of(response),
              (Json{{"functionName", "hello"}, {"functionVersion", "$LATEST"}, {"handler", "app.run"}}));
    EXPECT_FALSE(extensions.ready());
    next(first), next(std::string(response.headers["Lambda-Extension-Identifier"]));
    EXPECT_TRUE(extensions.ready());
    EXPECT_EQ(ready, 2);

    extensions.invoke({.request_id = "id", .function_arn = "arn", .deadline_ms = 7, .trace_id = "Root=1"});
    ASSERT_EQ(responses.size(), 1u) << "the second one did not register for it";
    EXPECT_EQ(json_of(responses[0]),
              Json::parse(R"({"eventType": "INVOKE", "deadlineMs": 7, "requestId": "id", "invokedFunctionArn": "arn",
                              "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1"}})"));
    EXPECT_FALSE(extensions.ready());

    extensions.shut_down("spindown", 9);
    ASSERT_EQ(responses.size(), 2u);
    next(first);
    ASSERT_EQ(responses.size(), 3u) << "it was busy at the time of the event";
    EXPECT_EQ(json_of(responses[2]),
              (Json{{"eventType", "SHUTDOWN"}, {"shutdownReason", "spindown"}, {"deadlineMs", 9}}));
    extensions.exited(0, "exit status 0");
    EXPECT_TRUE(extensions.shutting_down());
    extensions.exited(1, "exit status 0");
    EXPECT_FALSE(extensions.shutting_down());
    EXPECT_TRUE(failures.empty());
}

TEST_F(Extensions_Test, internal_extension_registers_until_the_runtime_is_ready) {
    extensions.start({});
    EXPECT_EQ(error_of(register_one("inside", R"(["SHUTDOWN"])")), "403 Extension.InvalidEventType");
    EXPECT_EQ(register_one("inside", R"(["INVOKE"])").status, 200);
    EXPECT_EQ(error_of(register_one("inside", "[]")), "403 Extension.InvalidExtensionState");
    EXPECT_EQ(registered, 0);
    extensions.close_registration();
    EXPECT_EQ(error_of(register_one("late", "[]")), "403 Extension.RegistrationClosed");
}

TEST_F(Extensions_Test, pipelined_registrations_start_the_runtime_once) {
    extensions.start({"first", "second"});
    std::vector<int> statuses;
    const auto record = [&](const wire::Response& response) { statuses.push_back(response.status); };
    const auto request = [](const std::string& name) {
        return wire::Request{"POST", "/2020-01-01/extension/register", {{"Lambda-Extension-Name", name}}, "{}"};
    };
    // A connection reads its next request while it sends a response.
    extensions.handle(request("first"), [&](const wire::Response& response) {
        record(response);
        extensions.handle(request("second"), [&](const wire::Response& next_response) {
            record(next_response);
            for (int i = 0; i < 3; ++i) extensions.handle(request("internal-" + std::to_string(i)), record);
        });
    });
    EXPECT_THAT(statuses, ElementsAre(200, 200, 200, 200, 200));
    EXPECT_EQ(registered, 1);
}

TEST_F(Extensions_Test, shutdown_closes_the_registration) {
    extensions.start({"first"});
    extensions.shut_down("failure", 9);
    EXPECT_EQ(error_of(register_one("inside", "[]")), "403 Extension.RegistrationClosed");
    next(id_of("first", R"(["SHUTDOWN"])"));
    ASSERT_EQ(responses.size(), 1u) << "it registered late, and gets its event";
    EXPECT_EQ(json_of(responses[0])["shutdownReason"], "failure");
}

TEST_F(Extensions_Test, requests_without_or_with_a_wrong_name_are_rejected) {
    extensions.start({});
    EXPECT_EQ(error_of(send("POST", "register", {}, "{}")), "403 Extension.InvalidExtensionName");
    EXPECT_EQ(error_of(send("POST", "register", {{"Lambda-Extension-Name", "a"}}, "[")), "403 InvalidRequestFormat");
    EXPECT_EQ(error_of(register_one("a", R"(["RESTART"])")), "403 Extension.InvalidEventType");
    EXPECT_EQ(error_of(send("GET", "event/next", {})), "403 Extension.MissingExtensionIdentifier");
    EXPECT_EQ(error_of(send("GET", "event/next", {{"Lambda-Extension-Identifier", "x"}})),
              "403 Extension.UnknownExtensionIdentifier");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(register_one("extension-" + std::to_string(i), "[]").status, 200);
    EXPECT_EQ(error_of(register_one("eleventh", "[]")), "403 Extension.TooManyExtensions");
    EXPECT_EQ(error_of(send("GET", "other", {{"Lambda-Extension-Identifier", extensions.all()[0].id}})),
              "404 NotFound");
}

TEST_F(Extensions_Test, errors_and_exits_are_reported_once) {
    extensions.start({"a", "b"});
    const wire::Headers of_a{{"Lambda-Extension-Identifier", id_of("a", "[]")}};
    EXPECT_EQ(error_of(send("POST", "init/error", of_a)), "403 Extension.MissingHeader");
    wire::Headers with_type = of_a;
    with_type.add("Lambda-Extension-Function-Error-Type", "Extension.NoConfiguration");
    EXPECT_EQ(send("POST", "init/error", with_type).status, 202);
    extensions.exited(0, "exit status 1");
    extensions.exited(1, "exit status 2");
    EXPECT_THAT(failures,
                ElementsAre("Extension.InitError: Extension.NoConfiguration", "Extension.Crash: exit status 2"));
}

// ---- Telemetry ------------------------------------------------------------------------------------------------------

struct Telemetry_Test : testing::Test, private Runtime_Endpoints {
    struct Posted {
        std::uint16_t port;
        std::string path;
        Json events;
    };
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{loop, *store};
    std::vector<Posted> posted;
    std::function<void(bool)> confirm;
    int sent = 0;
    Telemetry telemetry{context, *this, true, [this] { ++sent; }};
    Extension extension{.name = "collector"};

    Result<std::unique_ptr<Runtime_Endpoint>> open(Runtime_Api&) override { return Error{}; }
    Result<std::unique_ptr<Runtime_Endpoint>> adopt(int, Runtime_Api&, std::size_t) override { return Error{}; }
    Result<std::unique_ptr<Runtime_Endpoint>> adopt_engine(int) override { return Error{}; }
    void post(std::uint16_t port, const std::string& path, std::string body, std::function<void(bool)> done) override {
        posted.push_back({port, path, Json::parse(body)});
        confirm = std::move(done);
    }

    Result<const Telemetry::Subscription*> subscribe(const std::string& changes = "{}",
                                                     const std::string& path = "/2022-07-01/telemetry") {
        Json body = Json::parse(R"({"schemaVersion": "2022-12-13", "types": ["platform", "function"],
            "buffering": {"timeoutMs": 100}, "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/a"}})");
        body.merge_patch(Json::parse(changes));
        return telemetry.subscribe({"PUT", path, {}, body.dump()}, extension, true);
    }
    std::string error(const std::string& changes) {
        const auto made = subscribe(changes);
        return made ? "" : made.error().message;
    }
};

TEST_F(Telemetry_Test, events_before_and_after_the_subscription_are_sent) {
    telemetry.platform("platform.initStart", {{"phase", "init"}});
    ASSERT_TRUE(subscribe().has_value());
    telemetry.line(Telemetry::Kind::function, "printed", 1000);
    telemetry.line(Telemetry::Kind::function, R"({"a": 1})", 1000);
    telemetry.line(Telemetry::Kind::extension, "not requested", 1000);
    telemetry.end_init();
    loop.advance(99ms);
    EXPECT_TRUE(posted.empty());
    loop.advance(1ms);
    ASSERT_EQ(posted.size(), 1u);
    EXPECT_EQ(posted[0].port, 4243);
    EXPECT_EQ(posted[0].path, "/a");
    ASSERT_EQ(posted[0].events.size(), 3u);
    EXPECT_EQ(posted[0].events[0]["type"], "platform.initStart");
    EXPECT_EQ(posted[0].events[1],
              (Json{{"time", "1970-01-01T00:00:01.000Z"}, {"type", "function"}, {"record", "printed"}}));
    EXPECT_EQ(posted[0].events[2]["record"], (Json{{"a", 1}}));
    EXPECT_FALSE(telemetry.empty());
    confirm(true);
    EXPECT_TRUE(telemetry.empty());
    EXPECT_EQ(sent, 1);
}

TEST_F(Telemetry_Test, full_buffer_is_sent_at_once_and_one_request_at_a_time) {
    ASSERT_TRUE(subscribe(R"({"buffering": {"maxItems": 1000}})").has_value());
    for (int i = 0; i < 2500; ++i) telemetry.line(Telemetry::Kind::function, "x", 0);
    ASSERT_EQ(posted.size(), 1u);
    EXPECT_EQ(posted[0].events.size(), 1000u);
    confirm(true);
    loop.advance(100ms);
    ASSERT_EQ(posted.size(), 2u);
    EXPECT_EQ(posted[1].events.size(), 1000u);
}

TEST_F(Telemetry_Test, flush_sends_the_buffer_and_later_events_without_delay) {
    ASSERT_TRUE(subscribe(R"({"buffering": {"maxItems": 1000}})").has_value());
    for (int i = 0; i < 1500; ++i) telemetry.line(Telemetry::Kind::function, "x", 0);
    ASSERT_EQ(posted.size(), 1u);
    telemetry.flush();
    confirm(true);
    ASSERT_EQ(posted.size(), 2u) << "one request at a time";
    EXPECT_EQ(posted[1].events.size(), 500u);
    confirm(true);
    telemetry.line(Telemetry::Kind::function, "printed during the shutdown", 0);
    ASSERT_EQ(posted.size(), 3u);
    EXPECT_EQ(posted[2].events[0]["record"], "printed during the shutdown");
}

TEST_F(Telemetry_Test, request_of_an_earlier_init_does_not_change_the_next_one) {
    ASSERT_TRUE(subscribe().has_value());
    telemetry.line(Telemetry::Kind::function, "first init", 0);
    loop.advance(100ms);
    ASSERT_EQ(posted.size(), 1u);
    telemetry.restart();
    ASSERT_TRUE(subscribe().has_value());
    confirm(false);
    telemetry.line(Telemetry::Kind::function, "second init", 0);
    loop.advance(100ms);
    ASSERT_EQ(posted.size(), 2u);
    ASSERT_EQ(posted[1].events.size(), 1u);
    EXPECT_EQ(posted[1].events[0]["record"], "second init");
}

TEST_F(Telemetry_Test, failed_request_is_repeated_and_then_reported_as_dropped) {
    ASSERT_TRUE(subscribe().has_value());
    telemetry.line(Telemetry::Kind::function, "lost", 0);
    for (std::size_t attempt = 1; attempt <= 3; ++attempt) {
        loop.advance(100ms);
        ASSERT_EQ(posted.size(), attempt);
        confirm(false);
    }
    telemetry.line(Telemetry::Kind::function, "next", 0);
    loop.advance(100ms);
    ASSERT_EQ(posted.size(), 4u);
    EXPECT_EQ(posted[3].events[0]["type"], "platform.logsDropped");
    EXPECT_EQ(posted[3].events[0]["record"]["droppedRecords"], 1);
    EXPECT_EQ(posted[3].events[1]["record"], "next");
}

TEST_F(Telemetry_Test, invalid_subscriptions_name_the_member) {
    EXPECT_THAT(error(R"({"types": ["metrics"]})"), HasSubstr("invalid type \"metrics\""));
    EXPECT_THAT(error(R"({"types": null})"), HasSubstr("types must be a list"));
    EXPECT_THAT(error(R"({"schemaVersion": "2020-08-15"})"), HasSubstr("invalid schemaVersion"));
    EXPECT_THAT(error(R"({"buffering": {"maxItems": 999}})"),
                HasSubstr("maxItems must be a number from 1000 to 10000"));
    EXPECT_THAT(error(R"({"buffering": {"maxBytes": "a"}})"), HasSubstr("maxBytes must be a number"));
    EXPECT_THAT(error(R"({"buffering": {"timeoutMs": 30001}})"), HasSubstr("timeoutMs must be a number from 25 to"));
    EXPECT_THAT(error(R"({"destination": {"protocol": "TCP"}})"), HasSubstr("over HTTP only"));
    EXPECT_THAT(error(R"({"destination": {"URI": "http://example.com/"}})"), HasSubstr("must be sandbox.localdomain"));
    EXPECT_THAT(error(R"({"destination": {"URI": "http://sandbox:70000/"}})"), HasSubstr("not a valid URI"));
    EXPECT_EQ(error("{}"), "");
    telemetry.end_init();
    EXPECT_THAT(subscribe(), test_support::Fails_with("Telemetry.NotSupported"));
}

TEST_F(Telemetry_Test, logs_api_gets_its_own_types_and_excludes_the_other_api) {
    ASSERT_TRUE(subscribe(R"({"schemaVersion": "2021-03-18"})", "/2020-08-15/logs").has_value());
    EXPECT_THAT(subscribe(), test_support::Fails_with("Telemetry.NotSupported"));
    telemetry.platform("platform.initStart", Json::object());
    telemetry.platform("platform.report", Json::object());
    telemetry.flush();
    ASSERT_EQ(posted.size(), 1u);
    ASSERT_EQ(posted[0].events.size(), 1u);
    EXPECT_EQ(posted[0].events[0]["type"], "platform.report");
}

}  // namespace
}  // namespace osbot_aws::services
