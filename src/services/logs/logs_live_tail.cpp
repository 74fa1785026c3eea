#include "services/logs/logs_api.hpp"

#include <fmt/format.h>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "wire/body_stream.hpp"
#include "wire/event_stream.hpp"

namespace osbot_aws::services {
namespace {

// No more events are sent to a client while this many bytes of its stream are unsent.
constexpr std::size_t unsent_bytes_max = 4U << 20;

class Stream_Viewer final : public Live_Tail_Viewer {
public:
    Stream_Viewer(std::string account_id, std::shared_ptr<wire::Body_Stream> stream)
        : account_id_(std::move(account_id)), stream_(std::move(stream)) {}
    ~Stream_Viewer() override { stream_->end({.complete = false, .trailers = {}}); }
    Stream_Viewer(const Stream_Viewer&) = delete;
    Stream_Viewer& operator=(const Stream_Viewer&) = delete;

    // The connection has a reference to its stream, so without other references the connection is closed.
    bool disconnected() const override { return stream_->abandoned() || stream_.use_count() == 1; }
    bool behind() const override { return stream_->unsent() > unsent_bytes_max; }

    void update(std::span<const Live_Tail_Event> events, bool sampled) override {
        Json results = Json::array();
        for (const auto& event : events) {
            results.push_back({{"logGroupIdentifier", fmt::format("{}:{}", account_id_, event.group)},
                               {"logStreamName", event.stream},
                               {"message", event.message},
                               {"timestamp", event.timestamp_ms},
                               {"ingestionTime", event.ingestion_ms}});
        }
        const Json update{{"sessionMetadata", {{"sampled", sampled}}}, {"sessionResults", std::move(results)}};
        stream_->write(wire::event_frame("sessionUpdate", "application/json", base::dump_json_lossy(update)));
    }

    void time_out() override {
        const Json why{{"message", "The Live Tail session has timed out."}};
        stream_->write(wire::exception_frame("SessionTimeoutException", base::dump_json_lossy(why)));
        stream_->end({});
    }

private:
    const std::string account_id_;
    const std::shared_ptr<wire::Body_Stream> stream_;
};

Start_Live_Tail live_tail_params(const aws::Fields& fields) {
    return {.groups = fields.texts("logGroupIdentifiers"),
            .streams = fields.texts("logStreamNames"),
            .stream_prefixes = fields.texts("logStreamNamePrefixes"),
            .pattern = fields.text_or("logEventFilterPattern")};
}

Json session_start(const Start_Live_Tail& params, const std::string& request_id) {
    return {{"requestId", request_id},
            {"sessionId", base::uuid4()},
            {"logGroupIdentifiers", params.groups},
            {"logStreamNames", params.streams},
            {"logStreamNamePrefixes", params.stream_prefixes},
            {"logEventFilterPattern", params.pattern}};
}

}  // namespace

void start_live_tail(Logs& logs, Call&& call, const Answer& answer) {
    const auto params = live_tail_params(call.fields());
    auto stream = std::make_shared<wire::Body_Stream>();
    auto started = logs.start_live_tail(call.account, params, std::make_unique<Stream_Viewer>(call.account.id, stream));
    if (!started) return answer(started.error());
    stream->write(wire::event_frame("initial-response", "application/json", "{}"));
    stream->write(wire::event_frame("sessionStart", "application/json",
                                    base::dump_json_lossy(session_start(params, call.request_id))));
    answer(Output(Json::object(), std::move(stream)));
}

}  // namespace osbot_aws::services
