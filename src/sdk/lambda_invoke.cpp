#include <algorithm>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

constexpr std::chrono::seconds timeout_max{900};
constexpr std::chrono::seconds cold_start_allowance{60};

Result<wire::Response> call_invoke(const Lambda& f, std::string event, const std::string& type,
                                   const Invoke_Options& options = {}) {
    client::Call call{.service = "lambda", .method = "POST", .path = path_of(functions_path, f.name, "/invocations")};
    if (type != "RequestResponse") call.headers.add("X-Amz-Invocation-Type", type);
    if (options.log_type != "None") call.headers.add("X-Amz-Log-Type", options.log_type);
    if (!options.client_context.is_null())
        call.headers.add("X-Amz-Client-Context", base::base64_encode(base::dump_json(options.client_context)));
    call.query = qualifier_query(options.qualifier);
    call.headers.add("Content-Type", "application/json");
    call.body = std::move(event);
    call.read_timeout = std::max(std::chrono::seconds(f.timeout), timeout_max) + cold_start_allowance;
    call.repeatable = type == "DryRun";
    return client_of(f.session()).send(call);
}

Json status_code_json(const wire::Response& response) {
    return {{"StatusCode", response.status}, {"RequestId", std::string(response.headers["x-amzn-RequestId"])}};
}

Json payload_of(const std::string& text) {
    if (text.empty()) return nullptr;
    Json parsed = base::parse_json(text);
    return parsed.is_discarded() ? Json{{"raw_message", text}} : parsed;
}

void set_error(Invoke_Result& result, const Error& error) {
    result.code = error.code;
    result.message = error.message;
    result.error = text_of(error);
}

void set_error_of_handler(Invoke_Result& result, const std::string& payload) {
    const Json data = payload_of(payload);
    if (data.is_object())
        return set_error(result, {data.value("errorType", result.function_error),
                                  data.value("errorMessage", data.value("raw_message", "")), 0});
    result.code = result.error = result.function_error;
}

/// Converts the response of a handler that called Response_Writer::http(), a JSON object and 8 NUL bytes before the
/// body, to the object that a handler for a function URL returns otherwise: {statusCode, headers, cookies, body,
/// isBase64Encoded (if the body is not a text)}. Returns any other payload unchanged.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
std::string with_http_body(std::string payload) {
    constexpr std::string_view delimiter("\0\0\0\0\0\0\0\0", 8);
    const std::size_t end = payload.find(delimiter);
    if (end == std::string::npos) return payload;
    Json response = base::parse_json(std::string_view(payload).substr(0, end));
    if (!response.is_object() || !response.contains("statusCode")) return payload;
    const std::string_view body = std::string_view(payload).substr(end + delimiter.size());
    const bool is_text = base::is_utf8(body);
    response["body"] = is_text ? std::string(body) : base::base64_encode(body);
    if (!is_text) response["isBase64Encoded"] = true;
    return base::dump_json_lossy(response);
}

}  // namespace

Text_Invoke_Result invoke_text(const Lambda& f, std::string event, const Invoke_Options& options) {
    Text_Invoke_Result invoked{.result = {.name = f.name}, .payload = {}};
    Invoke_Result& result = invoked.result;
    auto response = call_invoke(f, std::move(event), "RequestResponse", options);
    if (!response) {
        result.status = "error";
        set_error(result, response.error());
        return invoked;
    }
    const wire::Headers& headers = response->headers;
    invoked.payload = with_http_body(response->body.take());
    result.function_error = headers["X-Amz-Function-Error"];
    if (!result.function_error.empty()) set_error_of_handler(result, invoked.payload);
    result.response = status_code_json(*response);
    result.response["ExecutedVersion"] = std::string(headers["X-Amz-Executed-Version"]);
    if (!result.function_error.empty()) result.response["FunctionError"] = result.function_error;
    if (const std::string log(headers["X-Amz-Log-Result"]); !log.empty()) {
        result.response["LogResult"] = log;
        result.log_tail = base::base64_decode(log).value_or("");
    }
    return invoked;
}

Json queue_text(const Lambda& f, std::string event) {
    return status_code_json(call_invoke(f, std::move(event), "Event").value());
}

Json dry_run_text(const Lambda& f, std::string event) {
    return status_code_json(call_invoke(f, std::move(event), "DryRun").value());
}

Invoke_Result Lambda::invoke_raw(const Json& payload, const Invoke_Options& options) {
    Text_Invoke_Result invoked = invoke_text(*this, base::dump_json(payload), options);
    Invoke_Result& result = invoked.result;
    result.data = result.status == "error" ? Json(result.error) : payload_of(invoked.payload);
    return std::move(result);
}

Json Lambda::invoke(const Json& payload) {
    Invoke_Result result = invoke_raw(payload);
    if (result.status == "error") return {{"error", result.error}};
    if (!result.error.empty() && result.data.is_object()) result.data["error"] = result.error;
    return std::move(result.data);
}

std::future<Json> Lambda::invoke_future(Json payload) const {
    return std::async(std::launch::async,
                      [f = Lambda(name, session_), event = std::move(payload)]() mutable { return f.invoke(event); });
}

Invoke_Logs logs_of(Invoke_Result result) {
    return {.status = result.status,
            .name = std::move(result.name),
            .return_value = result.status == "error" ? Json() : std::move(result.data),
            .execution_logs = std::move(result.log_tail),
            .request_id = result.response.is_object() ? result.response.value("RequestId", "") : "",
            .code = std::move(result.code),
            .message = std::move(result.message),
            .error = std::move(result.error)};
}

Invoke_Logs Lambda::invoke_return_logs(const Json& payload) {
    return logs_of(invoke_raw(payload, {.log_type = "Tail"}));
}

Json Lambda::invoke_async(const Json& payload) { return queue_text(*this, base::dump_json(payload)); }
Json Lambda::invoke_dry_run(const Json& payload) { return dry_run_text(*this, base::dump_json(payload)); }

Json invoke_lambda(const std::string& lambda_name, const Json& payload) { return Lambda(lambda_name).invoke(payload); }
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload) {
    return Lambda(lambda_name).invoke_async(payload);
}

}  // namespace osbot_aws
