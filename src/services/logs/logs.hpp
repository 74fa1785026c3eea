#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "services/logs/live_tail.hpp"
#include "services/logs/log_rules.hpp"
#include "services/logs/log_subscriptions.hpp"
#include "services/logs/resources/log_resources.hpp"
#include "services/state.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

/// Returns the ARN without the ":*" that some responses append.
std::string log_group_arn(const Account& account, std::string_view group);
/// Returns the name of the group in the store.
std::string log_group_key(const Account& account, std::string_view group);

struct Log_Group {
    Account account = {};
    std::string name;
    std::string arn;
    std::int64_t created_ms = 0;
    std::string log_class = "STANDARD";  ///< stored and returned only
    std::optional<int> retention_days;   ///< nullopt: forever
    bool is_protected = false;           ///< cannot be deleted
    Log_Tags tags = {};
    std::string kms_key = {};  ///< ARN, stored and returned only
};

struct Log_Stream {
    std::string name;
    std::string arn;
    std::int64_t created_ms = 0;
    std::optional<std::int64_t> first_event_ms, last_event_ms, last_ingestion_ms;  ///< nullopt: no events yet
};

struct Log_Stream_Record;

struct Create_Log_Group {
    std::string name, log_class = "STANDARD";
    Log_Tags tags = {};
    bool is_protected = false;
    std::string kms_key = {};
};

struct Describe_Log_Groups {
    std::string prefix;                      ///< prefix of the name
    std::string pattern;                     ///< part of the name, case-insensitive
    std::vector<std::string> names = {};     ///< only these; empty: all
    std::vector<std::string> accounts = {};  ///< only if they contain this account; empty: any
    std::string log_class = {};              ///< empty: any
    std::string after;                       ///< paging: list the names after this one
    int limit = 50;
};

struct Describe_Log_Streams {
    std::string group;
    std::string prefix;
    bool by_last_event = false;  ///< false: by name
    bool descending = false;
    std::string after;  ///< paging: list the streams after this one
    int limit = 50;
};

struct Get_Log_Events {
    std::string group, stream;
    std::optional<std::int64_t> start_ms, end_ms;
    std::string token;  ///< from an earlier response
    bool from_head = false;
    int limit = 10'000;
};

struct Log_Events_Page {
    std::vector<store::Found_Log_Event> events;  ///< oldest first
    std::string forward_token, backward_token;   ///< at the end of the stream: the token of the request
};

struct Filter_Log_Events {
    std::string group;
    std::vector<std::string> streams;  ///< empty: all
    std::string stream_prefix;
    std::string pattern;  ///< see filter_pattern.hpp
    std::optional<std::int64_t> start_ms, end_ms;
    std::string token;  ///< if there is one, it determines the direction
    int limit = 10'000;
    bool from_head = true;
};

struct Filtered_Log_Events {
    std::vector<store::Found_Log_Event> events;
    std::string next_token;  ///< empty: this is the last page
};

struct Start_Live_Tail {
    std::vector<std::string> groups;                    ///< ARNs, 1 to 10
    std::vector<std::string> streams, stream_prefixes;  ///< only one of them, and only with one group; both empty: all
    std::string pattern;
};

template <class T>
struct Page {
    std::vector<T> items;
    std::string next_token;  ///< empty: this is the last page
};

/// CloudWatch Logs: groups, streams, events. Loop thread only.
///
/// Groups and streams are held in memory, events in the store. Reading events waits for pending writes. Events older
/// than their group's retention are hidden immediately and erased later by a timer.
/// Errors of all operations: ResourceNotFoundException, ResourceAlreadyExistsException, InvalidParameterException.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
class Logs final : public State {
public:
    explicit Logs(Context& context);

    void load() override;
    void clear() override;

    /// Appends the output of functions. Creates the group and the stream if they are missing. Messages have no newline.
    void append(const Account& account, const std::string& group, const std::string& stream,
                std::vector<store::Log_Event> events);

    /// Calls `done` on the loop when all events so far are written, or could not be, and the log is not paused.
    /// Callers that append without a limit wait for it, which bounds the events in memory and on disk.
    void when_written(std::function<void()> done);
    /// Delays when_written() until resume(): events are erased, because they exceed the limit of the disk space.
    void pause() { paused_ = true; }
    void resume();
    /// Calls `task` once, in a later turn of the loop, after events of at least `bytes` of memory were appended.
    void when_grown(std::uint64_t bytes, std::function<void()> task);

    Result<void> create_group(const Account& account, const Create_Log_Group& request);
    Result<void> delete_group(const Account& account, const std::string& name);
    Result<void> protect(const Account& account, const std::string& name, bool is_protected);
    /// Sets the key; empty: none.
    Result<void> set_kms_key(const Account& account, const std::string& name, const std::string& key);
    Result<void> put_retention(const Account& account, const std::string& name, std::optional<int> days);
    Result<void> create_stream(const Account& account, const std::string& group, const std::string& name);
    Result<void> delete_stream(const Account& account, const std::string& group, const std::string& name);
    Result<Rejected_Log_Events> put_events(const Account& account, const std::string& group, const std::string& stream,
                                           std::vector<store::Log_Event> events);

    /// Errors: ResourceNotFoundException.
    Result<const Log_Group*> group(const Account& account, const std::string& name) const;
    std::vector<std::string> stream_names(const Account& account, const std::string& group) const;
    std::uint64_t stored_bytes(const Log_Group& group) const;
    /// Returns the events of a group that its retention permits, as Store::find_logs().
    std::vector<store::Found_Log_Event> find(const Account& account, const std::string& group, store::Log_Query query);
    /// The same outside of a request, whose error an exception would become. Errors: those of a damaged state.
    Result<std::vector<store::Found_Log_Event>> try_find(const Account& account, const std::string& group,
                                                         store::Log_Query query);

    /// The other resources. Their operations are in resources/.
    Log_Resources& resources() { return resources_; }
    const Log_Resources& resources() const { return resources_; }
    Log_Subscriptions& subscriptions() { return subscriptions_; }
    Context& context() const { return context_; }

    /// Tags of a group or another resource, by its ARN. Additional error of tag(): TooManyTagsException.
    Result<void> tag(const Account& account, const std::string& arn, const Log_Tags& tags);
    Result<void> untag(const Account& account, const std::string& arn, const std::vector<std::string>& keys);
    Result<Log_Tags> tags(const Account& account, const std::string& arn);

    Result<Page<Log_Group>> describe_groups(const Account& account, const Describe_Log_Groups& request) const;
    Result<Page<Log_Stream>> describe_streams(const Account& account, const Describe_Log_Streams& request);
    Result<Log_Events_Page> get_events(const Account& account, const Get_Log_Events& request);
    Result<Filtered_Log_Events> filter_events(const Account& account, const Filter_Log_Events& request);
    /// Additional error: LimitExceededException.
    Result<void> start_live_tail(const Account& account, const Start_Live_Tail& request,
                                 std::unique_ptr<Live_Tail_Viewer> viewer);
    bool live_tail_active() const { return live_tail_.active(); }  ///< true while a live tail session is open

private:
    struct Stream {
        Log_Stream info;
        bool times_known = true;  ///< false: look up the event times when they are needed
    };
    struct Group {
        Log_Group info;
        std::map<std::string, Stream> streams;
    };
    using Groups = std::map<std::string, Group>;

    Group* find_group(const Account& account, const std::string& name);
    const Group* find_group(const Account& account, const std::string& name) const;
    Result<Log_Tags> change_tags(const Account& account, const std::string& arn,
                                 const std::function<Result<void>(Log_Tags&)>& change);
    std::optional<std::int64_t> retention_start_ms(const Group& group) const;
    store::Log_Query query_of(const Account& account, const Group& group) const;
    void expire_at(std::int64_t ms);
    void expire();
    std::optional<std::int64_t> expire(const Account& account, Group& group);
    Result<Stream*> find_stream(const Account& account, const std::string& group, const std::string& name);
    Stream& make_stream(const Account& account, Group& group, const std::string& name);
    void save(const Group& group);
    void append_to(const Account& account, Group& group, Stream& stream, std::vector<store::Log_Event> events);
    void notify_growth();
    void look_up_times(const Account& account, const Group& group, Stream& stream);
    /// The same for all streams of a group, by one read.
    void look_up_times(const Account& account, Group& group);

    Context& context_;
    store::Records<Log_Group> group_records_;
    store::Records<Log_Stream_Record> stream_records_;
    Log_Resources resources_;
    Log_Subscriptions subscriptions_;
    Live_Tail live_tail_;
    std::map<Account, Groups> groups_;
    base::Subscription_Ptr expiry_;  // set while events can expire
    bool paused_ = false;
    std::vector<std::function<void()>> paused_writers_;
    std::uint64_t growth_bytes_ = 0;  // appended since when_grown()
    std::uint64_t growth_bytes_awaited_ = 0;
    std::function<void()> on_growth_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
