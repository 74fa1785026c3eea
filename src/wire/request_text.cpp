#include "wire/request_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace osbot_aws::wire {
namespace {

bool is_encoded_utf8(std::string_view text) {
    return text.find('%') == std::string_view::npos ? base::is_utf8(text) : base::is_utf8(percent_decode(text));
}

}  // namespace

bool has_form_type(const Request& request) {
    constexpr std::string_view form_type = "application/x-www-form-urlencoded";
    return base::equal_ignoring_case(request.headers["Content-Type"].substr(0, form_type.size()), form_type);
}

Request_Part non_utf8_part(const Request& request, bool is_form) {
    if (!is_encoded_utf8(request.target)) return Request_Part::target;
    if (!std::all_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return base::is_utf8(header.second); }))
        return Request_Part::header;
    if (is_form && !is_encoded_utf8(request.body.bytes())) return Request_Part::form;
    return Request_Part::none;
}

}  // namespace osbot_aws::wire
