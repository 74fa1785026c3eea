#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/logs/insights/insights_query.hpp"
#include "services/logs/logs.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

struct Start_Log_Query {
    std::vector<std::string> groups;  ///< names
    std::string text;
    std::int64_t start_s = 0, end_s = 0;  ///< inclusive
    std::optional<int> limit;
};

struct Log_Query_Record;

/// The queries of CloudWatch Logs Insights. A query is stored when it is started. The results of the latest queries are
/// in memory; another one, also after a restart, runs again when they are requested, unless it has failed or was
/// stopped. Few run at the same time, the others wait, because each holds rows in memory. Events are read on the loop
/// and processed on a worker. Loop thread only. Errors of all operations: ResourceNotFoundException. Source:
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
class Log_Queries final : public State {
public:
    /// `results_bytes_max`: of the results in memory, unless those of the latest query are larger.
    explicit Log_Queries(Logs& logs, std::size_t results_bytes_max = std::size_t{256} << 20);
    ~Log_Queries() override;

    void load() override;
    void clear() override;

    /// Starts a query and calls `started` with its id: when it is complete, or after a short time if it is not.
    /// Additional errors: MalformedQueryException, InvalidParameterException, LimitExceededException.
    void start(const Account& account, Start_Log_Query params, std::function<void(Result<std::string>)> started);
    /// Returns false if the query had ended before.
    Result<bool> stop(const Account& account, const std::string& id);
    /// Returns the output of GetQueryResults with at most `rows_max` rows from `offset` on; `nextToken`, the offset of
    /// the next page, if others follow.
    Result<Json> results(const Account& account, const std::string& id, std::size_t offset, std::size_t rows_max);
    /// Returns the descriptions of queries, the newest first. Empty parameters select all.
    std::vector<Json> describe(const Account& account, const std::string& group, const std::string& status) const;
    Result<std::vector<std::string>> groups(const Account& account, const std::string& id) const;
    /// Returns the number of queries that run or wait to run.
    std::size_t active() const { return static_cast<std::size_t>(running_) + waiting_.size(); }

private:
    struct Query;
    struct Page;
    using Query_Ptr = std::shared_ptr<Query>;

    Result<Query_Ptr> add(const Account& account, Start_Log_Query params);
    Result<Query_Ptr> find(const Account& account, const std::string& id) const;
    void evict_oldest(const Account& account);
    void run(const Query_Ptr& query);
    void run_waiting();
    void retain_results(const Query_Ptr& query);
    static store::Log_Query next_page(const Query& query);
    static Result<void> process(Query& query, Page& page);
    void read(const Query_Ptr& query);
    void fail(const Query_Ptr& query, const Error& reason);
    void end(const Query_Ptr& query, std::string status);

    Logs& logs_;
    const std::size_t results_bytes_max_;
    store::Records<Log_Query_Record> records_;
    std::map<std::string, Query_Ptr> queries_;  ///< by id
    int running_ = 0;
    std::deque<Query_Ptr> waiting_;                  ///< for those that run
    std::deque<std::weak_ptr<Query>> with_results_;  ///< by the time of their end
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

Operations log_query_operations(Log_Queries& queries);
/// Returns a time of a request in seconds as milliseconds, in the years 1970 to 9999. A time that can only be
/// milliseconds remains unchanged, as on AWS.
std::int64_t ms_of_query(std::int64_t time);

/// GetLogRecord and GetLogGroupFields.
Operations log_record_operations(Logs& logs);

/// The value of @ptr, which identifies an event, and the event that it identifies.
std::string log_pointer(const Account& account, const std::string& group, const store::Found_Log_Event& event);
std::shared_ptr<Insights_Event> insights_event(const Account& account, const std::string& group,
                                               store::Found_Log_Event event);

}  // namespace osbot_aws::services
