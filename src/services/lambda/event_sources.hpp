#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "services/lambda/event_filter.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// Connects a queue to a function, which is invoked with batches of its messages.
struct Event_Source_Mapping {
    Account account;
    std::string id;  ///< the UUID of the mapping
    std::string event_source_arn;
    std::string function_name, qualifier;  ///< empty qualifier: the function itself
    bool enabled = true;
    int batch_size = 10;
    std::chrono::seconds window{0};  ///< how long an incomplete batch waits for more messages
    std::optional<int> concurrency_max;
    bool report_item_failures = false;
    std::vector<std::string> filter_patterns;
    std::map<std::string, std::string> tags;
    /// Settings that the engine stores and does not act on, by the names of AWS: {"KMSKeyArn": ...}
    Json settings = Json::object();
    base::Time modified_at{};

    std::string arn() const;
    std::string function_arn() const;
};

/// Members without a value remain unchanged. CreateEventSourceMapping requires the source and the function.
struct Event_Source_Change {
    std::optional<std::string> event_source_arn, function_name;
    std::optional<bool> enabled;
    std::optional<std::int64_t> batch_size, window_s;
    std::optional<std::int64_t> concurrency_max;  ///< 0: removes the limit
    std::optional<std::vector<std::string>> response_types, filter_patterns;
    std::map<std::string, std::string> tags;  ///< of a new mapping
    Json settings = Json::object();           ///< replace those with the same name
};

struct Event_Source_Page {
    std::vector<Event_Source_Mapping> mappings;
    std::string next_marker;  ///< empty: last page
};

/// Manages event source mappings of SQS queues and runs their pollers. Loop thread only.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, API_CreateEventSourceMapping
class Event_Sources final : public State {
public:
    Event_Sources(Context& context, Sqs& sqs, const Function_Registry& functions, Invocations& invocations);
    ~Event_Sources() override;

    void load() override;  ///< also starts the enabled mappings
    void clear() override;

    /// Errors: InvalidParameterValueException (source, batch, filter, visibility timeout below the
    /// function's timeout); ResourceNotFoundException; ResourceConflictException if the mapping already exists.
    Result<Event_Source_Mapping> create(const Account& account, const Event_Source_Change& request);
    Result<Event_Source_Mapping> find(const Account& account, std::string_view id) const;
    Result<Event_Source_Mapping> update(const Account& account, std::string_view id,
                                        const Event_Source_Change& request);
    /// Removes the mapping and returns it. Batches that the function is processing are completed.
    Result<Event_Source_Mapping> remove(const Account& account, std::string_view id);
    Result<Event_Source_Page> list(const Account& account, std::string_view event_source_arn,
                                   std::string_view function_name, std::string_view marker,
                                   std::optional<std::int64_t> items_max) const;

    /// Errors: ResourceNotFoundException.
    Result<Tags_Of_Resource> tags(const Account& account, std::string_view arn) const;
    Result<void> change_tags(const Account& account, std::string_view arn, const Tag_Change& change);

    /// Returns true if functions are processing messages, or messages wait in the queues of enabled mappings.
    bool busy() const;

private:
    struct Entry;

    Result<Event_Source_Mapping> apply(Event_Source_Mapping mapping, const Event_Source_Change& request) const;
    std::optional<Error> check_queue(const Event_Source_Mapping& mapping) const;
    Result<const Event_Source_Mapping*> find_arn(const Account& account, std::string_view arn) const;
    void start(Entry& entry);

    Context& context_;
    Sqs& sqs_;
    const Function_Registry& functions_;
    Invocations& invocations_;
    store::Records<Event_Source_Mapping> records_;
    std::map<std::string, Entry, std::less<>> entries_;  ///< by id
};

}  // namespace osbot_aws::services
