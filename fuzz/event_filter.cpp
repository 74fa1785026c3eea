// Filters of event source mappings: the pattern in the first line, the body of a message in the others.
#include "services/lambda/event_filter.hpp"

#include "base/json.hpp"
#include "fuzz.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    // One level more than json_depth_max, in the pattern, in the body, and in both.
    std::vector<std::string> limits;
    for (const std::size_t levels : {base::json_depth_max - 1, base::json_depth_max}) {
        const std::string object = nested(levels, R"({"a":)", "}", "[1]"), list = nested(levels, "[", "]");
        limits.push_back(R"({"body":)" + object + "}\n" + object);
        limits.push_back(R"({"body":{"a":[1]}})"
                         "\n" +
                         list);
        limits.push_back(nested(levels / 3, R"({"$or":[)", "]}", R"({"a":[1]})") + "\n{}");
        limits.push_back(nested(levels / 3, R"({"a":[{"anything-but":)", "}]}", R"("x")") + "\n{}");
    }
    return limits;
}

void run_target(std::string_view bytes) {
    const auto [pattern, body] = first_line_and_rest(bytes);
    const auto filter = services::Event_Filter::parse({std::string(pattern)});
    const Json parsed = base::parse_json(pattern);
    require(filter.has_value() == !services::pattern_fault(parsed).has_value());
    if (!filter) return;
    const bool matches = filter->matches_message(body);
    require(matches == filter->matches_message(body));
    const auto normalized = services::Event_Filter::parse({base::dump_json_lossy(parsed)});
    require(normalized && normalized->matches_message(body) == matches);
    require_linear_time(body, [&](std::string_view text) { (void)filter->matches_message(text); });
}
