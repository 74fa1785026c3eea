#include "cli/logs_follow.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/json.hpp"
#include "cli/function_names.hpp"
#include "cli/log_text.hpp"
#include "sdk/live_tail.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds reconnect_delay_min{100}, reconnect_delay_max{2'000};
constexpr milliseconds poll_interval_min{1'000}, poll_interval_max{10'000};  // without StartLiveTail
/// How much older than the newest event a late event may be: the streams of a group are not synchronised, and
/// FilterLogEvents finds events only some time after their ingestion.
constexpr std::int64_t overlap_ms = 30'000;

bool contains(std::initializer_list<std::string_view> codes, const std::string& code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// Returns true if the endpoint or the account does not support StartLiveTail.
bool is_live_tail_unavailable(const Error& error) {
    return contains({"AccessDeniedException", "AccessDenied", "UnknownOperationException", "NotImplemented",
                     "InvalidAction", "InternalFailure", "LimitExceededException", "501"},
                    error.code) ||
           error.http_status == 501;
}

bool connection_broke(const Error& error) {
    return contains({"ConnectionClosedError", "ReadTimeoutError", "EndpointConnectionError", "ConnectTimeoutError",
                     "EventStreamError"},
                    error.code);
}

/// Counts the recently printed events, to recognise repeated ones. Events of a live tail have no id, and a function may
/// write the same line twice in one millisecond.
class Recent_Events {
public:
    using Key = std::tuple<std::int64_t, std::string, std::string>;  ///< time, stream, message

    static Key key_of(const Json& event) {
        return {event.value("timestamp", std::int64_t{0}), event.value("logStreamName", ""),
                event.value("message", "")};
    }
    void add(const Key& key) {
        ++counts_[key];
        newest_ms_ = std::max(newest_ms_, std::get<0>(key));
        while (!counts_.empty() && std::get<0>(counts_.begin()->first) < newest_ms_ - overlap_ms)
            counts_.erase(counts_.begin());
    }
    const std::map<Key, int>& counts() const { return counts_; }
    /// The time from which events may be missing; 0 if none was printed.
    std::int64_t since_ms() const { return newest_ms_ == 0 ? 0 : newest_ms_ - overlap_ms; }

private:
    std::map<Key, int> counts_;
    std::int64_t newest_ms_ = 0;
};

class Follower final : public Live_Tail_Reader {
public:
    Follower(const Options& options, const Follow_Arguments& arguments) : options_(options), arguments_(arguments) {}

    int run() {
        Session session = make_session(options_);
        const Lambda function(arguments_.function, session);
        if (!function.exists())
            return report_function_error(
                session, arguments_.function,
                {"ResourceNotFoundException", fmt::format("function {} not found", arguments_.function), 404});
        group_ = function.log_group().name();
        create_group(function);
        for (milliseconds delay = reconnect_delay_min;; delay = std::min(delay * 2, reconnect_delay_max)) {
            connected_ = false;
            catch_up_session_.emplace(session.for_another_thread());
            const auto result = tail(session);
            if (!result && is_live_tail_unavailable(result.error())) return poll(result.error());
            if (!result && !connection_broke(result.error())) return report(result.error());
            if (connected_) delay = reconnect_delay_min;
            do std::this_thread::sleep_for(delay);
            while (is_engine_down(session));
            session = session.for_another_thread();  // opens a new connection, because the old server may have exited
        }
    }

    void started() override {
        connected_ = true;
        // Events that catch_up() finds and that were written after the start of the tail are repeated in events().
        repeated_ = {};
        const Json stored = catch_up(*catch_up_session_);
        std::int64_t newest = 0;
        for (const Json& event : stored) newest = std::max(newest, event.value("ingestionTime", std::int64_t{0}));
        for (const Json& event : stored)
            if (event.value("ingestionTime", newest) >= newest - overlap_ms) ++repeated_[Recent_Events::key_of(event)];
    }

    void events(const Json& events) override {
        for (const Json& event : events) {
            const auto repeated = repeated_.find(Recent_Events::key_of(event));
            if (repeated == repeated_.end())
                print_event(event);
            else if (--repeated->second == 0)
                repeated_.erase(repeated);
        }
        std::fflush(stdout);
    }

private:
    /// Creates the log group, as the first invocation would: StartLiveTail needs it.
    static void create_group(const Lambda& function) {
        try {
            function.log_group().group_create();
        } catch (const Aws_Exception& error) {
            if (!contains({"AccessDeniedException"}, error.code())) throw;
        }
    }

    /// Returns true while the local engine does not run. A call would otherwise start an engine in this process.
    static bool is_engine_down(const Session& session) {
        return impl_of(session).kind == Target_Kind::local && !engine_runs(state_folder());
    }

    Result<void> tail(const Session& session) {
        try {
            return live_tail(session, {.log_group = group_, .filter_pattern = arguments_.pattern}, *this);
        } catch (const Aws_Exception& error) { return error.error(); }
    }

    /// Prints the stored events that were not printed yet. Returns all events that it read,
    /// including those that were printed before.
    Json catch_up(const Session& session) {
        const bool first = std::exchange(first_, false);
        const std::int64_t since = std::max(arguments_.since_ms, printed_.since_ms());
        Json stored = Logs(group_, session).events({.start_time = since, .filter_pattern = arguments_.pattern});
        std::map<Recent_Events::Key, int> printed_before = printed_.counts();
        const std::size_t skipped = first && stored.size() > arguments_.lines ? stored.size() - arguments_.lines : 0;
        for (std::size_t i = 0; i < stored.size(); ++i) {
            const auto printed = printed_before.find(Recent_Events::key_of(stored[i]));
            if (printed != printed_before.end() && printed->second-- > 0) continue;
            if (i < skipped)
                printed_.add(Recent_Events::key_of(stored[i]));  // beyond --lines: must not be printed later either
            else
                print_event(stored[i]);
        }
        std::fflush(stdout);
        return stored;
    }

    void print_event(const Json& event) {
        printed_.add(Recent_Events::key_of(event));
        const std::string line = options_.json ? base::dump_json_lossy(event) + "\n" : log_line(event);
        std::fwrite(line.data(), 1, line.size(), stdout);
    }

    /// Never returns; throws the error of a failed request. The interval grows while no new lines arrive.
    int poll(const Error& reason) {
        std::fprintf(stderr,
                     "osbot: StartLiveTail is unavailable (%s: %s); polling for new lines every 1 to 10 seconds\n",
                     reason.code.c_str(), reason.message.c_str());
        const Session session = make_session(options_);
        for (milliseconds interval = poll_interval_min;; interval = std::min(interval * 2, poll_interval_max)) {
            const std::int64_t before = print_marker();
            catch_up(session);
            if (print_marker() != before) interval = poll_interval_min / 2;
            std::this_thread::sleep_for(interval);
        }
    }

    /// Returns a number that changes when new events are found.
    std::int64_t print_marker() const {
        std::int64_t marker = printed_.since_ms();
        for (const auto& [key, count] : printed_.counts()) marker += count;
        return marker;
    }

    const Options& options_;
    const Follow_Arguments& arguments_;
    std::string group_;
    bool connected_ = false, first_ = true;
    std::optional<Session> catch_up_session_;
    std::map<Recent_Events::Key, int> repeated_;  // how many times the tail may still repeat an event of catch_up()
    Recent_Events printed_;
};

}  // namespace

void exit_when_stdout_closes() {
    std::thread([] {
        pollfd closed{STDOUT_FILENO, 0, 0};  // reports only POLLERR and POLLHUP, which need no flag
        while (::poll(&closed, 1, -1) < 0) {}
        ::_exit(exit_ok);
    }).detach();
}

int follow_logs(const Options& options, const Follow_Arguments& arguments) {
    return Follower(options, arguments).run();
}

}  // namespace osbot_aws::cli
