#include "services/iam/certificate.hpp"

#include <fmt/format.h>

#include "base/characters.hpp"
#include "base/encoding.hpp"

namespace osbot_aws::services {
namespace {

constexpr unsigned char tag_sequence = 0x30, tag_version = 0xA0, tag_integer = 0x02, tag_utc_time = 0x17,
                        tag_generalized_time = 0x18;

/// Takes the next element of DER from `der`. Returns its contents, or nullopt if it has another tag.
std::optional<std::string_view> take_der(std::string_view& der, unsigned char tag) {
    if (der.size() < 2 || static_cast<unsigned char>(der[0]) != tag) return std::nullopt;
    std::size_t size = static_cast<unsigned char>(der[1]), at = 2;
    if (size >= 0x80) {
        std::size_t bytes = size & 0x7F;
        if (bytes == 0 || bytes > 4 || der.size() < at + bytes) return std::nullopt;
        for (size = 0; bytes > 0; --bytes) size = size << 8 | static_cast<unsigned char>(der[at++]);
    }
    if (der.size() - at < size) return std::nullopt;
    const std::string_view content = der.substr(at, size);
    der.remove_prefix(at + size);
    return content;
}

/// Returns a time of DER, "490101000000Z" or "20490101000000Z", as ISO 8601.
std::optional<std::string> iso8601_of(std::string_view time, bool has_century) {
    const std::size_t size = has_century ? 15 : 13;
    if (time.size() != size || !time.ends_with('Z')) return std::nullopt;
    if (!base::consists_of(time.substr(0, size - 1), base::is_digit)) return std::nullopt;
    const std::string full = has_century ? std::string(time) : (time < "50" ? "20" : "19") + std::string(time);
    const std::string_view text = full;
    return fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(8, 2),
                       text.substr(10, 2), text.substr(12, 2));
}

std::optional<std::string> take_time(std::string_view& der) {
    if (const auto utc = take_der(der, tag_utc_time)) return iso8601_of(*utc, false);
    if (const auto general = take_der(der, tag_generalized_time)) return iso8601_of(*general, true);
    return std::nullopt;
}

}  // namespace

std::optional<Certificate_Facts> read_certificate(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    const auto first = pem.find(begin), last = pem.find(end);
    if (first == std::string_view::npos || last == std::string_view::npos || last < first) return std::nullopt;
    const auto bytes = base::base64_decode(pem.substr(first + begin.size(), last - first - begin.size()));
    if (!bytes) return std::nullopt;
    std::string_view der = *bytes;
    auto certificate = take_der(der, tag_sequence);
    if (!certificate) return std::nullopt;
    auto content = take_der(*certificate, tag_sequence);
    if (!content) return std::nullopt;
    take_der(*content, tag_version);  // optional
    if (!take_der(*content, tag_integer) || !take_der(*content, tag_sequence) || !take_der(*content, tag_sequence))
        return std::nullopt;  // serial number, algorithm, issuer
    auto validity = take_der(*content, tag_sequence);
    if (!validity || !take_time(*validity)) return std::nullopt;
    auto expires_at = take_time(*validity);
    if (!expires_at) return std::nullopt;
    return Certificate_Facts{std::move(*expires_at)};
}

}  // namespace osbot_aws::services
