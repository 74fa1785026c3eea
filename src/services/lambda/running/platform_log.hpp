#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <osbot_aws/core/Json.hpp>

#include "base/clock.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/running/environment_variables.hpp"
#include "services/lambda/running/log_capture.hpp"
#include "services/lambda/running/telemetry.hpp"

namespace osbot_aws::services {

/// The error type of an event or an init that exceeded its time.
constexpr std::string_view timed_out_type = "Sandbox.Timedout";

/// Writes the lines of the platform into the log of an environment, as text or JSON: INIT_START, INIT_REPORT, START,
/// END, REPORT; for functions with SnapStart also RESTORE_START and RESTORE_REPORT. Extensions that subscribed receive
/// them as events. Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
class Platform_Log {
public:
    /// All must outlive this object.
    Platform_Log(const Function& function, const base::Clock& clock, Log_Capture& log, Telemetry* telemetry = nullptr,
                 Init_Type init_type = Init_Type::on_demand)
        : function_(function), clock_(clock), log_(log), telemetry_(telemetry), init_type_(init_type) {}

    /// Sets the tenant of all events, which is part of the records in JSON; "" for none.
    void set_tenant(std::string tenant_id) { tenant_id_ = std::move(tenant_id); }
    /// Writes a line that has no form of its own, such as a warning.
    void line(std::string text) { log_.line(std::move(text), now_ms()); }
    void init_start();
    /// The runtime is initialised. Extensions may not be.
    void runtime_initialised(std::string_view phase);
    /// The init succeeded: the next report contains its duration. With SnapStart it has a report of its own.
    void init_ended(double duration_ms);
    void restore_start();
    /// The restore from a snapshot ended. After a success, the next report contains its duration.
    void restore_ended(double duration_ms, std::string_view error_type = {});
    /// Writes an extension with its state.
    void extension(const Extension& extension);
    void subscription(const Telemetry::Subscription& subscription);
    /// Reports a failed init. `phase`: init or invoke.
    void init_failed(std::string_view phase, double duration_ms, std::string_view error_type);
    /// Writes START, unless it was written since the last report.
    void start(const std::string& request_id);
    /// Writes the error of an event that the runtime did not report itself.
    void failure(const std::string& request_id, std::string_view error_type, const std::string& message);

    struct Report {
        const std::string& request_id;
        double duration_ms = 0;
        bool failed = false;
        std::string_view error_type = {};  ///< of the platform; empty: the handler's error, or none
        std::uint64_t memory_mb = 0;
        std::size_t response_bytes = 0;
    };
    /// Writes END and REPORT, after START.
    void report(const Report& report);

private:
    bool is_json() const { return function_.log_format == "JSON"; }
    bool writes_info() const { return function_.system_log_level != "WARN"; }
    std::int64_t now_ms() const;
    bool records() const { return is_json() || (telemetry_ != nullptr && telemetry_->wants()); }
    void record(std::string_view type, Json record, bool logged);
    void event_record(std::string_view type, Json record, bool logged);
    void record_init(std::string_view phase, double duration_ms, std::string_view error_type, bool logged);
    void runtime_done(const Report& report);
    void report_as_json(const Report& report, std::int64_t billed_ms, std::optional<double> init_ms,
                        std::optional<double> restore_ms);

    const Function& function_;
    const base::Clock& clock_;
    Log_Capture& log_;
    Telemetry* telemetry_;
    const Init_Type init_type_;
    std::string tenant_id_;
    bool started_ = false;  ///< START of the current event is written
    std::optional<double> init_ms_, restore_ms_;
};

}  // namespace osbot_aws::services
