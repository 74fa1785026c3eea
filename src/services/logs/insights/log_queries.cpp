#include "services/logs/insights/log_queries.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "store/log_sizes.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

struct Log_Query_Record {
    Account account;
    std::vector<std::string> groups;
    std::string text;
    std::int64_t start_s = 0, end_s = 0, created_ms = 0;
    std::optional<int> limit;
    bool is_stopped = false;
    std::string status = {};  ///< of a query that has ended, else ""
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Log_Query_Record>& query) {
    f(query.account)("groups", query.groups)("text", query.text)("start_s", query.start_s)("end_s", query.end_s);
    f("created_ms", query.created_ms).optional("limit", query.limit).optional("stopped", query.is_stopped);
    f.optional("status", query.status);
}

namespace {

// The engine's own limits. A query that reads the last events of a group ends within the first of them.
constexpr std::chrono::seconds wait_for_short_queries{1};
constexpr int events_of_query_per_read = 5000;
constexpr std::uint64_t bytes_of_query_per_read = 4 << 20;
// Others wait: each may hold Insights_Query::Params::memory_bytes_max.
constexpr int queries_at_once_max = 4;
constexpr std::size_t results_stored_max = 20;    // of queries; those of older ones are computed again
constexpr std::size_t queries_stored_max = 1000;  // of an account; the oldest is forgotten
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr std::size_t queries_active_max = 100;
constexpr std::size_t groups_of_query_max = 50;

bool is_final(std::string_view status) { return status == "Complete" || status == "Failed"; }

}  // namespace

std::int64_t ms_of_query(std::int64_t time) {
    constexpr std::int64_t seconds_max = 100'000'000'000;  // the year 5138
    constexpr std::int64_t ms_max = 253'402'300'799'999;   // the year 9999
    return time < seconds_max ? std::max<std::int64_t>(time, 0) * 1000 : std::min(time, ms_max);
}

/// Returns the end of a query's time, which it does not include.
std::int64_t end_ms_of(const Log_Query_Record& query) {
    const std::int64_t last = ms_of_query(query.end_s);
    return last + (query.end_s == last ? 1 : 1000);
}

/// Returns the text of a query as DescribeQueries has it: with its log groups and its time.
/// Recorded: LocalStack, tests/aws/services/logs/test_logs_queries.snapshot.json, test_describe_queries
std::string described_text(const Log_Query_Record& query) {
    return fmt::format("SOURCE \"{}\" START={} END={} | {}", fmt::join(query.groups, "\",\""),
                       ms_of_query(query.start_s), end_ms_of(query) - 1, query.text);
}

/// Returns an error of the service that runs queries: CloudWatch Logs passes its text on.
/// Recorded: LocalStack, tests/aws/services/logs/test_logs_queries.snapshot.json, test_start_query_log_group_not_found;
/// https://github.com/boto/boto3/issues/3450
Error of_query_service(Error error) {
    error.message += fmt::format(" (Service: AWSLogs; Status Code: 400; Error Code: {}; Request ID: {}; Proxy: null)",
                                 error.code, base::uuid4());
    return error;
}

/// A query, and where it is in its events. While a worker runs, only the worker uses `query`.
struct Log_Queries::Query {
    std::string id;
    Log_Query_Record record;
    std::string status = "Scheduled";
    std::optional<Insights_Query> query;
    std::size_t group = 0;                  ///< index of the group that is read
    std::optional<store::Log_Position> at;  ///< of the last event that was read
    std::uint64_t scanned = 0, bytes = 0;
    bool is_waiting = false;                ///< for its turn to run
    std::function<void()> ended = nullptr;  ///< called once
    base::Subscription_Ptr timer = {};

    bool is_active() const { return status == "Scheduled" || status == "Running"; }
};

/// Events of one group that a query processes next.
struct Log_Queries::Page {
    std::string group;
    std::vector<store::Found_Log_Event> events;
    bool is_end = false;  ///< the query ends; the page has no events
};

Log_Queries::Log_Queries(Logs& logs, std::size_t results_bytes_max)
    : logs_(logs), results_bytes_max_(results_bytes_max), records_(logs.context().store, {.name = "log_query"}) {}
Log_Queries::~Log_Queries() = default;

void Log_Queries::load() {
    std::map<std::string, Query_Ptr> loaded;
    records_.load([&](const std::string& id, Log_Query_Record record) {
        const auto existing = queries_.find(id);
        if (existing != queries_.end()) {  // a reload after a failed write: it may be running
            loaded.insert(*existing);
            return;
        }
        auto query = std::make_shared<Query>();
        query->id = id;
        query->status = record.is_stopped ? "Cancelled" : is_final(record.status) ? record.status : "Scheduled";
        query->record = std::move(record);
        loaded.emplace(id, std::move(query));
    });
    queries_ = std::move(loaded);
}

void Log_Queries::clear() {
    for (const auto& [id, query] : queries_) query->status = "Cancelled";  // ends those that run
    queries_.clear();
    waiting_.clear();
    with_results_.clear();
}

Result<Log_Queries::Query_Ptr> Log_Queries::find(const Account& account, const std::string& id) const {
    const auto found = queries_.find(id);
    if (found == queries_.end() || found->second->record.account != account)
        return Error{"ResourceNotFoundException", fmt::format("The specified query does not exist: {}", id)};
    return found->second;
}

void Log_Queries::start(const Account& account, Start_Log_Query params,
                        std::function<void(Result<std::string>)> started) {
    auto added = add(account, std::move(params));
    if (!added) return started(added.error());
    const Query_Ptr query = *added;
    const auto respond = [started = std::move(started), id = query->id] { started(id); };
    query->ended = respond;
    query->timer = logs_.context().loop.after(wait_for_short_queries, [query] {
        if (auto ended = std::exchange(query->ended, nullptr)) ended();
    });
    run(query);
}

Result<Log_Queries::Query_Ptr> Log_Queries::add(const Account& account, Start_Log_Query params) {
    if (params.groups.empty() || params.groups.size() > groups_of_query_max)
        return bad_log_parameter(fmt::format("A query needs 1 to {} log groups.", groups_of_query_max));
    for (const auto& group : params.groups)
        if (!logs_.group(account, group))
            return of_query_service(
                {"ResourceNotFoundException",
                 fmt::format("Log group '{}' does not exist for account ID '{}'", group, account.id)});
    if (params.start_s > params.end_s) return bad_log_parameter("The startTime must not be after the endTime.");
    if (const auto parsed = Insights_Query::parse(params.text, {}); !parsed) return of_query_service(parsed.error());
    if (active() >= queries_active_max)
        return Error{"LimitExceededException", fmt::format("{} queries are running already.", active())};
    evict_oldest(account);
    auto query = std::make_shared<Query>();
    query->id = base::uuid4();
    query->record = {.account = account,
                     .groups = std::move(params.groups),
                     .text = std::move(params.text),
                     .start_s = params.start_s,
                     .end_s = params.end_s,
                     .created_ms = base::unix_ms(logs_.context().now()),
                     .limit = params.limit};
    records_.put(query->id, query->record);
    queries_.emplace(query->id, query);
    return query;
}

void Log_Queries::evict_oldest(const Account& account) {
    const Query* oldest = nullptr;
    std::size_t count = 0;
    for (const auto& [id, query] : queries_) {
        if (query->record.account != account || query->status == "Running") continue;
        ++count;
        if (oldest == nullptr || query->record.created_ms < oldest->record.created_ms) oldest = query.get();
    }
    if (count < queries_stored_max) return;
    const std::string id = oldest->id;
    records_.erase(id);
    queries_.erase(id);
}

/// Starts a query, now or when another one has ended.
void Log_Queries::run(const Query_Ptr& query) {
    if (running_ >= queries_at_once_max) {
        if (!std::exchange(query->is_waiting, true)) waiting_.push_back(query);
        return;
    }
    query->is_waiting = false;
    query->group = 0;
    query->at = std::nullopt;
    query->scanned = query->bytes = 0;
    const Insights_Query::Params params{
        .limit = query->record.limit ? static_cast<std::size_t>(*query->record.limit) : Insights_Query::rows_max,
        .sorts_by_time = query->record.groups.size() > 1};
    auto parsed = Insights_Query::parse(query->record.text, params);
    ++running_;
    query->status = "Running";
    if (!parsed) return fail(query, parsed.error());  // it was valid when it was stored
    query->query = std::move(*parsed);
    read(query);
}

/// Returns the query for the next events of the group that is read, the newest first.
store::Log_Query Log_Queries::next_page(const Query& query) {
    const Log_Query_Record& record = query.record;
    store::Log_Query window{.group = "", .stream = ""};
    window.start_ms = ms_of_query(record.start_s);
    window.end_ms = end_ms_of(record);
    window.before = query.at;
    window.newest_first = true;
    window.limit = events_of_query_per_read;
    window.bytes_max = bytes_of_query_per_read;
    return window;
}

/// Processes a page of events, or ends the query. An exception of a worker would end the engine.
Result<void> Log_Queries::process(Query& query, Page& page) {
    try {
        for (auto& event : page.events) {
            if (query.query->is_full()) break;
            OSBOT_TRY(query.query->push(insights_event(query.record.account, page.group, std::move(event))));
        }
        return page.is_end ? query.query->finish() : Result<void>();
    } catch (const std::exception& error) { return Error{"InternalFailure", error.what()}; }
}

/// Reads the next events, and processes them on a worker.
void Log_Queries::read(const Query_Ptr& query) {
    if (query->status != "Running") return end(query, query->status);
    const auto page = std::make_shared<Page>();
    page->is_end = query->group == query->record.groups.size() || query->query->is_full();
    if (!page->is_end) {
        page->group = query->record.groups[query->group];
        const store::Log_Query window = next_page(*query);
        auto events = logs_.try_find(query->record.account, page->group, window);
        if (!events) return fail(query, events.error());
        page->events = std::move(*events);
        const bool is_last = store::is_last_page(window, page->events);
        if (is_last) ++query->group;
        query->at = std::nullopt;
        if (!is_last) {
            const auto& last = page->events.back();
            query->at = store::Log_Position{last.timestamp_ms, last.sequence};
        }
    }
    query->scanned += page->events.size();
    for (const auto& event : page->events) query->bytes += event.message.size();
    const auto outcome = std::make_shared<Result<void>>();
    logs_.context().loop.run_blocking([query, page, outcome] { *outcome = process(*query, *page); },
                                      [this, alive = std::weak_ptr(alive_), query, page, outcome] {
                                          if (alive.expired()) return;
                                          if (!*outcome) return fail(query, outcome->error());
                                          if (!page->is_end) return read(query);
                                          end(query, query->status == "Running" ? "Complete" : query->status);
                                      });
}

void Log_Queries::fail(const Query_Ptr& query, const Error& reason) {
    base::log_error("the query {} has failed: {}", query->id, reason.message);
    end(query, query->status == "Running" ? "Failed" : query->status);
}

/// Ends a query that runs. Stores its status, unless it was deleted in the meantime.
void Log_Queries::end(const Query_Ptr& query, std::string status) {
    --running_;
    query->status = std::move(status);
    const auto found = queries_.find(query->id);
    if (found != queries_.end() && found->second == query) {
        query->record.status = query->status;
        records_.put(query->id, query->record);
    }
    query->timer = nullptr;
    if (query->status == "Complete") retain_results(query);
    if (auto ended = std::exchange(query->ended, nullptr)) ended();
    run_waiting();
}

/// Forgets the results of the queries that ended first, if too many have results or these are too large.
void Log_Queries::retain_results(const Query_Ptr& query) {
    std::size_t bytes = query->query->result_bytes();
    std::erase_if(with_results_, [&](const std::weak_ptr<Query>& each) {
        const auto earlier = each.lock();
        const bool has_results = earlier && earlier != query && earlier->status == "Complete" && earlier->query;
        if (has_results) bytes += earlier->query->result_bytes();
        return !has_results;
    });
    with_results_.push_back(query);
    while (with_results_.size() > results_stored_max || (bytes > results_bytes_max_ && with_results_.size() > 1)) {
        const auto oldest = with_results_.front().lock();
        bytes -= oldest->query->result_bytes();
        oldest->query.reset();
        with_results_.pop_front();
    }
}

void Log_Queries::run_waiting() {
    while (running_ < queries_at_once_max && !waiting_.empty()) {
        const Query_Ptr next = waiting_.front();
        waiting_.pop_front();
        next->is_waiting = false;
        if (next->status == "Scheduled") run(next);
    }
}

Result<bool> Log_Queries::stop(const Account& account, const std::string& id) {
    OSBOT_TRY(const auto query, find(account, id));
    if (!query->is_active()) return false;
    query->status = "Cancelled";
    query->record.is_stopped = true;
    records_.put(id, query->record);
    return true;
}

Result<Json> Log_Queries::results(const Account& account, const std::string& id, std::size_t offset,
                                  std::size_t rows_max) {
    OSBOT_TRY(const auto query, find(account, id));
    const bool has_no_results = query->status == "Complete" && !query->query;  // they were in memory before a restart
    if (has_no_results) query->status = "Scheduled";
    if (query->status == "Scheduled") run(query);
    const std::size_t groups = query->group + (query->at ? 1 : 0);  // those that were read, also in part
    const bool is_complete = query->status == "Complete";
    const std::size_t count = is_complete ? query->query->results().size() : 0;
    const std::size_t begin = std::min(offset, count), end = begin + std::min(rows_max, count - begin);
    Json rows = Json::array();
    for (std::size_t i = begin; i < end; ++i) {
        Json& out = rows.emplace_back(Json::array());
        for (const auto& [field, value] : query->query->results()[i])
            out.push_back({{"field", field}, {"value", value}});
    }
    const Json statistics{{"recordsMatched", is_complete ? query->query->matched() : 0},
                          {"recordsScanned", query->scanned},
                          {"bytesScanned", query->bytes},
                          {"estimatedRecordsSkipped", 0},
                          {"estimatedBytesSkipped", 0},
                          {"logGroupsScanned", groups},
                          {"resultCount", count}};
    Json output{
        {"queryLanguage", "CWLI"}, {"status", query->status}, {"results", std::move(rows)}, {"statistics", statistics}};
    if (end < count) output["nextToken"] = std::to_string(end);
    return output;
}

std::vector<Json> Log_Queries::describe(const Account& account, const std::string& group,
                                        const std::string& status) const {
    std::vector<Query_Ptr> selected;
    for (const auto& [id, query] : queries_) {
        const bool has_group = group.empty() || std::ranges::count(query->record.groups, group) > 0;
        if (query->record.account == account && has_group && (status.empty() || query->status == status))
            selected.push_back(query);
    }
    std::ranges::stable_sort(selected, std::greater{}, [](const Query_Ptr& query) { return query->record.created_ms; });
    std::vector<Json> described;
    for (const auto& query : selected)
        described.push_back({{"queryLanguage", "CWLI"},
                             {"queryId", query->id},
                             {"queryString", described_text(query->record)},
                             {"status", query->status},
                             {"createTime", query->record.created_ms},
                             {"logGroupName", query->record.groups.front()}});
    return described;
}

Result<std::vector<std::string>> Log_Queries::groups(const Account& account, const std::string& id) const {
    OSBOT_TRY(const auto query, find(account, id));
    return query->record.groups;
}

std::string log_pointer(const Account& account, const std::string& group, const store::Found_Log_Event& event) {
    return base::base64_encode(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", account.id, account.region, group, event.stream,
                                           event.timestamp_ms, event.sequence));
}

std::shared_ptr<Insights_Event> insights_event(const Account& account, const std::string& group,
                                               store::Found_Log_Event event) {
    auto made = std::make_shared<Insights_Event>();
    made->log = fmt::format("{}:{}", account.id, group);
    made->pointer = log_pointer(account, group, event);
    made->stream = std::move(event.stream);
    made->message = std::move(event.message);
    made->timestamp_ms = event.timestamp_ms;
    made->ingestion_ms = event.ingestion_ms;
    return made;
}

}  // namespace osbot_aws::services
