#include "http/web_access.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::http {
namespace {

constexpr std::string_view scheme_end = "://";
constexpr std::string_view host_field = "host";
constexpr const char* preflight_lifetime_s = "600";

/// Returns the host of "host[:port]" without the brackets of an IPv6 address; "" if the text has another form.
std::string_view host_of(std::string_view authority) {
    const bool bracketed = authority.starts_with('[');
    const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
    const std::string_view host = authority.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
    std::string_view port = end == std::string_view::npos ? std::string_view{} : authority.substr(end);
    if (bracketed) port.remove_prefix(std::min<std::size_t>(port.size(), 1));
    const bool port_valid =
        port.empty() || (port.starts_with(':') && base::parse_number<std::uint16_t>(port.substr(1)));
    return port_valid ? host : std::string_view{};
}

bool is_address(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_or_is_below(std::string_view host, std::string_view name) {
    return host.ends_with(name) && (host.size() == name.size() || host[host.size() - name.size() - 1] == '.');
}

bool is_host_name(std::string_view text) {
    return base::consists_of(text, [](char c) { return base::is_name_character(c) || c == '.'; });
}

/// A navigation of the whole tab by a link. A page cannot read its response.
bool opens_link(const wire::Request& head) {
    return head.method == "GET" && head.headers["Origin"].empty() && head.headers["Sec-Fetch-Mode"] == "navigate" &&
           head.headers["Sec-Fetch-Dest"] == "document";
}

/// Returns the argument of --allow-host that allows this host. The text is part of a message, so it is checked.
std::string suggestion(std::string_view host) { return is_host_name(host) ? std::string(host) : "NAME"; }

}  // namespace

bool Web_Access::lists(std::string_view origin) const {
    return std::ranges::find(origins, base::lower_case(origin)) != origins.end();
}

std::optional<Error> Web_Access::refusal(const wire::Request& head, const Routed_Request& routed) const {
    const auto denied = [](std::string message) { return Error{"AccessDeniedException", std::move(message), 403}; };
    std::string authority;
    for (const auto& [name, value] : head.headers) {
        if (name.size() != host_field.size() || base::lower_case(name) != host_field) continue;
        authority = base::lower_case(value);
        const std::string host(host_of(authority));
        const bool allowed = is_address(host) || is_or_is_below(host, "localhost") ||
                             std::ranges::any_of(hosts, [&](const auto& own) { return is_or_is_below(host, own); });
        if (!allowed)
            return denied(
                fmt::format("the host name of the request is not allowed; to allow it, start the engine with "
                            "osbot local start --allow-host {}",
                            suggestion(host)));
    }

    const std::string_view origin = head.headers["Origin"], site = head.headers["Sec-Fetch-Site"];
    if (origin.empty() && (site.empty() || site == "none")) return std::nullopt;  // not sent by a page
    const Page_Use use = routed.page_use();
    if (use == Page_Use::any) return std::nullopt;
    if (use == Page_Use::none) return denied("requests from web pages are rejected: use a program on this machine");
    if (use == Page_Use::links && opens_link(head)) return std::nullopt;
    const std::size_t scheme = origin.find(scheme_end);
    const bool same_origin =
        scheme != std::string_view::npos && base::lower_case(origin.substr(scheme + scheme_end.size())) == authority;
    if (origin.empty() ? site != "cross-site" : same_origin || lists(origin)) return std::nullopt;
    return denied(
        "requests from web pages of other origins are rejected; to allow an origin, start the engine with osbot local "
        "start --cors-origin ORIGIN");
}

wire::Response Routed_Request::denial(const Error& error) const { return wire::rest_json_error(error, base::uuid4()); }

std::optional<wire::Response> Web_Access::response_to(const wire::Request& head, const Routed_Request& routed) const {
    if (const auto error = refusal(head, routed)) return routed.denial(*error);
    const bool preflight = head.method == "OPTIONS" && !head.headers["Access-Control-Request-Method"].empty();
    if (!preflight || cors_fields(head, routed).empty()) return std::nullopt;
    wire::Headers fields{{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
                         {"Access-Control-Max-Age", preflight_lifetime_s}};
    if (const auto names = head.headers["Access-Control-Request-Headers"]; !names.empty())
        fields.add("Access-Control-Allow-Headers", std::string(names));
    return wire::Response{.status = 200, .headers = std::move(fields), .body = {}};
}

wire::Headers Web_Access::cors_fields(const wire::Request& head, const Routed_Request& routed) const {
    const std::string_view origin = head.headers["Origin"];
    if (origin.empty() || !lists(origin) || routed.page_use() == Page_Use::any) return {};
    return {{"Access-Control-Allow-Origin", std::string(origin)},
            {"Access-Control-Expose-Headers", "*"},
            {"Vary", "Origin"}};
}

Result<std::string> parse_allowed_host(std::string_view text) {
    if (is_host_name(text)) return base::lower_case(text);
    return Error{"InvalidArgument",
                 fmt::format("--allow-host requires a host name without a scheme and a port, not \"{}\"", text), 0};
}

Result<std::string> parse_cors_origin(std::string_view text) {
    const std::size_t scheme = text.find(scheme_end);
    const std::string_view authority =
        scheme == std::string_view::npos ? std::string_view{} : text.substr(scheme + scheme_end.size());
    const std::string host(host_of(authority));
    if (base::consists_of(text.substr(0, scheme), base::is_name_character) && (is_host_name(host) || is_address(host)))
        return base::lower_case(text);
    return Error{"InvalidArgument",
                 fmt::format("--cors-origin requires an origin such as http://localhost:3000, not \"{}\"", text), 0};
}

}  // namespace osbot_aws::http
