#include "services/sts/session_token.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

/// The first bytes of a token of AWS: "FQoGZXIvYXdz" in base64.
constexpr std::string_view token_begin(
    "\x15\x0A\x06"
    "er/aws\x10",
    10);
constexpr std::size_t token_characters_min = 356;  // the size of AWS's tokens without policies

std::string signature_of(const Keys& keys, std::string_view text) {
    return keys.secret_of(fmt::format("session:{}", text));
}

}  // namespace

std::string make_session_token(const Keys& keys, const Session_Identity& identity, std::size_t bytes_min) {
    const std::string text = base::dump_json_lossy({{"until", base::unix_ms(identity.expires_at)},
                                                    {"kind", static_cast<int>(identity.kind)},
                                                    {"account", identity.account},
                                                    {"principal", identity.principal_arn},
                                                    {"session", identity.session},
                                                    {"policy", identity.policy},
                                                    {"above", identity.policies_above},
                                                    {"policies", identity.policy_arns},
                                                    {"tags", identity.tags},
                                                    {"transitive", identity.transitive_keys},
                                                    {"source", identity.source_identity},
                                                    {"id", identity.principal_id},
                                                    {"key", identity.access_key_id},
                                                    {"function", identity.source_function}});
    constexpr std::size_t signature_characters = 40;
    const std::size_t decoded_min = (std::max(bytes_min, token_characters_min) + 3) / 4 * 3;
    const std::size_t used = token_begin.size() + signature_characters + text.size();
    const std::string padding(decoded_min - std::min(decoded_min, used), ' ');
    return base::base64_encode(fmt::format("{}{}{}{}", token_begin, signature_of(keys, text + padding), text, padding));
}

std::optional<Session_Identity> read_session_token(const Keys& keys, std::string_view token) {
    const auto decoded = base::base64_decode(token);
    if (!decoded) return std::nullopt;
    std::string_view rest = *decoded;
    const auto brace = rest.find('{', token_begin.size());
    if (!base::take_prefix(rest, token_begin) || brace == std::string_view::npos) return std::nullopt;
    const auto signature = base::take_until(rest, '{');
    rest = std::string_view(*decoded).substr(brace);
    if (signature != signature_of(keys, rest)) return std::nullopt;

    const Json json = base::parse_json_or_throw(rest);
    return Session_Identity{.kind = json.at("kind").get<Session_Identity::Kind>(),
                            .account = json.at("account"),
                            .principal_arn = json.at("principal"),
                            .session = json.at("session"),
                            .expires_at = base::from_unix_ms(json.at("until").get<std::int64_t>()),
                            .policy = json.at("policy"),
                            .policies_above = json.at("above"),
                            .policy_arns = json.at("policies"),
                            .tags = json.at("tags"),
                            .transitive_keys = json.at("transitive"),
                            .source_identity = json.at("source"),
                            .principal_id = json.at("id"),
                            .access_key_id = json.at("key"),
                            .source_function = json.at("function")};
}

}  // namespace osbot_aws::services
