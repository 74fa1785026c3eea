#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/logs/filter_pattern.hpp"
#include "services/logs/resources/log_resources.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

class Function_Registry;
class Invocations;

/// Sends the events of log groups to the functions that subscription filters name. The invoke is stored in the
/// transaction that writes the events, so an event whose request has succeeded is delivered after a crash as well.
/// Loop thread only.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
class Log_Subscriptions {
public:
    Log_Subscriptions(Context& context, const Log_Resources& resources);

    /// Sets the functions. Without them no destination is valid.
    void connect(const Function_Registry& functions, Invocations& invocations);

    /// Checks a destination before its log group is known to exist.
    static Result<void> check_destination(const Account& account, const std::string& arn, bool has_role);
    /// Checks that the destination may receive the events of a group. Errors: InvalidParameterException.
    Result<void> check_delivery(const Account& account, const std::string& group, const std::string& arn) const;
    /// Reads the filters of a group again.
    void update(const Account& account, const std::string& group);
    /// Reads all filters again.
    void load();

    /// Delivers the events that match the filters of the group.
    void publish(const Account& account, const std::string& group, const std::string& stream,
                 std::span<const store::Log_Event> events);

private:
    struct Subscription {
        Account account;
        std::string group, name, arn;
        Filter_Pattern pattern;
        bool warned = false;  ///< a delivery failed since the filter was read
    };
    using Events = std::span<const store::Log_Event* const>;

    void add(const Log_Resource& filter);
    void deliver(Subscription& subscription, const std::string& stream, Events events);
    std::string event_of(const Subscription& subscription, const std::string& stream, Events events);
    Result<void> invoke(const Subscription& subscription, std::string event);

    Context& context_;
    const Log_Resources& resources_;
    const Function_Registry* functions_ = nullptr;
    Invocations* invocations_ = nullptr;
    std::map<std::string, std::vector<Subscription>> by_group_;
    std::int64_t next_id_;  ///< of an event in the payload
};

}  // namespace osbot_aws::services
