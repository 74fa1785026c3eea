#include "base/url.hpp"

#include "base/numbers.hpp"

namespace osbot_aws::base {

std::optional<Url> parse_url(std::string_view text) {
    Url url;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    url.scheme = text.substr(0, colon);
    if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
    url.port = url.scheme == "http" ? 80 : 443;
    text.remove_prefix(colon + 3);

    const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
    url.authority = text.substr(0, end);
    if (url.authority.find('@') != std::string::npos) return std::nullopt;
    if (end < text.size())
        url.target = (text[end] == '/' ? "" : "/") + std::string(text.substr(end, text.find('#') - end));

    std::string_view host = url.authority;
    const std::size_t bracket = host.find(']');
    const std::size_t port = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (port != std::string_view::npos) {
        const auto number = parse_number<std::uint16_t>(host.substr(port + 1));
        if (!number) return std::nullopt;
        url.port = *number;
        host = host.substr(0, port);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    url.host = host;
    if (url.host.empty()) return std::nullopt;
    return url;
}

}  // namespace osbot_aws::base
