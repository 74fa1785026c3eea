// Payloads: json_fault() and the JSON parser accept the same texts.
#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "fuzz.hpp"
#include "wire/json_text.hpp"

std::vector<std::string> seeds() {
    return {R"({"order": [1, -2.5e+10, true, null, "a\u00e9\n\"b\\"], "empty": {}})", "[[[[]]]]", "  12 ", R"("text")",
            R"([{"a":{"b":[{}]}},0.5,1E9])"};
}

void run_target(std::string_view bytes) {
    const bool valid = !osbot_aws::wire::json_fault(bytes);
    // They may differ on invalid UTF-8, which json_fault() does not check, and on text nested deeper than its limit.
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0; });
    const bool escapes = bytes.find("\\u") != std::string_view::npos;  // may be half of a surrogate pair
    const auto brackets = std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '[' || c == '{'; });
    if (ascii && !escapes && brackets < 500) require(valid == osbot_aws::Json::accept(bytes));
}
