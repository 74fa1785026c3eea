// XML in requests: a document is written and parsed again without a change.
#include "wire/xml.hpp"

#include "fuzz.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    return {nested(1000, "<a>", "</a>"),
            nested(20'000, "<a>", "</a>"),
            nested(20'000, "<a>", ""),
            "<a " + repeated(2000, "b='c' ") + "/>",
            "<a>" + repeated(5000, "&amp;") + "</a>",
            "<Delete>" + repeated(1001, "<Object><Key>k</Key></Object>") + "</Delete>"};
}

void run_target(std::string_view bytes) {
    const auto document = wire::parse_xml(bytes);
    require_linear_time(bytes, [](std::string_view longer) { (void)wire::parse_xml(longer); });
    if (!document) return;
    const std::string text = wire::xml_text(*document);
    const auto again = wire::parse_xml(text);
    require(again.has_value() && wire::xml_text(*again) == text);
}
