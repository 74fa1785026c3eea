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
#include "cli/log_text.hpp"
#include "sdk/live_tail.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds again_first{100}, again_max{2'000};     // after a connection has broken off
constexpr milliseconds asked_first{1'000}, asked_max{10'000};  // where nothing is pushed
/// How far behind the newest event another one may yet come: streams of a group are not in step, and FilterLogEvents
/// finds events a moment after they were taken in.
constexpr std::int64_t overlap_ms = 30'000;

bool contains(std::initializer_list<std::string_view> codes, const std::string& code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// Nothing of this kind will be pushed by that endpoint.
bool means_no_live_tail(const Error& error) {
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

/// What was shown lately, how often each: an event has no id in a live tail, and a function may say the same twice in
/// one millisecond.
class Shown {
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
    /// From when on events may be missing; 0: none was shown.
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
            return report(
                {"ResourceNotFoundException", fmt::format("there is no function {}", arguments_.function), 404});
        group_ = function.log_group().name();
        make_group(function);
        for (milliseconds wait = again_first;; wait = std::min(wait * 2, again_max)) {
            connected_ = false;
            catching_up_.emplace(session.for_another_thread());
            const auto ended = tail(session);
            if (!ended && means_no_live_tail(ended.error())) return ask_again_and_again(ended.error());
            if (!ended && !connection_broke(ended.error())) return report(ended.error());
            if (connected_) wait = again_first;
            do std::this_thread::sleep_for(wait);
            while (is_away(session));
            session = session.for_another_thread();  // a connection of its own, to what answers now
        }
    }

    void started() override {
        connected_ = true;
        // What is told from now on and found by this as well comes once more in events().
        told_again_ = {};
        const Json found = catch_up(*catching_up_);
        std::int64_t newest = 0;
        for (const Json& event : found) newest = std::max(newest, event.value("ingestionTime", std::int64_t{0}));
        for (const Json& event : found)
            if (event.value("ingestionTime", newest) >= newest - overlap_ms) ++told_again_[Shown::key_of(event)];
    }

    void events(const Json& events) override {
        for (const Json& event : events) {
            const auto again = told_again_.find(Shown::key_of(event));
            if (again == told_again_.end())
                show(event);
            else if (--again->second == 0)
                told_again_.erase(again);
        }
        std::fflush(stdout);
    }

private:
    /// As the first invoke would.
    static void make_group(const Lambda& function) {
        try {
            function.log_group().group_create();
        } catch (const Aws_Exception& failed) {
            if (!contains({"AccessDeniedException"}, failed.code())) throw;
        }
    }

    /// The local engine, which a session would otherwise start in this process.
    static bool is_away(const Session& session) {
        return session.impl().kind == Target_Kind::local && !engine_runs(state_folder());
    }

    Result<void> tail(const Session& session) {
        try {
            return live_tail(session, {.log_group = group_, .filter_pattern = arguments_.pattern}, *this);
        } catch (const Aws_Exception& failed) { return failed.error(); }
    }

    /// Shows what there is and was not shown; answers all that it found.
    Json catch_up(const Session& session) {
        const bool first = std::exchange(first_, false);
        const std::int64_t since = std::max(arguments_.since_ms, shown_.since_ms());
        Json found = Logs(group_, session).events({.start_time = since, .filter_pattern = arguments_.pattern});
        std::map<Shown::Key, int> shown_before = shown_.counts();
        const std::size_t skipped = first && found.size() > arguments_.lines ? found.size() - arguments_.lines : 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto before = shown_before.find(Shown::key_of(found[i]));
            if (before != shown_before.end() && before->second-- > 0) continue;
            if (i < skipped)
                shown_.add(Shown::key_of(found[i]));  // not wanted, and so not missing later
            else
                show(found[i]);
        }
        std::fflush(stdout);
        return found;
    }

    void show(const Json& event) {
        shown_.add(Shown::key_of(event));
        const std::string line = options_.json ? base::dump_json_lossy(event) + "\n" : log_line(event);
        std::fwrite(line.data(), 1, line.size(), stdout);
    }

    int ask_again_and_again(const Error& refused) {
        std::fprintf(stderr, "osbot: no live tail here (%s: %s), so new lines are asked for every 1 to 10 seconds\n",
                     refused.code.c_str(), refused.message.c_str());
        const Session session = make_session(options_);
        for (milliseconds wait = asked_first;; wait = std::min(wait * 2, asked_max)) {
            const std::int64_t before = shown_total();
            catch_up(session);
            if (shown_total() != before) wait = asked_first / 2;
            std::this_thread::sleep_for(wait);
        }
    }

    std::int64_t shown_total() const {
        std::int64_t total = shown_.since_ms();
        for (const auto& [key, count] : shown_.counts()) total += count;
        return total;
    }

    const Options& options_;
    const Follow_Arguments& arguments_;
    std::string group_;
    bool connected_ = false, first_ = true;
    std::optional<Session> catching_up_;
    std::map<Shown::Key, int> told_again_;
    Shown shown_;
};

}  // namespace

void end_with_reader() {
    std::thread([] {
        pollfd closed{STDOUT_FILENO, 0, 0};  // only POLLERR and POLLHUP, which need not be asked for
        while (::poll(&closed, 1, -1) < 0) {}
        ::_exit(exit_ok);
    }).detach();
}

int follow_logs(const Options& options, const Follow_Arguments& arguments) {
    return Follower(options, arguments).run();
}

}  // namespace osbot_aws::cli
