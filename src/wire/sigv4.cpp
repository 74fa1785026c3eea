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
constexpr std::string_view terminator = "aws4_request";
constexpr std::size_t credential_parts = 5;

// Headers that proxies and clients change, so that a signature must not depend on them. The list is botocore's.
constexpr std::string_view not_signed[] = {"expect",     "transfer-encoding", "user-agent",    "x-amzn-trace-id",
                                           "connection", "authorization",     "content-length"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string_view day_of(const Signature_Claim& claim) { return std::string_view(claim.date).substr(0, 8); }

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
    for (const std::string_view part : split(path, '/')) {
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string result = "/";
    for (std::size_t i = 0; i < parts.size(); ++i) result.append(i == 0 ? "" : "/").append(parts[i]);
    if (result.size() > 1 && path.ends_with('/')) result += '/';
    return result;
}

/// Returns the path with the escapes of a signature. An escaped slash remains one.
std::string escaped_path(std::string_view path) {
    std::string escaped;
    for (const std::string_view part : split(path, '/')) escaped += "/" + percent_encode(percent_decode(part));
    return escaped.substr(1);
}

std::string canonical_path(std::string_view path, std::string_view service) {
    if (path.empty()) return "/";
    // Clients need not escape all characters that a signature escapes: the SDK for C++ sends = and $ as they are.
    if (service == "s3") return escaped_path(path);
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
    const bool has_mark = request.target.find('?') != std::string::npos;
    request.target += (!has_mark ? "?" : request.query().empty() ? "" : "&") + added;
    const std::string payload_hash =
        signing.service == "s3" ? std::string(unsigned_payload) : base::sha256_hex(request.body.bytes());
    request.target += "&X-Amz-Signature=" +
                      signature(signing, canonical_request(request, signing.service, payload_hash, signed_headers));
}

// ---- verification ----

std::string_view authorization_field(std::string_view fields, std::string_view name) {
    for (std::string_view field : split(fields, ',')) {
        while (field.starts_with(' ')) field.remove_prefix(1);
        if (field.starts_with(name) && field.substr(name.size()).starts_with('=')) return field.substr(name.size() + 1);
    }
    return {};
}

bool take_scope(std::string_view credential, Signature_Claim& claim) {
    const auto parts = split(credential, '/');
    if (parts.size() != credential_parts || parts[4] != terminator || parts[1] != day_of(claim)) return false;
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

std::string signature_date(const Headers& headers) {
    if (const std::string_view date = headers["X-Amz-Date"]; !date.empty()) return std::string(date);
    const std::string_view date = headers["Date"];
    const auto time = base::parse_http_date(date);
    return time ? base::sigv4_date(*time) : std::string(date);
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
Error incomplete(std::string message) { return refused("IncompleteSignatureException", std::move(message)); }
Error invalid(std::string message) { return refused("InvalidSignatureException", std::move(message)); }

/// A claim, and the credential with its scope, which is not parsed yet.
struct Unscoped_Claim {
    Signature_Claim claim;
    std::string credential;
};

/// Only S3 accepts bodies that are not signed.
std::string payload_hash(const Request& request, std::string_view service, bool is_link) {
    const bool is_unsigned = is_link || request.headers["X-Amz-Content-SHA256"] == unsigned_payload;
    return service == "s3" && is_unsigned ? std::string(unsigned_payload) : base::sha256_hex(request.body.bytes());
}

Result<Unscoped_Claim> claim_of_headers(const Request& request, std::string_view authorization,
                                        std::string_view service) {
    const std::string_view fields = authorization.substr(algorithm.size());
    Unscoped_Claim unscoped{.claim = {}, .credential = std::string(authorization_field(fields, "Credential"))};
    Signature_Claim& claim = unscoped.claim;
    claim.date = signature_date(request.headers);
    claim.signed_headers = authorization_field(fields, "SignedHeaders");
    claim.signature = authorization_field(fields, "Signature");
    std::string missing;
    for (const auto& [name, value] : {std::pair<const char*, const std::string&>("Credential", unscoped.credential),
                                      {"Signature", claim.signature},
                                      {"SignedHeaders", claim.signed_headers}})
        if (value.empty()) missing += fmt::format("Authorization header requires '{}' parameter. ", name);
    if (claim.date.empty())
        missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    if (!missing.empty())
        return incomplete(fmt::format("{}(Hashed with SHA-256 and encoded with Base64) Authorization={}", missing,
                                      base::base64_encode(base::sha256_raw(authorization))));
    claim.payload_hash = payload_hash(request, service, false);
    return unscoped;
}

Result<Unscoped_Claim> claim_of_query(const Request& request,
                                      const std::vector<std::pair<std::string, std::string>>& query,
                                      std::string_view service) {
    std::string missing;
    const auto value = [&](std::string_view name) -> std::string {
        auto found = query_value(query, name).value_or("");
        if (found.empty()) missing += fmt::format("AWS query-string parameters must include '{}'. ", name);
        return found;
    };
    Unscoped_Claim unscoped;
    Signature_Claim& claim = unscoped.claim;
    const std::string named = value("X-Amz-Algorithm");
    unscoped.credential = value("X-Amz-Credential");
    claim.signature = value("X-Amz-Signature");
    claim.signed_headers = value("X-Amz-SignedHeaders");
    claim.date = value("X-Amz-Date");
    if (!missing.empty()) return incomplete(missing + "Re-examine the query-string parameters.");
    if (named != algorithm)
        return incomplete(fmt::format("Unsupported AWS 'algorithm': '{}' (only {} for now). ", named, algorithm));
    const auto seconds = base::parse_number<long>(query_value(query, "X-Amz-Expires").value_or(""));
    if (!seconds || *seconds <= 0 || *seconds > expires_max.count())
        return incomplete(fmt::format("X-Amz-Expires must be between 1 and {} seconds.", expires_max.count()));
    claim.expires = std::chrono::seconds(*seconds);
    claim.payload_hash = payload_hash(request, service, true);
    return unscoped;
}

Result<void> check_signed_headers(const Request& request, const Signature_Claim& claim) {
    const auto missing = headers_not_signed(request, claim.signed_headers);
    if (missing.empty()) return {};
    const bool host = missing.front() == "host";
    return invalid(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.",
                               host ? "Host' or ':authority" : missing.front()));
}

/// Parses the credential. All faults of its scope are in one message.
Result<Signature_Claim> scoped(Unscoped_Claim unscoped, std::string_view service) {
    Signature_Claim& claim = unscoped.claim;
    const auto parts = split(unscoped.credential, '/');
    if (parts.size() != credential_parts)
        return incomplete(
            fmt::format("Credential must have exactly 5 slash-delimited elements, e.g. "
                        "keyid/date/region/service/term, got '{}'",
                        unscoped.credential));
    std::string faults;
    if (parts[3] != service) faults += fmt::format("Credential should be scoped to correct service: '{}'. ", service);
    if (parts[4] != terminator)
        faults +=
            fmt::format("Credential should be scoped with a valid terminator: '{}', not '{}'. ", terminator, parts[4]);
    if (parts[1] != day_of(claim))
        faults += fmt::format(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP: '{}' != '{}', from '{}'. ",
            parts[1], day_of(claim), claim.date);
    if (!faults.empty()) return invalid(faults);
    take_scope(unscoped.credential, claim);
    return std::move(claim);
}

Result<void> in_time(const Signature_Claim& claim, base::Time signed_at, base::Time now) {
    const base::Time last = signed_at + (claim.expires.count() > 0 ? claim.expires : std::chrono::seconds(skew_max));
    if (now > last && claim.expires.count() > 0)
        return invalid(fmt::format("Signature expired: {} was good for {} s.", claim.date, claim.expires.count()));
    if (now > last)
        return invalid(fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)", claim.date,
                                   base::sigv4_date(now - skew_max), base::sigv4_date(now)));
    if (signed_at > now + skew_max)
        return invalid(fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)", claim.date,
                                   base::sigv4_date(now + skew_max), base::sigv4_date(now)));
    return {};
}

}  // namespace

std::vector<std::string> headers_not_signed(const Request& request, std::string_view signed_headers) {
    const auto names = split(signed_headers, ';');
    const auto is_signed = [&](const std::string& lower_case) {
        return std::ranges::find(names, lower_case) != names.end();
    };
    std::vector<std::string> missing;
    if (!is_signed("host")) missing.emplace_back("host");
    for (const auto& [name, value] : request.headers)
        if (const auto lower_case = base::lower_case(name); lower_case.starts_with("x-amz-") && !is_signed(lower_case))
            missing.push_back(name);
    return missing;
}

// The order of the checks and the messages are those of AWS's "Auth Error Ordering", as in
// https://github.com/dacut/scratchstack-aws-signature and
// https://github.com/mhart/kinesalite/blob/master/test/connection.js
Result<std::string> verify(const Request& request, std::string_view service, const Secret_Of& secret_of,
                           base::Time now) {
    const std::string_view authorization = request.headers["Authorization"];
    const auto query = parse_query(request.query());
    const bool has_header = authorization.starts_with(algorithm);
    const bool has_parameters = query_value(query, "X-Amz-Algorithm") || query_value(query, "X-Amz-Signature");
    if (!has_header && !has_parameters)
        return refused("MissingAuthenticationTokenException", "Missing Authentication Token");
    if (!authorization.empty() && has_parameters)
        return invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    OSBOT_TRY(auto unscoped,
              has_header ? claim_of_headers(request, authorization, service) : claim_of_query(request, query, service));
    OSBOT_TRY(check_signed_headers(request, unscoped.claim));
    const auto signed_at = signature_time(unscoped.claim.date);
    if (!signed_at)
        return incomplete(
            fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                        "http://en.wikipedia.org/wiki/ISO_8601",
                        unscoped.claim.date));
    OSBOT_TRY(in_time(unscoped.claim, *signed_at, now));
    OSBOT_TRY(const auto claim, scoped(std::move(unscoped), service));
    const auto secret = secret_of(claim.access_key_id);
    if (!secret)
        return refused("UnrecognizedClientException", "The security token included in the request is invalid.");

    const Expected_Signature expected = expected_signature(request, claim, *secret);
    if (expected.signed_headers != claim.signed_headers ||
        !base::equal_constant_time(expected.signature, claim.signature))
        return invalid(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.");
    return claim.access_key_id;
}

}  // namespace osbot_aws::wire
