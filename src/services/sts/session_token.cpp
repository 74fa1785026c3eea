#include "services/sts/session_token.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

std::string signature_of(const Keys& keys, std::string_view text) {
    return keys.secret_of(fmt::format("session:{}", text));
}

}  // namespace

std::string make_session_token(const Keys& keys, const Session_Identity& identity, std::size_t bytes_min) {
    const auto text =
        fmt::format("{}\n{}\n{}\n", base::unix_ms(identity.expires_at), identity.session, identity.role_arn);
    const std::size_t decoded_min = (bytes_min + 3) / 4 * 3;
    const std::string padding(decoded_min - std::min(decoded_min, text.size()), ' ');
    return base::base64_encode(fmt::format("{}\n{}{}", signature_of(keys, text + padding), text, padding));
}

std::optional<Session_Identity> read_session_token(const Keys& keys, std::string_view token) {
    const auto decoded = base::base64_decode(token);
    if (!decoded) return std::nullopt;
    std::string_view rest = *decoded;
    const auto signature = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(signature.size() + 1, rest.size()));
    if (signature != signature_of(keys, rest)) return std::nullopt;

    const auto expires = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(expires.size() + 1);
    const auto session = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(session.size() + 1);
    return Session_Identity{.role_arn = std::string(rest.substr(0, rest.find('\n'))),
                            .session = std::string(session),
                            .expires_at = base::from_unix_ms(base::parse_number<std::int64_t>(expires).value_or(0))};
}

}  // namespace osbot_aws::services
