#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/context.hpp"
#include "services/lambda/running/extensions.hpp"

namespace osbot_aws::services {

/// The telemetry of an environment: the events of the platform and the lines that the function and its extensions
/// print, for the extensions that subscribed. Lambda's Telemetry API and its older Logs API.
///
/// Events are buffered until an extension can have subscribed, and for each subscription until its buffer is full or
/// its time has passed. One request at a time is sent to a subscriber. Loop thread only. Source:
/// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
class Telemetry {
public:
    enum class Kind { platform, function, extension };

    struct Subscription : std::enable_shared_from_this<Subscription> {
        std::string extension;
        bool platform = false, function = false, extensions = false;
        bool logs_api = false;
        bool json_lines = false;  ///< lines that are JSON objects are sent as objects
        std::size_t items_max = 10'000, bytes_max = 262'144;
        std::chrono::milliseconds time_max{1000};
        std::uint16_t port = 0;
        std::string path;

        std::vector<std::string> events = {};  ///< that are not sent
        std::size_t bytes = 0, sending = 0, failures = 0, dropped = 0, dropped_bytes = 0;
        base::Subscription_Ptr timer = {};

        std::vector<std::string> types() const;  ///< Platform, Function, Extension
    };

    /// `on_sent`: nothing is buffered any more.
    Telemetry(Context& context, Runtime_Endpoints& endpoints, bool reachable, std::function<void()> on_sent)
        : context_(context), endpoints_(endpoints), reachable_(reachable), on_sent_(std::move(on_sent)) {}

    /// Subscribes an extension: PUT /2022-07-01/telemetry or /2020-08-15/logs. Returns the subscription. Errors:
    /// ValidationError (400), Telemetry.NotSupported or Logs.NotSupported (403).
    Result<const Subscription*> subscribe(const wire::Request& request, const Extension& extension, bool json_logs);

    /// Returns true if an event would be sent, or may be. Otherwise it need not be made.
    bool wants() const { return is_early_ || !subscriptions_.empty(); }
    bool has_subscriptions() const { return !subscriptions_.empty(); }
    void platform(std::string_view type, Json record);
    void line(Kind kind, std::string_view text, std::int64_t ms);
    /// No extension can subscribe any more: buffered events without a subscriber are discarded.
    void end_init();
    /// A new init: its extensions subscribe again.
    void restart();
    /// Sends all buffered events now.
    void flush();
    bool empty() const;

private:
    struct Event {
        Kind kind = Kind::platform;
        std::string type;
        std::int64_t ms = 0;
        Json record;
    };

    void add(Event event);
    void add_to(Subscription& to, const Event& event);
    void send(Subscription& to);
    void sent(Subscription& to, std::vector<std::string> events, bool delivered);
    void drop(Subscription& from, std::size_t count, std::size_t bytes);

    Context& context_;
    Runtime_Endpoints& endpoints_;
    const bool reachable_;
    std::function<void()> on_sent_;
    bool is_early_ = true;
    bool flushes_ = false;  ///< the environment ends: events do not wait
    std::vector<Event> early_;
    std::size_t early_bytes_ = 0;
    std::vector<std::shared_ptr<Subscription>> subscriptions_;  ///< the only owner: requests refer to them weakly
};

}  // namespace osbot_aws::services
