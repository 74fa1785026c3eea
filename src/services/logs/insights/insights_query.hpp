#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/logs/insights/insights_row.hpp"

namespace osbot_aws::services {

/// Estimated memory of a node of a map or a set without its text, or of an aggregate without its values.
constexpr std::size_t insights_node_bytes = 96;

/// A command of a query. It passes the rows that it makes to the next one.
class Insights_Stage {
public:
    virtual ~Insights_Stage() = default;
    virtual void push(Insights_Row row) = 0;
    /// Passes rows that were held back. Called once, after the last row.
    virtual void finish() { next->finish(); }
    /// True if more rows change nothing.
    virtual bool is_full() const { return next->is_full(); }
    /// Bytes of the rows that it holds. Takes a constant time: it is called for each event.
    virtual std::size_t memory_bytes() const { return 0; }

    Insights_Stage* next = nullptr;  ///< set before the first row
};

/// A query of CloudWatch Logs Insights, ready to run: push() the events, the newest first, then finish(). Not
/// thread-safe; may move between threads. Source:
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
class Insights_Query {
public:
    static constexpr std::size_t rows_max = 10'000;  ///< AWS's default for a query without a limit

    struct Params {
        std::size_t limit = rows_max;               ///< of a query without the command limit
        bool sorts_by_time = false;                 ///< the events are not in the order of time
        std::size_t memory_bytes_max = 256u << 20;  ///< the engine's own, of the rows that wait and of the results
    };
    /// Errors: MalformedQueryException.
    static Result<Insights_Query> parse(std::string_view text, const Params& params);

    Insights_Query(Insights_Query&&) noexcept;
    Insights_Query& operator=(Insights_Query&&) noexcept;
    ~Insights_Query();

    /// Errors: LimitExceededException if the rows that wait for the end, or the results, are too large.
    Result<void> push(std::shared_ptr<const Insights_Event> event);
    /// Processes the rows that wait. Only the results remain in memory. Errors: those of push().
    Result<void> finish();
    bool is_full() const;

    /// A row of the result: fields and their values, in the order of the query. The last one is @ptr, if it is an
    /// event.
    using Result_Row = std::vector<std::pair<std::string, std::string>>;
    const std::vector<Result_Row>& results() const;
    std::size_t result_bytes() const;  ///< memory of the results
    std::uint64_t matched() const;     ///< events that satisfy the conditions

private:
    Result<void> check_memory() const;

    struct Parts;
    class Parser;
    explicit Insights_Query(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// ---- stages (insights_stages.cpp) ----

/// `passed` counts the rows that satisfy the condition.
std::unique_ptr<Insights_Stage> insights_filter(Insights_Expression condition, std::shared_ptr<std::uint64_t> passed);
/// Sets a field to the value of an expression.
std::unique_ptr<Insights_Stage> insights_field(std::string name, Insights_Expression value);
/// Sets fields to the parts of a text that a function returns; nothing if it returns none.
using Insights_Parse = std::function<std::vector<std::pair<std::string, std::string>>(const std::string&)>;
std::unique_ptr<Insights_Stage> insights_parse(Insights_Expression source, Insights_Parse parse);
std::unique_ptr<Insights_Stage> insights_limit(std::size_t rows);
struct Insights_Sort_Key {
    Insights_Expression value;
    bool descending = false;
};
std::unique_ptr<Insights_Stage> insights_sort(std::vector<Insights_Sort_Key> keys);
std::unique_ptr<Insights_Stage> insights_dedup(std::vector<Insights_Expression> fields);

/// The values of an aggregation function over the rows of a group.
class Insights_Aggregate {
public:
    virtual ~Insights_Aggregate() = default;
    virtual void add(const Insights_Row& row) = 0;
    virtual Insights_Value result() const = 0;
    /// Bytes of the values that it holds. Takes a constant time.
    virtual std::size_t memory_bytes() const { return 0; }
};
struct Insights_Column {
    std::string name;
    std::function<std::unique_ptr<Insights_Aggregate>()> make;
};
struct Insights_Group_Key {
    std::string name;
    Insights_Expression value;
};
std::unique_ptr<Insights_Stage> insights_stats(std::vector<Insights_Column> columns,
                                               std::vector<Insights_Group_Key> keys);
/// Returns the function that makes an aggregate. Errors: MalformedQueryException.
Result<std::function<std::unique_ptr<Insights_Aggregate>()>> insights_aggregate(
    const std::string& name, const std::vector<Insights_Expression>& arguments);
bool is_insights_aggregate(std::string_view name);

}  // namespace osbot_aws::services
