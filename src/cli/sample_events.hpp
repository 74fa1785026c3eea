// Events as AWS's services send them to functions, with what differs from case to case as settings.
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
    std::string source;  ///< the page of AWS's documentation that has this shape
    Settings settings;   ///< their names and defaults; values that are no text as JSON
};

/// sqs, s3, url, schedule ...
const std::vector<std::string>& event_kinds();
/// `kind` is one of event_kinds().
Sample_Event about_event(std::string_view kind);

/// The event of this kind, its members in the order of AWS's documentation. What follows from a setting (the MD5 of a
/// body, the parameters of a query) follows from the one given.
/// Errors: InvalidSetting when the kind has no such setting, naming those it has, or the value can't be one.
Result<nlohmann::ordered_json> sample_event(std::string_view kind, const Settings& settings);

}  // namespace osbot_aws::cli
