// Payloads: our quick look at them and a parser agree on what is JSON.
#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "fuzz.hpp"
#include "wire/json_text.hpp"

std::vector<std::string> seeds() {
    return {R"({"order": [1, -2.5e+10, true, null, "a\u00e9\n\"b\\"], "empty": {}})", "[[[[]]]]", "  12 ", R"("text")",
            R"([{"a":{"b":[{}]}},0.5,1E9])"};
}

void take(std::string_view bytes) {
    const bool good = !osbot_aws::wire::json_fault(bytes);
    // Where the two may differ: we look at no UTF-8, and stop at a depth.
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0; });
    const bool escapes = bytes.find("\\u") != std::string_view::npos;  // halves of surrogates
    const auto brackets = std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '[' || c == '{'; });
    if (ascii && !escapes && brackets < 500) require(good == osbot_aws::Json::accept(bytes));
}
