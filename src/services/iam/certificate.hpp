#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::services {

/// The part of an X.509 certificate that the engine reads.
struct Certificate_Facts {
    std::string expires_at;  ///< ISO 8601
};

/// Reads a certificate in PEM. Returns nullopt for other texts. The signature is not verified.
/// Source: RFC 5280, section 4.1
std::optional<Certificate_Facts> read_certificate(std::string_view pem);

}  // namespace osbot_aws::services
