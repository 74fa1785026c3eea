// Sample events in the format in which AWS services send them to functions. Settings change the variable parts.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace osbot_aws::cli {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Sample_Event {
    std::string about;   ///< one line
    std::string source;  ///< the page of the AWS documentation that describes the format
    Settings settings;   ///< names and default values; values that are not strings are JSON
};

/// Returns all kinds: sqs, s3, url, schedule ...
const std::vector<std::string>& event_kinds();
/// Describes a kind of event; `kind` must be in event_kinds().
Sample_Event describe_event(std::string_view kind);

/// Returns an event of this kind, with its members in the order of the AWS documentation. Members that depend on a
/// setting (the MD5 of a body, the parameters of a query) are computed from it.
/// Errors: InvalidSetting for an invalid value or an unknown setting; the message lists the known settings.
Result<nlohmann::ordered_json> sample_event(std::string_view kind, const Settings& settings);

/// Returns the JSON text of sample_event(), with `indent` spaces per level; -1: on one line.
Result<std::string> sample_event_text(std::string_view kind, const Settings& settings, int indent = -1);

}  // namespace osbot_aws::cli
