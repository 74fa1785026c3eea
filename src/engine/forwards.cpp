#include "engine/forwards.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::size_t service_name_bytes_max = 64;
constexpr std::size_t forwards_max = 100;
constexpr const char* forwards_file = "forwards.json";

Error invalid_forward(std::string_view text, std::string_view reason) {
    return {"InvalidArgument", fmt::format("invalid --forward '{}': {}", text, reason), 0};
}

/// Returns true for the domains of AWS's endpoints: also dualstack (api.aws), China and the European cloud.
bool is_host_of_aws(std::string_view host) {
    std::string name = base::lower_case(host);
    while (name.ends_with('.')) name.pop_back();
    return std::ranges::any_of(
        std::array{"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws", "on.aws"},
        [&](std::string_view domain) { return name == domain || name.ends_with("." + std::string(domain)); });
}

bool is_address_text(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// Returns why requests may not be forwarded to a URL, or "".
std::string_view url_refusal(const base::Url& url) {
    if (url.scheme != "http") return "the endpoint must use http, because certificates are not supported";
    if (url.target != "/") return "the URL must not have a path, because requests are passed unchanged";
    if (is_host_of_aws(url.host))
        return "requests are never forwarded to AWS; use --aws or a client without an endpoint URL";
    if (is_address_text(url.host) && !is_local_address(url.host))
        return "the address must be a loopback or private one, because requests are not encrypted";
    if (!base::consists_of(url.host, [](char c) { return base::is_name_character(c) || c == '.' || c == ':'; }))
        return "the host name contains an invalid character";
    return {};
}

Result<Forward> parse_forward(std::string_view text) {
    const std::size_t end = text.find('=');
    const std::string_view service = text.substr(0, end);
    const auto url = end == std::string_view::npos ? std::nullopt : base::parse_url(text.substr(end + 1));
    if (!url || url->port == 0 || (service != any_service && !is_service_name(service)))
        return invalid_forward(text, "expected SERVICE=URL, such as dynamodb=http://127.0.0.1:8000 or '*=URL'");
    if (std::ranges::find(engine_services, service) != engine_services.end())
        return invalid_forward(text, "the engine provides this service; only services that it lacks are forwarded");
    if (const auto refusal = url_refusal(*url); !refusal.empty()) return invalid_forward(text, refusal);
    return Forward{std::string(service), url->origin(), url->host, url->port};
}

std::vector<std::string> stored_texts(const std::filesystem::path& file) {
    const auto bytes = base::read_file(file);
    if (!bytes) return {};
    const Json json = base::parse_json(*bytes);
    if (!json.is_object()) return {"not a JSON object"};
    std::vector<std::string> texts;
    for (const auto& [service, url] : json.items())
        texts.push_back(service + "=" + (url.is_string() ? url.get<std::string>() : ""));
    return texts;
}

}  // namespace

bool is_service_name(std::string_view text) {
    return text.size() <= service_name_bytes_max && base::consists_of(text, base::is_name_character);
}

bool is_local_address(std::string_view address) {
    const std::string text(address);
    in6_addr six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six) == 1) {
        if (!IN6_IS_ADDR_V4MAPPED(&six)) return IN6_IS_ADDR_LOOPBACK(&six) || (six.s6_addr[0] & 0xfe) == 0xfc;
        std::array<char, INET_ADDRSTRLEN> mapped{};
        return is_local_address(::inet_ntop(AF_INET, &six.s6_addr[12], mapped.data(), mapped.size()));
    }
    in_addr four{};
    if (::inet_pton(AF_INET, text.c_str(), &four) != 1) return false;
    const std::uint32_t bits = ntohl(four.s_addr);  // 127/8, 10/8, 172.16/12, 192.168/16
    return bits >> 24 == 127 || bits >> 24 == 10 || bits >> 20 == 0xac1 || bits >> 16 == 0xc0a8;
}

Result<Forwards> parse_forwards(const std::vector<std::string>& texts) {
    if (texts.size() > forwards_max)
        return Error{"InvalidArgument",
                     fmt::format("--forward may be given at most {} times; use '*=URL'", forwards_max), 0};
    Forwards forwards;
    for (const std::string& text : texts) {
        OSBOT_TRY(auto forward, parse_forward(text));
        const std::string service = forward.service;
        if (!forwards.emplace(service, std::move(forward)).second)
            return invalid_forward(text, "this service already has a URL");
    }
    return forwards;
}

Json forwards_json(const Forwards& forwards) {
    Json json = Json::object();
    for (const auto& [service, forward] : forwards) json[service] = forward.url;
    return json;
}

Result<void> store_forwards(const std::filesystem::path& state, const Forwards& forwards) {
    const std::string text = base::dump_json(forwards_json(forwards));
    const auto existing = base::read_file(state / forwards_file);
    if (existing ? *existing == text : forwards.empty()) return {};
    return base::write_file_durably(state / forwards_file, text);
}

Forwards load_forwards(const std::filesystem::path& state) {
    auto forwards = parse_forwards(stored_texts(state / forwards_file));
    if (forwards) return std::move(*forwards);
    base::log_warning("{}: {}; requests are not forwarded", (state / forwards_file).string(), forwards.error().message);
    return {};
}

}  // namespace osbot_aws::engine
