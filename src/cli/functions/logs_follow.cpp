#include "cli/functions/logs_follow.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "cli/functions/function_names.hpp"
#include "cli/output/log_text.hpp"
#include "cli/output/terminal.hpp"
#include "sdk/live_tail.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds reconnect_delay_min{100}, reconnect_delay_max{2'000};
constexpr milliseconds list_interval{5'000};  // new functions of `logs --follow` without a name
constexpr milliseconds poll_interval_min{1'000}, poll_interval_max{10'000};  // without StartLiveTail
/// How much older than the newest event a late event may be: the streams of a group are not synchronised, and
/// FilterLogEvents finds events only some time after their ingestion.
constexpr std::int64_t overlap_ms = 30'000;

bool contains(std::initializer_list<std::string_view> codes, const std::string& code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// Returns true if the endpoint or the account does not support StartLiveTail.
bool is_live_tail_unavailable(const Error& error) {
    return contains({"AccessDeniedException", codes::access_denied, "UnknownOperationException", "NotImplemented",
                     "InvalidAction", "InternalFailure", "LimitExceededException", "501"},
                    error.code) ||
           error.http_status == 501;
}

bool connection_broke(const Error& error) {
    return contains({codes::connection_closed, codes::read_timeout, codes::endpoint_connection, codes::connect_timeout,
                     "EventStreamError"},
                    error.code);
}

/// Counts the recently printed events, to recognise repeated ones. Events of a live tail have no id, and a function may
/// write the same line twice in one millisecond.
class Recent_Events {
public:
    using Key = std::tuple<std::int64_t, std::string, std::string>;  ///< time, function and stream, message

    static Key key_of(const Json& event) {
        return {event.value("timestamp", std::int64_t{0}),
                event.value("function", "") + "/" + event.value("logStreamName", ""), event.value("message", "")};
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

/// Returns true while the local engine does not run. A call would otherwise start an engine in this process.
bool is_engine_down(const Session& session) {
    return impl_of(session).kind == Target_Kind::local && !engine_runs(state_folder());
}

/// Follows up to live_tail_groups_max functions.
class Follower final : public Live_Tail_Reader {
public:
    /// `name_width` of 0 omits the names of the functions.
    Follower(const Options& options, const Follow_Arguments& arguments, const Session& session,
             std::vector<std::string> functions, std::size_t name_width)
        : options_(options),
          arguments_(arguments),
          session_(session.for_another_thread()),
          functions_(std::move(functions)),
          name_width_(name_width) {}

    /// Returns exit_not_found, without a message, if none of the functions exists any more.
    int run() {
        for (milliseconds delay = reconnect_delay_min;; delay = std::min(delay * 2, reconnect_delay_max)) {
            connected_ = false;
            const auto result = tail();
            if (!result && result.error().code == no_function) return exit_not_found;
            if (!result && is_live_tail_unavailable(result.error())) return poll(result.error());
            if (!result && !is_transient(result.error())) return report(result.error());
            if (connected_) delay = reconnect_delay_min;
            do std::this_thread::sleep_for(delay);
            while (is_engine_down(session_));
            session_ = session_.for_another_thread();  // opens a new connection: the old server may have exited
        }
    }

    void started() override {
        connected_ = was_connected_ = true;
        // Events that catch_up() finds and that were written after the start of the tail are repeated in events().
        repeated_ = {};
        const Json stored = catch_up(*catch_up_session_);
        std::int64_t newest = 0;
        for (const Json& event : stored) newest = std::max(newest, event.value("ingestionTime", std::int64_t{0}));
        for (const Json& event : stored)
            if (event.value("ingestionTime", newest) >= newest - overlap_ms) ++repeated_[Recent_Events::key_of(event)];
    }

    void events(const Json& events) override {
        for (Json event : events) {
            name_function(event);
            const auto repeated = repeated_.find(Recent_Events::key_of(event));
            if (repeated == repeated_.end())
                print_event(event);
            else if (--repeated->second == 0)
                repeated_.erase(repeated);
        }
        std::fflush(stdout);
    }

private:
    static constexpr const char* no_function = "NoFunction";

    /// An endpoint that never responded is an error. ResourceNotFoundException: a log group was deleted.
    bool is_transient(const Error& error) const {
        return was_connected_ && (connection_broke(error) || error.code == codes::resource_not_found);
    }

    /// Returns the log groups of the functions that exist. Creates missing ones, as the first invocation would:
    /// StartLiveTail needs them.
    std::map<std::string, std::string> find_groups() const {
        std::map<std::string, std::string> groups;
        for (const std::string& name : functions_) {
            const Lambda function(name, session_);
            if (!function.exists()) continue;
            try {
                function.log_group().group_create();
            } catch (const Aws_Exception& error) {
                if (!contains({"AccessDeniedException"}, error.code())) throw;
            }
            groups.emplace(function.log_group().name(), name);
        }
        return groups;
    }

    /// Sets the member `function` of an event of the live tail, from its log group.
    void name_function(Json& event) const {
        if (name_width_ == 0) return;
        const std::string group = event.value("logGroupIdentifier", "");  // ACCOUNT:NAME or an ARN
        const auto found = groups_.find(group.substr(group.rfind(':') + 1));
        if (found != groups_.end()) event["function"] = found->second;
    }

    Result<void> tail() {
        try {
            groups_ = find_groups();
            if (groups_.empty()) return Error{no_function, "", 404};
            catch_up_session_.emplace(session_.for_another_thread());
            std::vector<std::string> names;
            for (const auto& [group, function] : groups_) names.push_back(group);
            return live_tail(session_, {.log_groups = std::move(names), .filter_pattern = arguments_.pattern}, *this);
        } catch (const Aws_Exception& error) { return error.error(); }
    }

    /// Returns the stored events of all functions, in the order of time.
    Json stored_events(const Session& session, std::int64_t since_ms) const {
        std::vector<Json> all;
        for (const auto& [group, function] : groups_)
            for (Json& event :
                 Logs(group, session).events({.start_time = since_ms, .filter_pattern = arguments_.pattern})) {
                if (name_width_ > 0) event["function"] = function;
                all.push_back(std::move(event));
            }
        std::ranges::stable_sort(all, {}, [](const Json& event) { return event.value("timestamp", std::int64_t{0}); });
        return all;
    }

    /// Prints the stored events that were not printed yet. Returns all events that it read,
    /// including those that were printed before.
    Json catch_up(const Session& session) {
        const bool first = std::exchange(first_, false);
        const std::int64_t since = std::max(arguments_.since_ms, printed_.since_ms());
        Json stored = stored_events(session, since);
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
        if (first && arguments_.on_started) arguments_.on_started();
        return stored;
    }

    void print_event(const Json& event) {
        printed_.add(Recent_Events::key_of(event));
        const std::string line = options_.json ? base::dump_json_lossy(event) + "\n" : log_line(event, name_width_);
        std::fwrite(line.data(), 1, line.size(), stdout);
    }

    /// Never returns; throws the error of a failed request. The interval grows while no new lines arrive.
    int poll(const Error& reason) {
        std::fprintf(stderr,
                     "osbot: StartLiveTail is unavailable (%s: %s); polling for new lines every 1 to 10 seconds\n",
                     reason.code.c_str(), reason.message.c_str());
        for (milliseconds interval = poll_interval_min;; interval = std::min(interval * 2, poll_interval_max)) {
            const std::int64_t before = print_marker();
            catch_up(session_);
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
    Session session_;
    const std::vector<std::string> functions_;
    const std::size_t name_width_;
    std::map<std::string, std::string> groups_;  // log group -> function
    bool connected_ = false, was_connected_ = false, first_ = true;
    std::optional<Session> catch_up_session_;
    std::map<Recent_Events::Key, int> repeated_;  // how many times the tail may still repeat an event of catch_up()
    Recent_Events printed_;
};

/// Follows any number of functions, with a thread for each live_tail_groups_max of them.
class Followers {
public:
    Followers(const Options& options, const Follow_Arguments& arguments, Session session)
        : options_(options), arguments_(arguments), session_(std::move(session)) {}

    /// Follows all functions, and those that are created later.
    [[noreturn]] void follow_all() {
        start(Lambda("", session_).functions_names(), arguments_);
        if (followed_.empty()) print_note("no functions yet; waiting for the first one");
        for (;;) {
            std::this_thread::sleep_for(list_interval);
            if (!is_engine_down(session_)) start(current_names(), of_new_functions_);
        }
    }

    /// Follows these functions until none of them exists any more.
    int follow_these(const std::vector<std::string>& functions) {
        start(functions, arguments_);
        for (std::thread& thread : threads_) thread.join();
        return report({codes::resource_not_found,
                       fmt::format("none of these functions exists: {}; deploy them first", fmt::join(functions, ", ")),
                       404});
    }

private:
    /// Returns nothing if the endpoint does not respond: the next call tries again.
    std::vector<std::string> current_names() {
        try {
            session_ = session_.for_another_thread();
            return Lambda("", session_).functions_names();
        } catch (const Aws_Exception& error) {
            if (!connection_broke(error.error())) end(report(error.error()));
            return {};
        }
    }

    /// Ends the process while other threads run.
    [[noreturn]] static void end(int code) {
        std::fflush(stdout);
        ::_exit(code);
    }

    /// Starts threads for the functions that are not followed yet.
    void start(std::vector<std::string> functions, const Follow_Arguments& arguments) {
        std::erase_if(functions, [&](const std::string& name) { return !followed_.insert(name).second; });
        for (const std::string& name : functions) name_width_ = std::max(name_width_, name.size());
        for (std::size_t first = 0; first < functions.size(); first += live_tail_groups_max) {
            const std::size_t count = std::min(live_tail_groups_max, functions.size() - first);
            const auto begin = functions.begin() + static_cast<std::ptrdiff_t>(first);
            auto follower = std::make_shared<Follower>(
                options_, arguments, session_,
                std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(count)), name_width_);
            threads_.emplace_back([follower] { run(*follower); });
        }
    }

    /// An error ends the command, as if there were one function only.
    static void run(Follower& follower) {
        int code = exit_failed;
        try {
            code = follower.run();
        } catch (const Aws_Exception& error) { code = report(error.error()); }
        if (code != exit_not_found) end(code);  // otherwise the functions were deleted
    }

    const Options& options_;
    const Follow_Arguments& arguments_;
    const Follow_Arguments of_new_functions_{.functions = {},
                                             .pattern = arguments_.pattern,
                                             .lines = std::numeric_limits<std::size_t>::max(),
                                             .since_ms = arguments_.since_ms};
    Session session_;
    std::set<std::string> followed_;
    std::size_t name_width_ = 0;
    std::vector<std::thread> threads_;
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
    const Session session = make_session(options);
    if (arguments.functions.empty()) Followers(options, arguments, session).follow_all();
    if (arguments.functions.size() > 1) return Followers(options, arguments, session).follow_these(arguments.functions);
    const std::string& function = arguments.functions.front();
    const int code = Follower(options, arguments, session, arguments.functions, 0).run();
    if (code != exit_not_found) return code;
    return report_function_error(session, function,
                                 {codes::resource_not_found, fmt::format("function {} not found", function), 404});
}

}  // namespace osbot_aws::cli
