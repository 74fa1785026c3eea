// What the bodies of Lambda share; one file per subject beside this one.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

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

inline bool not_found(const Error& error) { return error.code == "ResourceNotFoundException"; }
inline std::string text_of(const Error& error) { return fmt::format("{}: {}", error.code, error.message); }

/// Of methods that answer {'error': ...}.
inline Json error_json(const Error& error) { return {{"error", text_of(error)}}; }

/// Of methods that answer {'status': 'error', 'error': ...}.
inline Json value_or_status(Result<Json> answer) {
    return answer ? std::move(*answer) : Json{{"status", "error"}, {"error", text_of(answer.error())}};
}

inline Status error_status(const std::string& name, const Error& error, Json data = nullptr) {
    return {
        .status = "error", .name = name, .data = std::move(data), .error = text_of(error), .message = error.message};
}

inline Query qualifier_query(const std::string& qualifier) {
    return qualifier.empty() ? Query{} : Query{{"Qualifier", qualifier}};
}

/// An invoke with its texts as they are, for callers whose values are not Json: the members of an object keep their
/// order.
struct Invoked {
    Invoke_Result answer;  ///< without `data`
    std::string payload;   ///< what the function returned; empty when the call failed
};
Invoked invoke_text(const Lambda& f, std::string event, const Invoke_Options& options = {});
/// What invoke_return_logs() answers, of an invoke with its log's tail.
Invoke_Logs logs_of(Invoke_Result answer);
/// What invoke_async() and invoke_dry_run() answer. Throw Aws_Exception.
Json queue_text(const Lambda& f, std::string event);
Json try_text(const Lambda& f, std::string event);

/// A list as the caller wants it: as it is, or by a member of its items.
Json listed(Json items, const List_Options& options);

/// All pages of one of Lambda's lists. Throws Aws_Exception.
Json lambda_list(const Session& session, const std::string& path, const char* items, const Query& query = {});

/// UpdateFunctionConfiguration's members from the settings; CreateFunction has them too.
Json configuration_members(const Lambda& f);
/// CreateFunction's Code, and UpdateFunctionCode's members.
Json code_members(const Lambda& f);
bool has_code(const Lambda& f);
/// The text of such a request. Its zip is put in as it is: nlohmann would look at each of its millions of characters.
std::string code_request_text(Json request);
/// Why the settings can't be sent, if so: names the field.
std::optional<std::string> wrong_setting(const Lambda& f);

/// The configuration once the function is through with being made or changed: `seen` when that is so already, else what
/// GetFunctionConfiguration answers then, or after the time. Throws Aws_Exception.
Json wait_until_settled(const Lambda& f, Json seen);
/// Of that configuration, why the function can't be invoked as it was sent, if so: its state or that of the update,
/// with AWS's reason.
std::optional<std::string> why_not_ready(const Json& configuration);
/// Lambda::update(), of a class that creates in its own way.
Status update_or_create(Lambda& f, const std::function<Status()>& create);

}  // namespace osbot_aws
