// Shared by the source files lambda_*.cpp, which implement Lambda.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "client/paging.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws {

constexpr std::string_view functions_path = "/2015-03-31/functions";
constexpr std::string_view urls_path = "/2021-10-31/functions";
constexpr std::string_view event_sources_path = "/2015-03-31/event-source-mappings";

using Query = std::vector<std::pair<std::string, std::string>>;

inline std::string path_of(std::string_view root, const std::string& name, std::string_view rest = "") {
    return fmt::format("{}/{}{}", root, wire::percent_encode(name), rest);
}

/// Returns nothing if the function, or what the call names, does not exist. Throws Aws_Exception for other errors.
inline std::optional<Json> found(Result<Json> result) {
    return value_unless(codes::resource_not_found, std::move(result));
}
inline bool not_found(const Error& error) { return error.code == codes::resource_not_found; }
inline std::string text_of(const Error& error) { return fmt::format("{}: {}", error.code, error.message); }

/// Returns {'error': 'CODE: message'}.
inline Json error_json(const Error& error) { return {{"error", text_of(error)}}; }

inline Status error_status(const std::string& name, const Error& error, Json data = nullptr) {
    return {.status = "error",
            .name = name,
            .data = std::move(data),
            .code = error.code,
            .error = text_of(error),
            .message = error.message};
}
inline Status status_of(const std::string& name, Result<Json> result) {
    return result ? Status{.name = name, .data = std::move(*result)} : error_status(name, result.error());
}

/// Returns the function that an argument names, by default `f`.
inline const std::string& name_or(const std::string& function_name, const Lambda& f) {
    return function_name.empty() ? f.name : function_name;
}
/// Sends a request about a function; `rest` follows its name in the path.
inline Result<Json> call_function(const Session& session, const std::string& method, const std::string& name,
                                  std::string_view rest = "", const Json& members = nullptr) {
    return client_of(session).json("lambda", method, path_of(functions_path, name, rest), members);
}

inline Query qualifier_query(const std::string& qualifier) {
    return qualifier.empty() ? Query{} : Query{{"Qualifier", qualifier}};
}

/// The result of an invocation whose payload is not parsed. Python uses it: Json would not keep the order of members.
struct Text_Invoke_Result {
    Invoke_Result result;  ///< without `data`
    std::string payload;   ///< the function's result as text; empty if the request failed
};
/// Runs Lambda::invoke_raw() with the event and the result as text.
Text_Invoke_Result invoke_text(const Lambda& f, std::string event, const Invoke_Options& options = {});
/// Converts the result of an invocation with log_type Tail to that of invoke_return_logs().
Invoke_Logs logs_of(Invoke_Result result);
/// Runs Lambda::invoke_async() with the event as text. Throws Aws_Exception.
Json queue_text(const Lambda& f, std::string event);
/// Runs Lambda::invoke_dry_run() with the event as text. Throws Aws_Exception.
Json dry_run_text(const Lambda& f, std::string event);

/// Applies List_Options to a list.
Json index_or_group(Json items, const List_Options& options);

/// Returns all pages of one of Lambda's lists. Throws Aws_Exception.
Json lambda_list(const Session& session, const std::string& path, const char* items, const Query& query = {});

/// Returns the members of an UpdateFunctionConfiguration request, which are also part of CreateFunction.
Json configuration_members(const Lambda& f);
/// Returns the Code of a CreateFunction request, which is also part of UpdateFunctionCode.
Json code_members(const Lambda& f);
bool has_code(const Lambda& f);
/// Serializes a request that contains code. Inserts the zip into the text, because nlohmann::json would check each of
/// its millions of characters.
std::string code_request_text(Json request);
/// Returns the reason why the settings cannot be sent, naming the field, or nothing.
std::optional<std::string> invalid_setting(const Lambda& f);

/// Waits up to one minute until creation or update of the function is complete, and returns its configuration. Returns
/// `configuration` without a request if it is complete already. If it takes longer than a second, `slow` is called once
/// with the current configuration. Throws Aws_Exception.
Json wait_until_settled(const Lambda& f, Json configuration, const std::function<void(const Json&)>& slow = nullptr);
/// Returns the reason why the function cannot be invoked with the new code and settings, or nothing: its state or the
/// status of the update, with AWS's reason.
std::optional<std::string> not_ready_reason(const Json& configuration);

}  // namespace osbot_aws
