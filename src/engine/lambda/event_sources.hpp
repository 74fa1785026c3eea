#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/lambda/event_filter.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/invocations.hpp"
#include "engine/sqs/sqs.hpp"

namespace osbot_aws::engine {

/// A queue whose messages call a function, in batches.
struct Event_Source_Mapping {
    Account account;
    std::string id;  ///< the service's UUID
    std::string event_source_arn;
    std::string function_name, qualifier;  ///< no qualifier: the function itself
    bool enabled = true;
    int batch_size = 10;
    std::chrono::seconds window{0};  ///< how long a batch that is not full waits for more
    std::optional<int> concurrency_max;
    bool report_item_failures = false;
    std::vector<std::string> filter_patterns;
    base::Time modified_at{};

    std::string arn() const;
    std::string function_arn() const;
};

/// What is not given stays as it is; CreateEventSourceMapping needs the source and the function.
struct Event_Source_Change {
    std::optional<std::string> event_source_arn, function_name;
    std::optional<bool> enabled;
    std::optional<std::int64_t> batch_size, window_s;
    std::optional<std::int64_t> concurrency_max;  ///< 0: no limit of its own any more
    std::optional<std::vector<std::string>> response_types, filter_patterns;
};

struct Event_Source_Page {
    std::vector<Event_Source_Mapping> mappings;
    std::string next_marker;  ///< empty: that was all
};

/// Event source mappings with SQS queues, and the pollers that run them. Loop thread only.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, API_CreateEventSourceMapping
class Event_Sources {
public:
    Event_Sources(Context& context, Sqs& sqs, const Functions& functions, Invocations& invocations);
    ~Event_Sources();

    void load();  ///< and starts what is enabled
    void clear();
    void reload();

    /// Errors: ValidationException; InvalidParameterValueException (source, batch, filter, visibility timeout below the
    /// function's); ResourceNotFoundException; ResourceConflictException: the two are mapped already.
    Result<Event_Source_Mapping> create(const Account& account, const Event_Source_Change& wanted);
    Result<Event_Source_Mapping> find(const Account& account, std::string_view id) const;
    Result<Event_Source_Mapping> update(const Account& account, std::string_view id, const Event_Source_Change& wanted);
    /// The mapping as it was. What is with the function now is brought to its end.
    Result<Event_Source_Mapping> remove(const Account& account, std::string_view id);
    Result<Event_Source_Page> list(const Account& account, std::string_view event_source_arn,
                                   std::string_view function_name, std::string_view marker,
                                   std::optional<std::int64_t> items_max) const;

    /// Messages are with functions, or wait in queues for them.
    bool busy() const;

private:
    struct Entry;

    Result<Event_Source_Mapping> changed(Event_Source_Mapping mapping, const Event_Source_Change& wanted) const;
    std::optional<Error> check_queue(const Event_Source_Mapping& mapping) const;
    void save(const Event_Source_Mapping& mapping);
    void start(Entry& entry);

    Context& context_;
    Sqs& sqs_;
    const Functions& functions_;
    Invocations& invocations_;
    std::map<std::string, Entry, std::less<>> entries_;  ///< by id
};

}  // namespace osbot_aws::engine
