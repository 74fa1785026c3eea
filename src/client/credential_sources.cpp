#include "client/credential_sources.hpp"

#include <fmt/format.h>

#include "base/local_error.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::client {

Error retrieval_error(std::string_view source_name, std::string_view message) {
    return local_error("CredentialRetrievalError", "Error when retrieving credentials from {}: {}", source_name,
                       message);
}

Result<Credentials> credentials_from(const Json& response, std::string_view source_name,
                                     const Credential_Names& names) {
    const auto text = [&](const char* name) -> std::string {
        const auto found = response.find(name);
        return found != response.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (!response.is_object()) return retrieval_error(source_name, "the response is not a JSON object");
    Credentials credentials{text(names.key), text(names.secret), text(names.token), {}};
    for (const char* name : {names.key, names.secret}) {
        if (text(name).empty())
            return retrieval_error(source_name, fmt::format("Missing required key in response: '{}'", name));
    }
    if (const std::string expiration = text(names.expiration); !expiration.empty()) {
        credentials.expires_at = base::parse_iso8601(expiration);
        if (!credentials.expires_at)
            return retrieval_error(source_name,
                                   fmt::format("{} '{}' is not a valid time", names.expiration, expiration));
    }
    return credentials;
}

}  // namespace osbot_aws::client
