#pragma once

#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// An event of an EventBridge bus, e.g. of a rule or a schedule.
///
/// The members have AWS's names, except detail_type, which is `detail-type` in JSON. `other` contains the members
/// without a field of their own, so that to_json() writes the same JSON that from_json() read. Errors of from_json():
/// Aws_Exception(InvalidEvent), naming the member.
/// Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
struct Event_Bridge_Event {
    std::string version = {};                 ///< 0
    std::string id = {};                      ///< unique id
    std::string detail_type = {};             ///< `detail-type`, e.g. `Scheduled Event`
    std::string source = {};                  ///< the sender, e.g. my.application or aws.events
    std::string account = {};                 ///< account id of the sender
    std::string time = {};                    ///< ISO 8601
    std::string region = {};                  ///< region of the sender
    std::vector<std::string> resources = {};  ///< ARNs, e.g. that of the rule
    Json detail = Json::object();             ///< the content: `event.detail.get<Order>()`
    Json other = Json::object();              ///< all other members

    bool operator==(const Event_Bridge_Event&) const = default;
};

/// A rule with a schedule sends the same event, with an empty `detail`.
using Schedule_Event = Event_Bridge_Event;

void from_json(const Json& json, Event_Bridge_Event& event);
void to_json(Json& json, const Event_Bridge_Event& event);

}  // namespace osbot_aws::events
