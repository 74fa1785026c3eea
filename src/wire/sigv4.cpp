#include "wire/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::wire {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// Headers that proxies and clients change, so that a signature must not depend on them. The list is botocore's.
constexpr std::string_view not_signed[] = {"expect",     "transfer-encoding", "user-agent",    "x-amzn-trace-id",
                                           "connection", "authorization",     "content-length"};

/// Trims the text and replaces each run of spaces with one space.
std::string squeezed(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    }
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

/// Removes `.`, `..` and empty parts. Not used for S3, whose keys are not normalised.
std::string normalised_path(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
        at = end + 1;
    }
    std::string result = "/";
    for (std::size_t i = 0; i < parts.size(); ++i) result.append(i == 0 ? "" : "/").append(parts[i]);
    if (result.size() > 1 && path.ends_with('/')) result += '/';
    return result;
}

std::string canonical_path(std::string_view path, std::string_view service) {
    if (path.empty()) return "/";
    if (service == "s3") return std::string(path);
    return percent_encode(normalised_path(path), true);
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> encoded;
    for (const auto& [name, value] : parse_query(query)) {
        if (name != "X-Amz-Signature") encoded.emplace_back(percent_encode(name), percent_encode(value));
    }
    std::sort(encoded.begin(), encoded.end());
    std::string result;
    for (const auto& [name, value] : encoded) result += fmt::format("{}{}={}", result.empty() ? "" : "&", name, value);
    return result;
}

std::string scope_of(const Signing& signing) {
    return fmt::format("{}/{}/{}/aws4_request", base::sigv4_date(signing.time).substr(0, 8), signing.region,
                       signing.service);
}

using Is_Signed = std::function<bool(const std::string& lower_case_name)>;

std::string canonical_of(const Request& request, std::string_view service, std::string_view payload_hash,
                         const Is_Signed& is_signed, std::string& signed_headers) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        const std::string key = base::lower_case(name);
        if (!is_signed(key)) continue;
        const auto [field, is_new] = headers.try_emplace(key);
        field->second += is_new ? squeezed(value) : "," + squeezed(value);
    }
    std::string lines;
    signed_headers.clear();
    for (const auto& [name, value] : headers) {
        lines += fmt::format("{}:{}\n", name, value);
        signed_headers += (signed_headers.empty() ? "" : ";") + name;
    }
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.path(), service),
                       canonical_query(request.query()), lines, signed_headers, payload_hash);
}

}  // namespace

std::string canonical_request(const Request& request, std::string_view service, std::string_view payload_hash,
                              std::string& signed_headers) {
    const auto is_signed = [](const std::string& name) {
        return std::find(std::begin(not_signed), std::end(not_signed), name) == std::end(not_signed);
    };
    return canonical_of(request, service, payload_hash, is_signed, signed_headers);
}

std::string string_to_sign(const Signing& signing, std::string_view canonical) {
    return fmt::format("{}\n{}\n{}\n{}", algorithm, base::sigv4_date(signing.time), scope_of(signing),
                       base::sha256_hex(canonical));
}

std::string signature(const Signing& signing, std::string_view canonical) {
    const Signature_Claim claim{
        .region = signing.region, .service = signing.service, .date = base::sigv4_date(signing.time)};
    return base::hex_encode(
        base::hmac_sha256_raw(signing_key(claim, signing.secret_access_key), string_to_sign(signing, canonical)));
}

std::string signing_key(const Signature_Claim& claim, const std::string& secret) {
    std::string key = base::hmac_sha256_raw("AWS4" + secret, claim.date.substr(0, 8));
    for (const std::string_view part :
         {std::string_view(claim.region), std::string_view(claim.service), std::string_view("aws4_request")})
        key = base::hmac_sha256_raw(key, part);
    return key;
}

void sign(Request& request, const Signing& signing) {
    const std::string payload_hash = base::sha256_hex(request.body.bytes());
    request.headers.set("X-Amz-Date", base::sigv4_date(signing.time));
    if (!signing.session_token.empty()) request.headers.set("X-Amz-Security-Token", signing.session_token);
    if (signing.service == "s3") request.headers.set("X-Amz-Content-SHA256", payload_hash);
    request.headers.erase("Authorization");
    std::string signed_headers;
    const std::string canonical = canonical_request(request, signing.service, payload_hash, signed_headers);
    request.headers.set("Authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                                                     signing.access_key_id, scope_of(signing), signed_headers,
                                                     signature(signing, canonical)));
}

void presign(Request& request, const Signing& signing, std::chrono::seconds expires) {
    std::string signed_headers;
    canonical_request(request, signing.service, "", signed_headers);
    std::string added =
        fmt::format("X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
                    algorithm, percent_encode(signing.access_key_id + "/" + scope_of(signing)),
                    base::sigv4_date(signing.time), expires.count(), percent_encode(signed_headers));
    if (!signing.session_token.empty()) added += "&X-Amz-Security-Token=" + percent_encode(signing.session_token);
    request.target += (request.query().empty() ? "?" : "&") + added;
    const std::string payload_hash =
        signing.service == "s3" ? std::string(unsigned_payload) : base::sha256_hex(request.body.bytes());
    request.target += "&X-Amz-Signature=" +
                      signature(signing, canonical_request(request, signing.service, payload_hash, signed_headers));
}

// ---- verification ----

std::string_view authorization_field(std::string_view fields, std::string_view name) {
    for (std::size_t at = 0; at <= fields.size();) {
        const std::size_t end = std::min(fields.find(',', at), fields.size());
        std::string_view field = fields.substr(at, end - at);
        while (field.starts_with(' ')) field.remove_prefix(1);
        if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) return field.substr(name.size() + 1);
        at = end + 1;
    }
    return {};
}

bool take_scope(std::string_view credential, Signature_Claim& claim) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= credential.size();) {
        const std::size_t end = std::min(credential.find('/', at), credential.size());
        parts.push_back(credential.substr(at, end - at));
        at = end + 1;
    }
    if (parts.size() != 5 || parts[4] != "aws4_request" || parts[1] != claim.date.substr(0, 8)) return false;
    claim.access_key_id = parts[0];
    claim.region = parts[2];
    claim.service = parts[3];
    return true;
}

std::optional<base::Time> signature_time(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    const auto digits = [&](std::size_t at, std::size_t count) {
        return base::parse_number<unsigned>(text.substr(at, count));
    };
    const auto year = digits(0, 4), month = digits(4, 2), day = digits(6, 2);
    const auto hour = digits(9, 2), minute = digits(11, 2), second = digits(13, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

Expected_Signature expected_signature(const Request& request, const Signature_Claim& claim, const std::string& secret) {
    const std::string listed = ";" + claim.signed_headers + ";";
    Expected_Signature expected;
    expected.canonical_request = canonical_of(
        request, claim.service, claim.payload_hash,
        [&](const std::string& name) { return listed.find(";" + name + ";") != std::string::npos; },
        expected.signed_headers);
    const Signing signing{claim.access_key_id, secret,        "",
                          claim.region,        claim.service, signature_time(claim.date).value_or(base::Time{})};
    expected.string_to_sign = string_to_sign(signing, expected.canonical_request);
    expected.signature = signature(signing, expected.canonical_request);
    return expected;
}

namespace {

constexpr std::chrono::minutes skew_max{5};
constexpr std::chrono::seconds expires_max{604'800};

Error refused(std::string code, std::string message) { return {std::move(code), std::move(message), 403}; }

Error incomplete(std::string_view missing) {
    return refused("IncompleteSignatureException", fmt::format("The request lacks a valid {}.", missing));
}

Result<Signature_Claim> claim_of_headers(const Request& request, std::string_view fields) {
    Signature_Claim claim;
    claim.date = request.headers["X-Amz-Date"];
    claim.signed_headers = authorization_field(fields, "SignedHeaders");
    claim.signature = authorization_field(fields, "Signature");
    if (!take_scope(authorization_field(fields, "Credential"), claim)) return incomplete("Credential");
    const std::string_view payload_hash = request.headers["X-Amz-Content-SHA256"];
    claim.payload_hash = base::sha256_hex(request.body.bytes());
    if (payload_hash == unsigned_payload) claim.payload_hash = payload_hash;
    return claim;
}

Result<Signature_Claim> claim_of_query(const Request& request,
                                       const std::vector<std::pair<std::string, std::string>>& query) {
    const auto value = [&](std::string_view name) -> std::string {
        for (const auto& [key, text] : query) {
            if (key == name) return text;
        }
        return "";
    };
    Signature_Claim claim;
    claim.date = value("X-Amz-Date");
    claim.signed_headers = value("X-Amz-SignedHeaders");
    claim.signature = value("X-Amz-Signature");
    if (!take_scope(value("X-Amz-Credential"), claim)) return incomplete("X-Amz-Credential");
    const std::string expires = value("X-Amz-Expires");
    const auto seconds = base::parse_number<long>(expires);
    if (!seconds || *seconds <= 0 || *seconds > expires_max.count()) return incomplete("X-Amz-Expires");
    claim.expires = std::chrono::seconds(*seconds);
    claim.payload_hash = claim.service == "s3" ? std::string(unsigned_payload) : base::sha256_hex(request.body.bytes());
    return claim;
}

Result<void> in_time(const Signature_Claim& claim, base::Time signed_at, base::Time now) {
    const base::Time last = signed_at + (claim.expires.count() > 0 ? claim.expires : std::chrono::seconds(skew_max));
    if (now > last && claim.expires.count() > 0)
        return refused("InvalidSignatureException",
                       fmt::format("Signature expired: {} was good for {} s.", claim.date, claim.expires.count()));
    if (now > last)
        return refused("InvalidSignatureException",
                       fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)", claim.date,
                                   base::sigv4_date(now - skew_max), base::sigv4_date(now)));
    if (signed_at > now + skew_max)
        return refused("InvalidSignatureException",
                       fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)", claim.date,
                                   base::sigv4_date(now + skew_max), base::sigv4_date(now)));
    return {};
}

}  // namespace

Result<std::string> verify(const Request& request, std::string_view service, const Secret_Of& secret_of,
                           base::Time now) {
    const std::string_view authorization = request.headers["Authorization"];
    const auto query = parse_query(request.query());
    const bool presigned =
        std::any_of(query.begin(), query.end(), [](const auto& q) { return q.first == "X-Amz-Signature"; });
    if (!presigned && !authorization.starts_with(algorithm))
        return refused("MissingAuthenticationTokenException", "Missing Authentication Token");
    OSBOT_TRY(auto claim, authorization.starts_with(algorithm)
                              ? claim_of_headers(request, authorization.substr(algorithm.size()))
                              : claim_of_query(request, query));
    const auto signed_at = signature_time(claim.date);
    if (!signed_at) return incomplete("X-Amz-Date");
    if (claim.service != service)
        return refused("InvalidSignatureException",
                       fmt::format("Credential should be scoped to correct service: '{}'.", service));
    // Without a signed host, the request could be sent to any host.
    const std::string listed = ";" + claim.signed_headers + ";";
    if (listed.find(";host;") == std::string::npos) return incomplete("SignedHeaders: 'host' must be signed");
    OSBOT_TRY(in_time(claim, *signed_at, now));
    const auto secret = secret_of(claim.access_key_id);
    if (!secret)
        return refused("UnrecognizedClientException", "The security token included in the request is invalid.");

    const Expected_Signature expected = expected_signature(request, claim, *secret);
    if (expected.signed_headers != claim.signed_headers ||
        !base::equal_constant_time(expected.signature, claim.signature))
        return refused("InvalidSignatureException",
                       "The request signature we calculated does not match the signature you provided. Check your AWS "
                       "Secret Access Key and signing method. Consult the service documentation for details.");
    return claim.access_key_id;
}

}  // namespace osbot_aws::wire
