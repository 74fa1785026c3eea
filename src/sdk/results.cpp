// Conversion of results to the dicts of the Python API.
#include <osbot_aws/aws/lambda_/Lambda_Results.hpp>
#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

const Json& Status::value() const {
    if (status == "error") throw Aws_Exception({code, message, 0});
    return data;
}

Json Status::to_json() const {
    const auto null_if_empty = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {{"status", status},
            {"name", name},
            {"data", data},
            {"error", null_if_empty(error)},
            {"message", null_if_empty(message)}};
}

const Json& Invoke_Result::value() const {
    if (!ok()) throw Aws_Exception({code, message, 0});
    return data;
}

Json Invoke_Result::to_json() const {
    Json json{{"status", status}, {"name", name}, {"data", data}, {"response", response}};
    if (!function_error.empty()) json["function_error"] = function_error;
    if (!error.empty()) json["error"] = error;
    return json;
}

Json Invoke_Logs::to_json() const {
    Json json{{"status", status},
              {"name", name},
              {"return_value", return_value},
              {"execution_logs", execution_logs},
              {"request_id", request_id}};
    if (!error.empty()) json["error"] = error;
    return json;
}

}  // namespace osbot_aws
