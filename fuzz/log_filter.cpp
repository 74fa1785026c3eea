// Filter patterns of CloudWatch Logs: the pattern in the first line, a log message in the others.
#include "fuzz.hpp"
#include "services/logs/filter_pattern.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    constexpr std::size_t pattern_bytes_max = 1024;  // of FilterLogEvents
    const std::string text = repeated(3000, "a1 ");
    std::vector<std::string> limits;
    for (const std::size_t levels : {32u, 33u})
        limits.push_back("{ " + nested(levels, "(", ")", "$.a = 1") + " }\n{\"a\": 1}");
    for (const std::size_t levels : {1000u, 1001u})
        limits.push_back("{ $.a = 1 }\n" + nested(levels, R"({"a":)", "}", "1"));
    for (const char* repetition : {"a{255}", "a{256}", "[a-z0-9 ]{255}b"})
        limits.push_back("%" + std::string(repetition) + "%\n" + text);
    for (const char* part : {"a{255}", "a*b", "(", "[a-z]{1,255}", ".{255}"})
        limits.push_back(("%" + repeated(pattern_bytes_max / 4, part)).substr(0, pattern_bytes_max - 1) + "%\n" + text);
    limits.push_back("[" + repeated(pattern_bytes_max / 2 - 1, "a,") + "]\n" + text);
    limits.push_back("\"" + repeated(pattern_bytes_max - 2, "a") + "\"\n" + text);
    limits.push_back("{ $.a = \"" + repeated(400, "a*") + "\" }\n{\"a\": \"" + repeated(3000, "a") + "\"}");
    return limits;
}

void run_target(std::string_view bytes) {
    const auto [text, message] = first_line_and_rest(bytes);
    const auto pattern = services::Filter_Pattern::parse(text);
    if (!pattern) return;
    const bool matches = pattern->matches(message);
    require(matches == services::Filter_Pattern::parse(text)->matches(message));
    require_linear_time(message, [&](std::string_view longer) { (void)pattern->matches(longer); });
}
