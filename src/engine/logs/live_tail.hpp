#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/logs/filter_pattern.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {

struct Live_Tail_Event {
    std::string group, stream, message;
    std::int64_t timestamp_ms = 0, ingestion_ms = 0;
};

/// Who looks at a session. It is asked and told on the loop.
class Live_Tail_Viewer {
public:
    virtual ~Live_Tail_Viewer() = default;
    virtual bool gone() const = 0;
    virtual bool behind() const = 0;  ///< takes nothing now: what it was told has not arrived yet
    /// `sampled`: events before these were left out, because the viewer was behind.
    virtual void update(std::span<const Live_Tail_Event> events, bool sampled) = 0;
    virtual void time_out() = 0;  ///< the last call
};

/// The sessions of StartLiveTail. What is appended to a log group is with its viewers one turn of the loop later; in a
/// second without events they get an empty update, as on AWS, so that neither end takes the other for gone.
/// Loop thread only.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
class Live_Tail {
public:
    struct Wanted {
        Account account;
        std::set<std::string> groups;                       ///< names
        std::vector<std::string> streams, stream_prefixes;  ///< both empty: all
        Filter_Pattern pattern;
    };

    explicit Live_Tail(Context& context) : context_(context) {}
    ~Live_Tail();

    /// Errors: LimitExceededException.
    Result<void> start(Wanted wanted, std::unique_ptr<Live_Tail_Viewer> viewer);
    void offer(const Account& account, const std::string& group, const std::string& stream,
               std::span<const store::Log_Event> events);
    bool watched() const { return !sessions_.empty(); }

private:
    struct Session;

    void deliver(Session& session);
    void deliver_soon(const std::shared_ptr<Session>& session);
    void tick_later(Session& session);
    void end(const Session& session);

    Context& context_;
    std::vector<std::shared_ptr<Session>> sessions_;
};

}  // namespace osbot_aws::engine
