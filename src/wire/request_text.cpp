#include "wire/request_text.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace osbot_aws::wire {
namespace {

bool is_encoded_utf8(std::string_view text) {
    return text.find('%') == std::string_view::npos ? base::is_utf8(text) : base::is_utf8(percent_decode(text));
}

bool has_form(const Request& request) {
    return request.headers["Content-Type"].starts_with("application/x-www-form-urlencoded");
}

}  // namespace

Request_Part non_utf8_part(const Request& request) {
    if (!is_encoded_utf8(request.target)) return Request_Part::target;
    if (!std::all_of(request.headers.begin(), request.headers.end(),
                     [](const auto& header) { return base::is_utf8(header.second); }))
        return Request_Part::header;
    if (has_form(request) && !is_encoded_utf8(request.body.bytes())) return Request_Part::form;
    return Request_Part::none;
}

}  // namespace osbot_aws::wire
