#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/routed_request.hpp"
#include "wire/http.hpp"

namespace osbot_aws::http {

/// The check for requests from web pages, which every listener applies to the head of each request. Any page that the
/// user visits can send requests to this host. The browser names the page in Origin and Sec-Fetch-Site. It names the
/// requested host in Host; if the page's own domain resolves to this host (DNS rebinding), that is its domain.
/// Sources: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
struct Web_Access {
    /// Names that Host may contain in addition to IP addresses, localhost and *.localhost. Each allows the names below
    /// it. In lower case.
    std::vector<std::string> hosts = {};
    std::vector<std::string> origins = {};  ///< origins whose pages may call operations: "http://localhost:3000"

    /// Returns the response for a request that must not be handled: a rejection (403), or the response to a preflight
    /// of a listed origin. Its writer adds cors_fields().
    std::optional<wire::Response> response_to(const wire::Request& head, const Routed_Request& routed) const;
    /// Returns the fields that a response needs so that a page of a listed origin can read it.
    /// Source: https://fetch.spec.whatwg.org/#http-cors-protocol
    wire::Headers cors_fields(const wire::Request& head, const Routed_Request& routed) const;

private:
    std::optional<Error> refusal(const wire::Request& head, const Routed_Request& routed) const;
    bool lists(std::string_view origin) const;
};

/// Checks a value of `--allow-host`: a name without a port. Returns it in lower case. Errors: InvalidArgument.
Result<std::string> parse_allowed_host(std::string_view text);
/// Checks a value of `--cors-origin`: scheme://host[:port]. Returns it in lower case. Errors: InvalidArgument.
Result<std::string> parse_cors_origin(std::string_view text);

}  // namespace osbot_aws::http
