// Updates of code and configuration, and waiting for them.
#include <osbot_aws/aws/s3/S3.hpp>

#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "packing/package.hpp"
#include "sdk/lambda_calls.hpp"
#include "sdk/waiting.hpp"

namespace osbot_aws {
namespace {

constexpr std::chrono::seconds update_wait_max{60};
constexpr std::chrono::milliseconds update_interval_max{1'000};
constexpr std::chrono::seconds prefer_wait_max{20};  // well below the client's read timeout
constexpr std::chrono::seconds slow_after{1};

bool is_settled(const Json& configuration) {
    return configuration.value("State", "Active") != "Pending" &&
           configuration.value("LastUpdateStatus", "Successful") != "InProgress";
}

/// Repeats a call while another update of the function is in progress: AWS returns ResourceConflictException until it
/// is complete.
template <class Call>
Json retry_while_update_in_progress(const Lambda& f, Call call) {
    for (Exponential_Backoff wait(f.session(), update_wait_max, update_interval_max);;) {
        auto response = call();
        if (response || response.error().code != codes::resource_conflict || !wait.next())
            return std::move(response).value();
        wait_until_settled(f, nullptr);
    }
}

/// Gets the configuration of a function that is being created or updated. The header `Prefer: wait` makes the local
/// engine respond when the change is complete, at the latest after `wait_max`. AWS ignores the header and responds
/// immediately.
Result<Json> configuration_when_settled(const Lambda& f, Exponential_Backoff& wait,
                                        std::chrono::seconds wait_max = prefer_wait_max) {
    client::Call call{.service = "lambda", .method = "GET", .path = path_of(functions_path, f.name, "/configuration")};
    const auto prefer_wait = std::min(std::chrono::floor<std::chrono::seconds>(wait.remaining()), wait_max);
    if (prefer_wait.count() > 0) call.headers.add("Prefer", fmt::format("wait={}", prefer_wait.count()));
    const auto start = std::chrono::steady_clock::now();
    OSBOT_TRY(auto response, client_of(f.session()).send(call));
    if (response.headers.find("Preference-Applied"))
        wait.deduct(std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - start));
    return client::parse_json_body(response);
}

/// Returns the error of an update that failed or is not complete after the wait, or nothing.
std::optional<Error> incomplete_update(const Json& configuration) {
    const auto reason = not_ready_reason(configuration);
    if (!reason) return std::nullopt;
    return Error{is_settled(configuration) ? "UpdateFailed" : "WaitTimeout", *reason, 0};
}

}  // namespace

Json wait_until_settled(const Lambda& f, Json configuration, const std::function<void(const Json&)>& slow) {
    Exponential_Backoff wait(f.session(), update_wait_max, update_interval_max);
    if (configuration.is_object() && is_settled(configuration)) return configuration;
    bool reports = slow != nullptr;
    do {
        configuration = configuration_when_settled(f, wait, reports ? slow_after : prefer_wait_max).value();
        if (!reports || is_settled(configuration) || wait.remaining() > update_wait_max - slow_after) continue;
        slow(configuration);
        reports = false;
    } while (!is_settled(configuration) && wait.next());
    return configuration;
}

bool Lambda::upload() {
    if (folder_code.empty() || !image_uri.empty()) return false;
    packing::Package package;
    package.add_folder(folder_code).value();
    std::string bytes = package.zip().value().bytes;
    if (s3_bucket.empty()) {
        zip_bytes = std::move(bytes);
        return true;
    }
    if (s3_key.empty()) s3_key = fmt::format("lambdas/{}.zip", name);
    S3 s3(session_);
    s3.bucket_create(s3_bucket);
    s3.file_upload_from_bytes(bytes, s3_bucket, s3_key, "application/zip");
    return true;
}

std::optional<std::string> not_ready_reason(const Json& configuration) {
    if (const std::string state = configuration.value("State", "Active"); state == "Failed" || state == "Pending")
        return fmt::format("the function is {}: {}", state, configuration.value("StateReason", "no reason given"));
    if (const std::string status = configuration.value("LastUpdateStatus", "Successful"); status != "Successful")
        return fmt::format("the update is {}: {}", status,
                           configuration.value("LastUpdateStatusReason", "no reason given"));
    return std::nullopt;
}

Status Lambda::update() try {
    upload();
    if (!exists()) {
        Status created = create();
        if (created) {
            if (auto error = incomplete_update(wait_until_settled(*this, created.data)))
                return error_status(name, *error, created.data);
        }
        return created;
    }
    Json data = Json::object();
    if (has_code(*this)) {
        data["update_code"] = update_lambda_code();
        // Must be checked before the configuration is sent: that request resets LastUpdateStatus.
        if (auto error = incomplete_update(wait_until_settled(*this, data["update_code"])))
            return error_status(name, *error, data);
    }
    data["update_config"] = update_lambda_configuration();
    if (auto error = incomplete_update(wait_until_settled(*this, data["update_config"])))
        return error_status(name, *error, data);
    return {.name = name, .data = std::move(data)};
} catch (const Aws_Exception& error) { return error_status(name, error.error()); }

Json Lambda::update_lambda_code() {
    Json request = code_members(*this);
    request["Architectures"] = {architecture};
    const std::string text = code_request_text(std::move(request));
    return retry_while_update_in_progress(*this, [&] {
        return client_of(session_).json_text("lambda", "PUT", path_of(functions_path, name, "/code"), text);
    });
}

Json Lambda::update_lambda_image_uri(const std::string& uri) {
    image_uri = uri;
    return update_lambda_code();
}

Json Lambda::update_lambda_configuration() {
    Json members = configuration_members(*this);
    if (role.empty()) members.erase("Role");
    return retry_while_update_in_progress(
        *this, [&] { return call_function(session_, "PUT", name, "/configuration", members); });
}

Json Lambda::configuration_update(const Json& members) {
    return call_function(session_, "PUT", name, "/configuration", members).value();
}

Json Lambda::configuration() const { return call_function(session_, "GET", name, "/configuration").value(); }

// ---- wait ----

Status Lambda::wait_for_state(const std::string& state, const Wait_Options& options) {
    Exponential_Backoff wait(session_, options.max_wait_count * options.wait_interval, options.wait_interval);
    std::string current;
    do {
        auto found = configuration_when_settled(*this, wait);
        if (!found) return error_status(name, found.error());
        current = found->value("State", "");
        if (current == state)
            return {.name = name,
                    .data = std::move(*found),
                    .error = "",
                    .message = "function has expected state of " + state};
        if (current == "Failed")
            return error_status(name, {"Failed", found->value("StateReason", "no reason given"), 0});
    } while (wait.next());
    return error_status(name, local_error("WaitTimeout", "the function is still {}, not {}", current, state));
}

std::string Lambda::wait_for_function_update_to_complete(const Wait_Options& options) {
    Exponential_Backoff wait(session_, options.max_wait_count * options.wait_interval, options.wait_interval);
    for (;;) {
        std::string status = configuration_when_settled(*this, wait).value().value("LastUpdateStatus", "");
        if (status != "InProgress" || !wait.next()) return status;
    }
}

}  // namespace osbot_aws
