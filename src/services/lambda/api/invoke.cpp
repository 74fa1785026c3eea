// Invoke, InvokeWithResponseStream and InvokeAsync. They read and write their messages by themselves: a warm invoke
// allocates only its strings, the payload is checked in place and moved, and the request ID of the response is that of
// the invocation. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#include "services/lambda/api/invoke.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "aws/validation.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "base/utf8.hpp"
#include "services/durable_reply.hpp"
#include "services/lambda/api/front.hpp"
#include "services/protocol_error.hpp"
#include "wire/body_stream.hpp"
#include "wire/event_stream.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::services {
namespace {

// The error of a rejected invoke. A throttled invoke names the limit: that of the function, or of the account.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
wire::Response invoke_error_response(const Error& error, bool reserved) {
    wire::Response response = protocol_error("lambda", error);
    if (error.code != "TooManyRequestsException") return response;
    Json body = base::parse_json_or_throw(response.body.bytes());
    body["Reason"] =
        reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded";
    response.body = base::dump_json_lossy(body);
    return response;
}

/// The response of InvokeWithResponseStream: a PayloadChunk for each piece, then InvokeComplete.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
std::shared_ptr<wire::Body_Stream> event_stream(const services::Invoke_Result& result, bool with_log) {
    auto events = std::make_shared<wire::Body_Stream>();
    const auto chunk = [events, source = std::weak_ptr(result.stream)](std::string_view piece) {
        events->write(wire::event_frame("PayloadChunk", "application/octet-stream", piece));
        if (const auto from = source.lock()) from->set_unsent(events->unsent());
    };
    const auto complete = [events, with_log](std::string_view code, std::string_view details, std::string_view log) {
        Json outcome = Json::object();
        if (!code.empty()) outcome = {{"ErrorCode", code}, {"ErrorDetails", details}};
        if (with_log) outcome["LogResult"] = base::base64_encode(log);
        const std::string text = base::dump_json_lossy(outcome);
        events->write(wire::event_frame("InvokeComplete", "application/json", text));
        events->end({});
    };
    if (result.stream) {
        events->draw_from(result.stream);
        result.stream->read(chunk, [complete](const wire::Body_Stream::End& end) {
            complete(end.trailers["ErrorCode"], end.trailers["ErrorDetails"], end.trailers["LogResult"]);
        });
    } else {
        if (result.function_error.empty()) chunk(result.payload);
        complete(result.function_error, result.function_error.empty() ? std::string_view() : result.payload,
                 result.log_tail);
    }
    return events;
}

/// How an operation invokes.
enum class Mode { buffered, streaming, async };

bool is_event(const wire::Request& request) { return request.headers["X-Amz-Invocation-Type"] == "Event"; }

/// Returns true if the members of the request, except the function's name, need no check: that is most requests.
bool is_plain(const wire::Request& request, bool streaming) {
    const std::string_view type = request.headers["X-Amz-Invocation-Type"], log = request.headers["X-Amz-Log-Type"];
    return request.query().empty() && (type.empty() || type == "RequestResponse" || (type == "Event" && !streaming)) &&
           (log.empty() || log == "None" || log == "Tail") && request.headers.find("X-Amz-Tenant-Id") == nullptr &&
           request.headers.find("X-Amz-Durable-Execution-Name") == nullptr;
}

/// Checks a request by the model, and rejects the members of features that the engine lacks.
std::optional<Error> check_members(const aws::Route& route, const wire::Request& request) {
    const aws::Service& model = aws::lambda_model();
    OSBOT_TRY(Json input, aws::read_input(model, route, request));
    // The payload is not read, because it is checked in place. It is a required member of InvokeAsync.
    if (!request.body.bytes().empty()) input["InvokeArgs"] = "";
    if (auto error = aws::validate(model, *route.operation, input)) return error;
    if (!input.contains("DurableExecutionName")) return std::nullopt;
    return aws::not_implemented(model, fmt::format("{} with DurableExecutionName", route.operation->name));
}

/// Checks the size and the text of a payload.
std::optional<Error> check_payload(const std::string& payload, bool event) {
    if (payload.size() > invoke_payload_bytes_max) {
        return Error{"RequestEntityTooLargeException",
                     fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation",
                                 invoke_payload_bytes_max),
                     413};
    }
    if (event && payload.size() > event_bytes_max) {
        return Error{"RequestEntityTooLargeException",
                     fmt::format("{} byte payload is too large for the Event invocation type (limit {} bytes)",
                                 payload.size(), event_bytes_max),
                     413};
    }
    return std::nullopt;
}

/// Describes the first byte of a text that is not UTF-8, in the words of AWS's parser.
/// Source: https://github.com/awsdocs/aws-lambda-developer-guide/issues/382
std::string utf8_fault(std::string_view text) {
    while (base::take_utf8(text)) {}
    const auto byte_at = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const bool starts = byte_at(0) >= 0xC2 && byte_at(0) <= 0xF4;
    std::size_t middle = 1;
    while (middle < text.size() && (byte_at(middle) & 0xC0) == 0x80) ++middle;
    if (starts && middle < text.size()) return fmt::format("Invalid UTF-8 middle byte 0x{:x}", byte_at(middle));
    return fmt::format("Invalid UTF-8 start byte 0x{:x}", byte_at(0));
}

std::optional<Error> check_json(const std::string& payload) {
    auto fault = payload.empty() ? std::nullopt : wire::json_fault(payload);
    if (!fault && !base::is_utf8(payload)) fault = utf8_fault(payload);
    if (!fault) return std::nullopt;
    return Error{"InvalidRequestContentException",
                 "Could not parse request body into json: Could not parse payload into json: " + *fault};
}

/// Returns the decoded client context; "" if the request has none.
Result<std::string> client_context(const wire::Request& request) {
    const auto context = request.headers["X-Amz-Client-Context"];
    if (context.empty()) return std::string();
    auto decoded = base::base64_decode(context);
    if (!decoded || !base::is_utf8(*decoded) || wire::json_fault(*decoded))
        return Error{"InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."};
    return std::move(*decoded);
}

wire::Response response_of(services::Invoke_Result result, const services::Function& function, bool streaming,
                           bool tail) {
    wire::Response response{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    response.headers.add("x-amzn-RequestId", std::move(result.request_id));
    response.headers.add("X-Amz-Executed-Version", function.version);
    if (streaming) {
        response.headers.set("Content-Type", "application/vnd.amazon.eventstream");
        response.body = event_stream(result, tail);
        return response;
    }
    if (!result.function_error.empty()) response.headers.add("X-Amz-Function-Error", std::move(result.function_error));
    if (tail) response.headers.add("X-Amz-Log-Result", base::base64_encode(result.log_tail));
    response.body = std::move(result.payload);
    return response;
}

wire::Response dry_run_response() {
    return {.status = 204,
            .headers = {{"Content-Type", "application/json"}, {"x-amzn-RequestId", base::uuid4()}},
            .body = {}};
}

/// Queues an event.
wire::Response enqueue(services::Invocations& invocations, services::Invoke_Request params) {
    wire::Response accepted{.status = 202, .headers = {}, .body = {}};
    accepted.headers.add("x-amzn-RequestId", invocations.enqueue(std::move(params)));
    return accepted;
}

/// Runs the function and responds when it has returned.
void run(services::Invocations& invocations, services::Invoke_Request params, Reply reply) {
    const services::Function_Ptr function = params.function;
    const bool streaming = params.streaming, tail = params.log_tail;
    invocations.invoke(std::move(params), [reply = std::move(reply), function, &invocations, tail,
                                           streaming](Result<services::Invoke_Result> result) mutable {
        if (!result) return reply(invoke_error_response(result.error(), invocations.reservation_is_used(*function)));
        reply(response_of(std::move(*result), *function, streaming, tail));
    });
}

void run_request(Lambda_Front& front, Service_Request&& sent, Mode mode, Reply reply) {
    wire::Request& request = sent.request;
    const bool streaming = mode == Mode::streaming;
    if (mode == Mode::async || !is_plain(request, streaming)) {
        if (const auto error = check_members(sent.route, request)) return reply(protocol_error("lambda", *error));
    }
    const bool event = mode == Mode::async || (!streaming && is_event(request));
    if (const auto error = check_payload(request.body.bytes(), event)) return reply(protocol_error("lambda", *error));
    const std::string qualifier = wire::query_value(sent.route.query, "Qualifier").value_or("");
    auto target = front.functions.registry.invocable(sent.account, sent.route.label("FunctionName"), qualifier);
    if (!target) return reply(protocol_error("lambda", target.error()));
    const std::string_view tenant_id = request.headers["X-Amz-Tenant-Id"];
    if (const auto error = services::check_tenant(*target->function, tenant_id))
        return reply(protocol_error("lambda", *error));
    if (const auto error = check_json(request.body.bytes())) return reply(protocol_error("lambda", *error));
    if (request.headers["X-Amz-Invocation-Type"] == "DryRun") return reply(dry_run_response());
    auto context = client_context(request);
    if (!context) return reply(protocol_error("lambda", context.error()));

    services::Invoke_Request params;
    params.invoked_arn = services::qualified_arn(*target->function, target->qualifier);
    params.function = std::move(target->function);
    params.payload = request.body.take();
    params.trace_id = request.headers["X-Amzn-Trace-Id"];
    params.log_tail = request.headers["X-Amz-Log-Type"] == "Tail";
    params.streaming = streaming;
    params.tenant_id = tenant_id;
    params.client_context = std::move(*context);
    if (!event) return run(front.invocations, std::move(params), std::move(reply));
    const Reply durable = durable_reply(front.context, "lambda", std::move(reply));
    durable(enqueue(front.invocations, std::move(params)));
}

void invoke(Lambda_Front& front, Service_Request&& sent, Reply reply) {
    run_request(front, std::move(sent), Mode::buffered, std::move(reply));
}

void invoke_with_response_stream(Lambda_Front& front, Service_Request&& sent, Reply reply) {
    run_request(front, std::move(sent), Mode::streaming, std::move(reply));
}

/// The older form of an invoke of the type Event. It has no members but the function's name and the payload.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html
void invoke_async(Lambda_Front& front, Service_Request&& sent, Reply reply) {
    for (const char* header : {"X-Amz-Invocation-Type", "X-Amz-Log-Type", "X-Amz-Client-Context", "X-Amz-Tenant-Id"})
        sent.request.headers.erase(header);
    run_request(front, std::move(sent), Mode::async, std::move(reply));
}

}  // namespace

Operations lambda_invoke(Lambda_Front& front) {
    return {front,
            {{"Invoke", &invoke},
             {"InvokeAsync", &invoke_async},
             {"InvokeWithResponseStream", &invoke_with_response_stream}}};
}

}  // namespace osbot_aws::services
