#include <osbot_aws/events/Event_Bridge_Event.hpp>

#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto bridge_event_members = [](auto& visit, auto& event) {
    visit("version", event.version);
    visit("id", event.id);
    visit("detail-type", event.detail_type);
    visit("source", event.source);
    visit("account", event.account);
    visit("time", event.time);
    visit("region", event.region);
    visit("resources", event.resources);
    visit("detail", event.detail);
};

}  // namespace

void from_json(const Json& json, Event_Bridge_Event& event) {
    if (json.contains("Records")) fail_invalid_event("expected an event of EventBridge, but it has Records");
    read_members(json, event, bridge_event_members);
}
void to_json(Json& json, const Event_Bridge_Event& event) { write_members(json, event, bridge_event_members); }

}  // namespace osbot_aws::events
