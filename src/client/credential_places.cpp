#include "client/credential_places.hpp"

#include <fmt/format.h>

#include "base/time_text.hpp"

namespace osbot_aws::client {

Error retrieval_error(std::string_view place, std::string_view message) {
    return {"CredentialRetrievalError", fmt::format("Error when retrieving credentials from {}: {}", place, message),
            0};
}

Result<Credentials> credentials_from(const Json& answer, std::string_view place, const Credential_Names& names) {
    const auto text = [&](const char* name) -> std::string {
        const auto found = answer.find(name);
        return found != answer.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (!answer.is_object()) return retrieval_error(place, "the answer is no JSON object");
    Credentials credentials{text(names.key), text(names.secret), text(names.token), {}};
    for (const char* name : {names.key, names.secret}) {
        if (text(name).empty())
            return retrieval_error(place, fmt::format("Missing required key in response: '{}'", name));
    }
    if (const std::string expiration = text(names.expiration); !expiration.empty()) {
        credentials.expires_at = base::parse_iso8601(expiration);
        if (!credentials.expires_at)
            return retrieval_error(place, fmt::format("{} '{}' is no time", names.expiration, expiration));
    }
    return credentials;
}

}  // namespace osbot_aws::client
