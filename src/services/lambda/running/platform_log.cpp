#include "services/lambda/running/platform_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/json.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

/// "python3.11" -> "python:3.11", "nodejs22.x" -> "nodejs:22", "provided.al2023" -> "provided:al2023"
std::string runtime_version(const std::string& runtime) {
    if (runtime.starts_with("python")) return "python:" + runtime.substr(6);
    if (runtime.starts_with("nodejs")) return fmt::format("nodejs:{}", runtime.substr(6, runtime.rfind('.') - 6));
    if (runtime.starts_with("provided.")) return "provided:" + runtime.substr(9);
    return runtime;
}

// Not with <cmath>, whose functions would add libm to the zip of each program that is deployed.

/// Rounds a positive time to microseconds.
double to_microseconds(double ms) { return static_cast<double>(static_cast<std::int64_t>(ms * 1000 + 0.5)) / 1000; }

/// Rounds a positive time up, as for billing.
std::int64_t whole_ms(double ms) {
    const auto whole = static_cast<std::int64_t>(ms);
    return static_cast<double>(whole) < ms ? whole + 1 : whole;
}

std::string_view status_of(std::string_view error_type) {
    return error_type.empty() ? "success" : error_type == timed_out_type ? "timeout" : "error";
}

/// Returns the end of the report line of an init or a restore: empty for a success.
std::string status_text(std::string_view error_type) {
    const std::string_view status = status_of(error_type);
    if (status == "success") return "";
    return fmt::format("\tStatus: {}{}{}", status, status == "error" ? "\tError Type: " : "",
                       status == "error" ? error_type : "");
}

std::string_view status_of(const Platform_Log::Report& report) {
    return report.failed && report.error_type.empty() ? "error" : status_of(report.error_type);
}

}  // namespace

std::int64_t Platform_Log::now_ms() const { return base::unix_ms(clock_.now()); }

/// Passes an event to the telemetry and, if `logged`, to a JSON log.
void Platform_Log::record(std::string_view type, Json record, bool logged) {
    if (telemetry_ != nullptr) telemetry_->platform(type, record);
    if (!is_json() || !logged) return;
    line(base::dump_json_lossy(Json{
        {"time", base::iso8601_ms_z(base::from_unix_ms(now_ms()))}, {"type", type}, {"record", std::move(record)}}));
}

/// Source of the member tenantId: https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation-monitor.html
void Platform_Log::event_record(std::string_view type, Json event, bool logged) {
    if (!tenant_id_.empty()) event["tenantId"] = tenant_id_;
    record(type, std::move(event), logged);
}

void Platform_Log::init_start() {
    const std::string version = runtime_version(function_.runtime);
    if (!is_json()) line("INIT_START Runtime Version: " + version);
    if (!records()) return;
    record("platform.initStart",
           {{"initializationType", initialization_type(init_type_)}, {"phase", "init"}, {"runtimeVersion", version}},
           writes_info());
}

void Platform_Log::runtime_initialised(std::string_view phase) {
    if (records())
        record("platform.initRuntimeDone",
               {{"initializationType", initialization_type(init_type_)}, {"phase", phase}, {"status", "success"}},
               false);
}

void Platform_Log::init_ended(double duration_ms) {
    const bool reported_now = init_type_ == Init_Type::snap_start;  // the next event is restored, not initialised
    if (reported_now && !is_json()) line(fmt::format("INIT_REPORT Init Duration: {:.2f} ms", duration_ms));
    if (!reported_now) init_ms_ = duration_ms;
    if (records()) record_init("init", duration_ms, "", reported_now && writes_info());
}

void Platform_Log::init_failed(std::string_view phase, double duration_ms, std::string_view error_type) {
    const std::string_view status = status_of(error_type);
    if (!is_json())
        line(fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: {}{}", duration_ms, phase,
                         status_text(error_type)));
    if (!records()) return;
    Json done{{"initializationType", initialization_type(init_type_)}, {"phase", phase}, {"status", status}};
    if (status == "error") done["errorType"] = error_type;
    record("platform.initRuntimeDone", std::move(done), false);
    record_init(phase, duration_ms, error_type, true);
}

void Platform_Log::record_init(std::string_view phase, double duration_ms, std::string_view error_type, bool logged) {
    const std::string_view status = status_of(error_type);
    Json report{{"initializationType", initialization_type(init_type_)},
                {"phase", phase},
                {"status", status},
                {"metrics", {{"durationMs", to_microseconds(duration_ms)}}}};
    if (status == "error") report["errorType"] = error_type;
    record("platform.initReport", std::move(report), logged);
}

void Platform_Log::restore_start() {
    const std::string version = runtime_version(function_.runtime);
    if (!is_json()) line("RESTORE_START Runtime Version: " + version);
    if (!records()) return;
    record("platform.restoreStart",
           {{"functionName", function_.name},
            {"functionVersion", function_.version},
            {"instanceMaxMemory", function_.memory_mb},
            {"runtimeVersion", version}},
           writes_info());
}

void Platform_Log::restore_ended(double duration_ms, std::string_view error_type) {
    const std::string_view status = status_of(error_type);
    const bool failed = !error_type.empty();
    if (!failed) restore_ms_ = duration_ms;
    if (!is_json())
        line(fmt::format("RESTORE_REPORT Restore Duration: {:.2f} ms{}", duration_ms, status_text(error_type)));
    if (!records()) return;
    Json done{{"status", status}};
    if (status == "error") done["errorType"] = error_type;
    Json report = done;
    report["metrics"] = {{"durationMs", to_microseconds(duration_ms)}};
    record("platform.restoreRuntimeDone", std::move(done), false);
    record("platform.restoreReport", std::move(report), failed || writes_info());
}

void Platform_Log::extension(const Extension& extension) {
    const std::string& error = extension.error_type;
    if (!is_json())
        line(fmt::format("EXTENSION\tName: {}\tState: {}\tEvents: [{}]{}{}", extension.name, extension.state_name(),
                         fmt::join(extension.events(), ","), error.empty() ? "" : "\tError Type: ", error));
    if (!records()) return;
    Json json{{"name", extension.name}, {"state", extension.state_name()}, {"events", extension.events()}};
    if (!error.empty()) json["errorType"] = error;
    record("platform.extension", std::move(json), writes_info());
}

void Platform_Log::subscription(const Telemetry::Subscription& subscription) {
    if (!is_json())
        line(fmt::format("{}\tName: {}\tState: Subscribed\tTypes: [{}]", subscription.logs_api ? "LOGS" : "TELEMETRY",
                         subscription.extension, fmt::join(subscription.types(), ",")));
    if (records())
        record(subscription.logs_api ? "platform.logsSubscription" : "platform.telemetrySubscription",
               {{"name", subscription.extension}, {"state", "Subscribed"}, {"types", subscription.types()}},
               writes_info());
}

void Platform_Log::start(const std::string& request_id) {
    if (std::exchange(started_, true)) return;
    if (!is_json()) line(fmt::format("START RequestId: {} Version: {}", request_id, function_.version));
    if (records())
        event_record("platform.start", {{"requestId", request_id}, {"version", function_.version}}, writes_info());
}

void Platform_Log::failure(const std::string& request_id, std::string_view error_type, const std::string& message) {
    start(request_id);
    if (is_json()) return;  // the report contains it
    if (error_type != timed_out_type) return line(fmt::format("{}\n{}", message, error_type));
    line(fmt::format("{} {} {}\n", base::iso8601_ms_z(base::from_unix_ms(now_ms())), request_id,
                     message.substr(message.find("Task timed out"))));
}

void Platform_Log::report(const Report& report) {
    start(report.request_id);
    started_ = false;
    const auto init_ms = std::exchange(init_ms_, std::nullopt);
    const auto restore_ms = std::exchange(restore_ms_, std::nullopt);
    const auto billed_ms = whole_ms(report.duration_ms + init_ms.value_or(0) + restore_ms.value_or(0));
    if (records()) {
        runtime_done(report);
        report_as_json(report, billed_ms, init_ms, restore_ms);
    }
    if (is_json()) return;
    line(fmt::format("END RequestId: {}", report.request_id));
    std::string text = fmt::format(
        "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} "
        "MB\t",
        report.request_id, report.duration_ms, billed_ms, function_.memory_mb, report.memory_mb);
    if (init_ms) text += fmt::format("Init Duration: {:.2f} ms\t", *init_ms);
    if (restore_ms)
        text += fmt::format("Restore Duration: {:.2f} ms\tBilled Restore Duration: {} ms\t", *restore_ms,
                            whole_ms(*restore_ms));
    if (report.error_type == timed_out_type)
        text += "Status: timeout";
    else if (!report.error_type.empty())
        text += fmt::format("Status: error\tError Type: {}", report.error_type);
    line(std::move(text));
}

void Platform_Log::report_as_json(const Report& report, std::int64_t billed_ms, std::optional<double> init_ms,
                                  std::optional<double> restore_ms) {
    Json metrics{{"durationMs", to_microseconds(report.duration_ms)},
                 {"billedDurationMs", billed_ms},
                 {"memorySizeMB", function_.memory_mb},
                 {"maxMemoryUsedMB", report.memory_mb}};
    if (init_ms) metrics["initDurationMs"] = to_microseconds(*init_ms);
    if (restore_ms) {
        metrics["restoreDurationMs"] = to_microseconds(*restore_ms);
        metrics["billedRestoreDurationMs"] = whole_ms(*restore_ms);
    }
    Json json{{"requestId", report.request_id}, {"metrics", std::move(metrics)}};
    json["status"] = status_of(report);
    if (!report.error_type.empty()) json["errorType"] = report.error_type;
    event_record("platform.report", std::move(json), report.failed || writes_info());
}

void Platform_Log::runtime_done(const Report& report) {
    if (telemetry_ == nullptr || !telemetry_->wants()) return;
    Json json{
        {"requestId", report.request_id},
        {"status", status_of(report)},
        {"metrics", {{"durationMs", to_microseconds(report.duration_ms)}, {"producedBytes", report.response_bytes}}}};
    if (!report.error_type.empty()) json["errorType"] = report.error_type;
    event_record("platform.runtimeDone", std::move(json), false);
}

}  // namespace osbot_aws::services
