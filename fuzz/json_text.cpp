// Payloads: json_fault() and the JSON parser accept the same texts and have the same limit of the depth.
#include <algorithm>

#include "base/json.hpp"
#include "fuzz.hpp"
#include "wire/json_text.hpp"

std::vector<std::string> seeds() {
    return {nested(osbot_aws::base::json_depth_max, "[", "]"),
            nested(osbot_aws::base::json_depth_max + 1, "[", "]"),
            R"({"order": [1, -2.5e+10, true, null, "a\u00e9\n\"b\\"], "empty": {}})",
            "[[[[]]]]",
            "  12 ",
            R"("text")",
            R"([{"a":{"b":[{}]}},0.5,1E9])"};
}

namespace {

/// Returns true for a number above the range of double, such as 1e999: it is valid JSON, but cannot become a value.
bool has_too_large_number(std::string_view text) {
    try {
        const osbot_aws::Json parsed = osbot_aws::Json::parse(text);
        return parsed.is_discarded();
    } catch (const osbot_aws::Json::out_of_range&) {
        return true;
    } catch (const osbot_aws::Json::exception&) {  // invalid JSON
    }
    return false;
}

}  // namespace

void run_target(std::string_view bytes) {
    const bool valid = !osbot_aws::wire::json_fault(bytes);
    // They may differ on invalid UTF-8, which json_fault() does not check.
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0; });
    const bool escapes = bytes.find("\\u") != std::string_view::npos;  // may be half of a surrogate pair
    if (ascii && !escapes && !(valid && has_too_large_number(bytes)))
        require(valid == !osbot_aws::base::parse_json(bytes).is_discarded());
}
