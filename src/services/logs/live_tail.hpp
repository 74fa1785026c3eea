#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/logs/filter_pattern.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

struct Live_Tail_Event {
    std::string group, stream, message;
    std::int64_t timestamp_ms = 0, ingestion_ms = 0;
};

/// The client of a session. All methods are called on the loop thread.
class Live_Tail_Viewer {
public:
    virtual ~Live_Tail_Viewer() = default;
    virtual bool disconnected() const = 0;
    virtual bool behind() const = 0;  ///< true while the client has not received earlier updates
    /// Sends events. `sampled`: earlier events were dropped because the client was too slow.
    virtual void update(std::span<const Live_Tail_Event> events, bool sampled) = 0;
    virtual void time_out() = 0;  ///< ends the session; the last call
};

/// The sessions of StartLiveTail. Events appended to a log group reach its viewers in the next turn of the loop. After
/// a second without events a viewer gets an empty update, as on AWS, so that each side can detect a lost connection.
/// Loop thread only.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
class Live_Tail {
public:
    struct Params {
        Account account;
        std::set<std::string> groups;                       ///< names
        std::vector<std::string> streams, stream_prefixes;  ///< both empty: all
        Filter_Pattern pattern;
    };

    explicit Live_Tail(Context& context) : context_(context) {}
    ~Live_Tail();

    /// Errors: LimitExceededException.
    Result<void> start(Params params, std::unique_ptr<Live_Tail_Viewer> viewer);
    /// Queues the events for the sessions that match them.
    void publish(const Account& account, const std::string& group, const std::string& stream,
                 std::span<const store::Log_Event> events);
    /// True while a session is open.
    bool active() const { return !sessions_.empty(); }

private:
    struct Session;

    void deliver(Session& session);
    void deliver_soon(const std::shared_ptr<Session>& session);
    void tick_later(Session& session);
    void end(const Session& session);

    Context& context_;
    std::vector<std::shared_ptr<Session>> sessions_;
};

}  // namespace osbot_aws::services
