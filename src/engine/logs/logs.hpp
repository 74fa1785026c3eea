#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"

namespace osbot_aws::engine {

struct Log_Group {
    std::string name;
    std::string arn;  ///< without the ":*" that some answers add
    std::int64_t created_ms = 0;
    std::optional<int> retention_days;  ///< kept and shown; nothing is deleted by age
};

struct Log_Stream {
    std::string name;
    std::string arn;
    std::int64_t created_ms = 0;
    std::optional<std::int64_t> first_event_ms, last_event_ms, last_ingestion_ms;  ///< empty: no event yet
};

struct Describe_Log_Groups {
    std::string prefix;   ///< of the name
    std::string pattern;  ///< anywhere in the name, whatever the case
    std::string after;    ///< paging: names past this one
    int limit = 50;
};

struct Describe_Log_Streams {
    std::string group;
    std::string prefix;
    bool by_last_event = false;  ///< else by name
    bool descending = false;
    std::string after;  ///< paging: past the stream of this name
    int limit = 50;
};

struct Get_Log_Events {
    std::string group, stream;
    std::optional<std::int64_t> start_ms, end_ms;
    std::string token;  ///< one that an earlier answer gave
    bool from_head = false;
    int limit = 10'000;
};

struct Log_Events_Page {
    std::vector<store::Found_Log_Event> events;  ///< oldest first
    std::string forward_token, backward_token;   ///< at an end: the same token again
};

struct Filter_Log_Events {
    std::string group;
    std::vector<std::string> streams;  ///< empty: all
    std::string stream_prefix;
    std::string
        pattern;  ///< https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (terms)
    std::optional<std::int64_t> start_ms, end_ms;
    std::string token;
    int limit = 10'000;
};

struct Filtered_Log_Events {
    std::vector<store::Found_Log_Event> events;
    std::string next_token;  ///< empty: that was all
};

template <class T>
struct Page {
    std::vector<T> items;
    std::string next_token;  ///< empty: that was all
};

/// CloudWatch Logs: groups, streams, events. Loop thread only.
///
/// Groups and streams are held in memory; events are in the store, and reading them waits for those just written.
/// Errors of all: ResourceNotFoundException, ResourceAlreadyExistsException, InvalidParameterException.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
class Logs {
public:
    explicit Logs(Context& context) : context_(context) { load(); }

    void load();  ///< from the store: at start, and again when a write has failed
    void reload() { load(); }
    void clear() { groups_.clear(); }  ///< after Store::clear()

    /// What functions write: makes group and stream when missing. Message without the end of line.
    void append(const Account& account, const std::string& group, const std::string& stream,
                std::vector<store::Log_Event> events);

    Result<void> create_group(const Account& account, const std::string& name);
    Result<void> delete_group(const Account& account, const std::string& name);
    Result<void> put_retention(const Account& account, const std::string& name, std::optional<int> days);
    Result<void> create_stream(const Account& account, const std::string& group, const std::string& name);
    Result<void> delete_stream(const Account& account, const std::string& group, const std::string& name);
    Result<void> put_events(const Account& account, const std::string& group, const std::string& stream,
                            std::vector<store::Log_Event> events);

    Page<Log_Group> describe_groups(const Account& account, const Describe_Log_Groups& wanted) const;
    Result<Page<Log_Stream>> describe_streams(const Account& account, const Describe_Log_Streams& wanted);
    Result<Log_Events_Page> get_events(const Account& account, const Get_Log_Events& wanted);
    Result<Filtered_Log_Events> filter_events(const Account& account, const Filter_Log_Events& wanted);

private:
    struct Stream {
        Log_Stream shown;
        bool times_known = true;  ///< false after a start: then they are looked up when asked for
    };
    struct Group {
        Log_Group shown;
        std::map<std::string, Stream> streams;
    };
    using Groups = std::map<std::string, Group>;

    Group* find_group(const Account& account, const std::string& name);
    Result<Stream*> find_stream(const Account& account, const std::string& group, const std::string& name);
    Group& make_group(const Account& account, const std::string& name);
    Stream& make_stream(const Account& account, Group& group, const std::string& name);
    void save(const Account& account, const Group& group);
    void append_to(const Account& account, Group& group, Stream& stream, std::vector<store::Log_Event> events);
    void look_up_times(const Account& account, const std::string& group, Stream& stream);

    Context& context_;
    std::map<Account, Groups> groups_;
};

}  // namespace osbot_aws::engine
