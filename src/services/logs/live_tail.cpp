#include "services/logs/live_tail.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

using namespace std::chrono_literals;

// Limits: API_StartLiveTail.html. Number of sessions:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr auto update_interval = 1s;
constexpr auto session_time_max = 3h;
constexpr std::size_t events_per_update_max = 500, events_buffered_max = 5000, sessions_max = 15;

}  // namespace

struct Live_Tail::Session {
    Params params;
    std::unique_ptr<Live_Tail_Viewer> viewer;
    base::Time ends_at;
    std::vector<Live_Tail_Event> events = {};  // not sent yet
    bool sampled = false, delivery_posted = false;
    base::Subscription_Ptr tick = nullptr;

    bool matches(const Account& account, const std::string& group, const std::string& stream) const {
        const auto is_prefix = [&](const std::string& prefix) { return stream.starts_with(prefix); };
        return params.account == account && params.groups.contains(group) &&
               (params.streams.empty() || std::ranges::find(params.streams, stream) != params.streams.end()) &&
               (params.stream_prefixes.empty() || std::ranges::any_of(params.stream_prefixes, is_prefix));
    }

    void drop_oldest() {
        if (events.size() <= events_buffered_max) return;
        events.erase(events.begin(), events.end() - events_buffered_max);
        sampled = true;
    }
};

Live_Tail::~Live_Tail() = default;

Result<void> Live_Tail::start(Params params, std::unique_ptr<Live_Tail_Viewer> viewer) {
    std::erase_if(sessions_, [](const auto& session) { return session->viewer->disconnected(); });
    const auto same_account = [&](const auto& session) { return session->params.account == params.account; };
    if (std::ranges::count_if(sessions_, same_account) >= static_cast<std::ptrdiff_t>(sessions_max)) {
        return Error{"LimitExceededException", "Too many concurrent Live Tail sessions."};
    }
    sessions_.push_back(std::make_shared<Session>(Session{
        .params = std::move(params), .viewer = std::move(viewer), .ends_at = context_.now() + session_time_max}));
    tick_later(*sessions_.back());
    return {};
}

void Live_Tail::publish(const Account& account, const std::string& group, const std::string& stream,
                        std::span<const store::Log_Event> events) {
    for (const auto& session : sessions_) {
        if (!session->matches(account, group, stream)) continue;
        for (const auto& event : events) {
            if (!session->params.pattern.matches(event.message)) continue;
            session->events.push_back({.group = group,
                                       .stream = stream,
                                       .message = event.message,
                                       .timestamp_ms = event.timestamp_ms,
                                       .ingestion_ms = event.ingestion_ms});
        }
        session->drop_oldest();
        if (!session->events.empty()) deliver_soon(session);
    }
}

// Delivers in the next turn of the loop, so that all events appended in this turn are sent in one update.
void Live_Tail::deliver_soon(const std::shared_ptr<Session>& session) {
    if (std::exchange(session->delivery_posted, true)) return;
    context_.loop.post([this, weak = std::weak_ptr(session)] {
        if (const auto locked = weak.lock()) {
            locked->delivery_posted = false;
            if (!locked->events.empty()) deliver(*locked);
        }
    });
}

void Live_Tail::deliver(Session& session) {
    if (session.viewer->disconnected()) return end(session);
    tick_later(session);
    if (session.viewer->behind()) return;
    const auto events = std::exchange(session.events, {});
    const std::span all(events);
    std::size_t sent = 0;
    do {
        const auto count = std::min(events_per_update_max, all.size() - sent);
        session.viewer->update(all.subspan(sent, count), std::exchange(session.sampled, false));
        sent += count;
    } while (sent < all.size());
}

void Live_Tail::tick_later(Session& session) {
    session.tick = context_.loop.after(update_interval, [this, &session] {
        if (context_.now() < session.ends_at) return deliver(session);
        session.viewer->time_out();
        end(session);
    });
}

void Live_Tail::end(const Session& session) {
    std::erase_if(sessions_, [&](const auto& item) { return item.get() == &session; });
}

}  // namespace osbot_aws::services
