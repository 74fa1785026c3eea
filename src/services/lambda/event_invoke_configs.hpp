#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/lambda/function_registry.hpp"

namespace osbot_aws::services {

/// Members without a value are removed by put(), and remain unchanged in update().
struct Event_Invoke_Change {
    std::string name, qualifier;
    std::optional<int> retries_max, event_age_max_s;
    std::optional<std::string> on_success, on_failure;
    bool has_destinations = false;  ///< the request has a DestinationConfig, which may be empty
};

/// The options of one qualifier.
struct Event_Invoke_Entry {
    std::string function_arn;  ///< with the qualifier
    Event_Invoke_Config config;
};

struct Event_Invoke_Page {
    std::vector<Event_Invoke_Entry> entries;
    std::string next_marker;  ///< empty: last page
};

/// The options of asynchronous invokes. Destinations apply them.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
class Event_Invoke_Configs {
public:
    Event_Invoke_Configs(Context& context, Function_Registry& registry) : context_(context), registry_(registry) {}

    Result<Event_Invoke_Entry> put(const Account& account, const Event_Invoke_Change& request);
    Result<Event_Invoke_Entry> update(const Account& account, const Event_Invoke_Change& request);
    Result<Event_Invoke_Entry> find(const Account& account, std::string_view name, std::string_view qualifier) const;
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier);
    Result<Event_Invoke_Page> list(const Account& account, std::string_view name, std::string_view marker,
                                   std::optional<std::int64_t> items_max) const;

private:
    struct Place;
    Result<Place> changeable(const Account& account, const Event_Invoke_Change& request);
    std::optional<Error> check_destination(const Function_Record& record, const Event_Invoke_Change& request,
                                           const std::string& arn) const;
    Result<Event_Invoke_Entry> store(const Place& place, const Event_Invoke_Change& request,
                                     Event_Invoke_Config config);

    Context& context_;
    Function_Registry& registry_;
};

}  // namespace osbot_aws::services
