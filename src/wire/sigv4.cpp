#include "wire/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <vector>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::wire {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// Proxies and clients change these on the way, so a signature must not depend on them; the list is botocore's.
constexpr std::string_view not_signed[] = {"expect",     "transfer-encoding", "user-agent",    "x-amzn-trace-id",
                                           "connection", "authorization",     "content-length"};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

/// Trimmed, and runs of blanks as one.
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

/// Without `.`, `..` and empty parts; S3 keeps its keys as they are.
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
    for (const auto& [name, value] : parse_query(query))
        encoded.emplace_back(percent_encode(name), percent_encode(value));
    std::sort(encoded.begin(), encoded.end());
    std::string result;
    for (const auto& [name, value] : encoded) result += fmt::format("{}{}={}", result.empty() ? "" : "&", name, value);
    return result;
}

std::string scope_of(const Signing& as) {
    return fmt::format("{}/{}/{}/aws4_request", base::sigv4_date(as.time).substr(0, 8), as.region, as.service);
}

std::string hash_of(const Body& body) {
    if (!body.file) return base::sha256_hex(body.bytes);
    auto bytes = base::read_file(body.file->path());
    return bytes ? base::sha256_hex(std::string_view(*bytes).substr(body.file_offset, body.file_size))
                 : std::string(unsigned_payload);
}

}  // namespace

std::string canonical_request(const Request& request, std::string_view service, std::string_view payload_hash,
                              std::string& signed_headers) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        const std::string key = lower(name);
        if (std::find(std::begin(not_signed), std::end(not_signed), key) != std::end(not_signed)) continue;
        std::string& joined = headers[key];
        joined += joined.empty() ? squeezed(value) : "," + squeezed(value);
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

std::string signature(const Signing& as, std::string_view canonical) {
    const std::string date = base::sigv4_date(as.time);
    const std::string to_sign =
        fmt::format("{}\n{}\n{}\n{}", algorithm, date, scope_of(as), base::sha256_hex(canonical));
    std::string key = base::hmac_sha256_raw("AWS4" + as.secret_access_key, date.substr(0, 8));
    for (const std::string_view part :
         {std::string_view(as.region), std::string_view(as.service), std::string_view("aws4_request")}) {
        key = base::hmac_sha256_raw(key, part);
    }
    return base::hex_encode(base::hmac_sha256_raw(key, to_sign));
}

void sign(Request& request, const Signing& as) {
    const std::string payload_hash = hash_of(request.body);
    request.headers.set("X-Amz-Date", base::sigv4_date(as.time));
    if (!as.session_token.empty()) request.headers.set("X-Amz-Security-Token", as.session_token);
    if (as.service == "s3") request.headers.set("X-Amz-Content-SHA256", payload_hash);
    request.headers.erase("Authorization");
    std::string signed_headers;
    const std::string canonical = canonical_request(request, as.service, payload_hash, signed_headers);
    request.headers.set("Authorization",
                        fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, as.access_key_id,
                                    scope_of(as), signed_headers, signature(as, canonical)));
}

void presign(Request& request, const Signing& as, std::chrono::seconds expires) {
    std::string signed_headers;
    canonical_request(request, as.service, "", signed_headers);
    std::string added =
        fmt::format("X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
                    algorithm, percent_encode(as.access_key_id + "/" + scope_of(as)), base::sigv4_date(as.time),
                    expires.count(), percent_encode(signed_headers));
    if (!as.session_token.empty()) added += "&X-Amz-Security-Token=" + percent_encode(as.session_token);
    request.target += (request.query().empty() ? "?" : "&") + added;
    const std::string payload_hash = as.service == "s3" ? std::string(unsigned_payload) : hash_of(request.body);
    request.target +=
        "&X-Amz-Signature=" + signature(as, canonical_request(request, as.service, payload_hash, signed_headers));
}

}  // namespace osbot_aws::wire
