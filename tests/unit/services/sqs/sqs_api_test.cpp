// SQS's operations as the API runs them.
#include "services/sqs/sqs_api.hpp"

#include <stdexcept>

#include <osbot_aws/core/Json.hpp>

#include "aws/models/models.hpp"
#include "base/json.hpp"
#include "sqs_world.hpp"

namespace osbot_aws::services {
namespace {

struct Sqs_Api_Test : Sqs_World {
    Sqs_Front front{context, *sqs};
    Model_Api api{loop, aws::sqs_model(), sqs_operations(front)};
    bool is_closed = false;  ///< the client has closed its connection
    int responses = 0;
    wire::Response response;

    Sqs_Api_Test() { make("work"); }

    /// Sends a request and returns the response if there is one already.
    Json send_to(Model_Api& to, const std::string& operation, Json input = Json::object()) {
        input["QueueUrl"] = "http://localhost/000000000000/work";
        wire::Request request{"POST", "/", {{"X-Amz-Target", "AmazonSQS." + operation}}, base::dump_json(input)};
        aws::Route route = aws::find_route(to.model(), request);
        to.handle({account, std::move(route), std::move(request), [this] { return is_closed; }},
                  [this](wire::Response sent) {
                      ++responses;
                      response = std::move(sent);
                  });
        return base::parse_json(response.body.bytes());
    }
    Json send(const std::string& operation, Json input = Json::object()) {
        return send_to(api, operation, std::move(input));
    }
    /// Sends a message with this trace header and returns the code of the error.
    std::string error_of_trace(const std::string& header) {
        const Json attribute{{"DataType", "String"}, {"StringValue", header}};
        return send("SendMessage", {{"MessageBody", "x"}, {"MessageSystemAttributes", {{"AWSTraceHeader", attribute}}}})
            .value("__type", "");
    }
};

// ---- failures -------------------------------------------------------------------------------------------------------

Result<Json> fail(Sqs&, const Call&) { throw std::runtime_error("a cause"); }

void answer_and_fail(Sqs&, Call&&, const Answer& answer) {
    answer(Output(Json::object()));
    throw std::runtime_error("a cause");
}

TEST_F(Sqs_Api_Test, exception_is_the_internal_error_of_the_service) {
    Model_Api failing(loop, aws::sqs_model(), Operations(*sqs, {{"PurgeQueue", &fail}}));
    const Json error = send_to(failing, "PurgeQueue");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(error.value("__type", ""), "com.amazonaws.sqs#InternalError");
    EXPECT_EQ(error.value("message", "").find("a cause"), std::string::npos) << "only the log has it";
    EXPECT_EQ(responses, 1);
}

void fail_raw(Sqs&, Service_Request&&, Reply) { throw std::runtime_error("a cause"); }

TEST_F(Sqs_Api_Test, exception_of_a_raw_operation_is_an_internal_error) {
    Model_Api failing(loop, aws::sqs_model(), Operations(*sqs, {{"PurgeQueue", &fail_raw}}));
    EXPECT_EQ(send_to(failing, "PurgeQueue").value("__type", ""), "com.amazonaws.sqs#InternalError");
    EXPECT_EQ(responses, 1);
}

TEST_F(Sqs_Api_Test, exception_after_the_response_sends_no_other) {
    Model_Api failing(loop, aws::sqs_model(), Operations(*sqs, {{"PurgeQueue", &answer_and_fail}}));
    send_to(failing, "PurgeQueue");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(responses, 1);
}

// ---- trace headers --------------------------------------------------------------------------------------------------

TEST_F(Sqs_Api_Test, invalid_trace_headers_are_rejected) {
    for (const std::string& invalid :
         {std::string(), std::string("\x01"), std::string("\xEF\xBF\xBF"), std::string(257, 'x')})
        EXPECT_EQ(error_of_trace(invalid), "com.amazonaws.sqs#InvalidParameterValueException") << invalid.size();
    EXPECT_EQ(error_of_trace("Root=1-3152b799-8954dae64eda91bc9a23a7e8;Sampled=1"), "");
}

// ---- clients that close their connection ----------------------------------------------------------------------------

TEST_F(Sqs_Api_Test, half_closed_client_receives_waiting_messages) {
    try_send("work", "x").value();
    is_closed = true;
    EXPECT_EQ(send("ReceiveMessage", {{"WaitTimeSeconds", 1}}).at("Messages").size(), 1U);
}

TEST_F(Sqs_Api_Test, client_that_closes_while_it_waits_takes_no_message) {
    send("ReceiveMessage", {{"WaitTimeSeconds", 20}});
    EXPECT_EQ(responses, 0);
    is_closed = true;
    try_send("work", "x").value();
    loop.run();
    EXPECT_EQ(responses, 1);
    EXPECT_EQ(receive("work")[0].message.receive_count, 1);
}

}  // namespace
}  // namespace osbot_aws::services
