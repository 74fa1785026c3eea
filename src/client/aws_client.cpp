#include "client/aws_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <pugixml.hpp>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "client/retry.hpp"
#include "wire/sigv4.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view user_agent = "osbot_aws/0.1.0";

/// "http://127.0.0.1:4566" -> "127.0.0.1:4566"
std::string host_of(std::string_view url) {
    const std::size_t begin = url.find("://");
    const std::string_view rest = begin == std::string_view::npos ? url : url.substr(begin + 3);
    return std::string(rest.substr(0, rest.find('/')));
}

Json parse_json(std::string_view text) {
    if (text.empty()) return Json::object();
    return base::parse_json(text);
}

/// "ResourceNotFoundException:http://..." and "com.amazonaws#X" -> X
std::string plain_code(std::string_view code) {
    code = code.substr(0, code.find(':'));
    if (const std::size_t hash = code.rfind('#'); hash != std::string_view::npos) code.remove_prefix(hash + 1);
    return std::string(code);
}

Error error_of(const wire::Response& response) {
    Error error{"", "", response.status};
    std::string_view text = response.body.bytes();
    text.remove_prefix(std::min(text.find_first_not_of(" \r\n\t"), text.size()));
    if (text.starts_with('<')) {
        pugi::xml_document document;
        document.load_buffer(text.data(), text.size());
        pugi::xml_node root = document.first_child();
        while (root && root.type() != pugi::node_element) root = root.next_sibling();
        // <ErrorResponse><Error>, S3's <Error>, and the older <Errors><Error>, which some endpoints still return.
        const pugi::xml_node parent = root.child("Errors") ? root.child("Errors") : root;
        const pugi::xml_node node = parent.child("Error") ? parent.child("Error") : parent;
        error.code = node.child_value("Code");
        error.message = node.child_value("Message");
    } else {
        const Json body = parse_json(text);
        const auto member = [&](std::initializer_list<const char*> names) -> std::string {
            for (const char* name : names) {
                if (body.is_object() && body.contains(name) && body.at(name).is_string())
                    return body.at(name).get<std::string>();
            }
            return "";
        };
        error.code = plain_code(response.headers["x-amzn-ErrorType"]);
        if (error.code.empty()) error.code = plain_code(member({"__type", "code", "Code"}));
        error.message = member({"message", "Message", "errorMessage"});
    }
    if (error.code.empty()) error.code = std::to_string(response.status);
    if (error.message.empty()) error.message = fmt::format("the service returned status {}", response.status);
    return error;
}

/// Converts an element to JSON: its text, or an object with its children. Children named `member` become a list in
/// place of the object. Children whose name is in `lists` become a list of that name.
Json json_of(const pugi::xml_node& element, const std::vector<std::string>& lists = {}) {
    Json object = Json::object();
    Json list = Json::array();
    for (const pugi::xml_node& child : element.children()) {
        if (child.type() != pugi::node_element) continue;
        if (std::string_view(child.name()) == "member")
            list.push_back(json_of(child, lists));
        else if (std::find(lists.begin(), lists.end(), child.name()) != lists.end())
            object[child.name()].push_back(json_of(child, lists));
        else
            object[child.name()] = json_of(child, lists);
    }
    if (!list.empty()) return list;
    if (!object.empty()) return object;
    return element.child_value();
}

/// Stops at an element below base::json_depth_max others, because json_of() recurses for each level.
struct Depth_Limit final : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node&) override { return depth() < static_cast<int>(base::json_depth_max); }
};

/// Parses the body of a response. `request` names it in the error. Errors: ResponseParserError.
Result<pugi::xml_document> parse_xml_body(const wire::Response& response, std::string_view request) {
    auto document = wire::parse_xml(response.body.bytes());
    if (!document)
        return Error{"ResponseParserError", fmt::format("the response to {} is not XML", request), response.status};
    Depth_Limit limit;
    if (!document->traverse(limit))
        return Error{
            "ResponseParserError",
            fmt::format("the response to {} has more than {} levels of elements", request, base::json_depth_max),
            response.status};
    return document;
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string text;
    for (const auto& [name, value] : fields)
        text +=
            fmt::format("{}{}={}", text.empty() ? "" : "&", wire::percent_encode(name), wire::percent_encode(value));
    return text;
}

// The errors for a signature with the wrong time, and the clock difference above which a wrong clock is assumed. Both
// are as in the AWS SDK for Java 2 (ClockSkew, RetryUtils).
constexpr std::string_view clock_codes[] = {"RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
                                            "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"};
constexpr std::chrono::minutes clock_difference_min{4};
constexpr base::Time clock_max = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);  // base::Time ends in 2262

}  // namespace

struct Aws_Client::Impl {
    Impl(Target call_target, Retry_Policy policy, const base::Clock& clock_source)
        : target(std::move(call_target)), retry(std::move(policy)), clock(clock_source) {}

    Result<wire::Response> send(Call call) {
        call.headers.set("amz-sdk-invocation-id", base::uuid4());
        for (Retries retries;;) {
            const auto offset = clock_offset.load();
            auto response = attempt(call);
            if (!response && clock_offset.load() != offset) response = attempt(call);
            if (response) return retry.succeeded(retries), response;
            if (!call.repeatable && may_have_run(response.error())) return response;
            if (!retry.wait_before_retry(retries, response.error())) return response;
        }
    }

    /// Returns the configured URL, which is signed for the target's region, or else AWS's endpoint.
    Result<Aws_Endpoint> endpoint_of(const std::string& service, const std::string& configured_url) const {
        if (!configured_url.empty()) return Aws_Endpoint{configured_url, target.region};
        return aws_endpoint(service, target.region, target.options);
    }

    /// Only one thread refreshes expired credentials; the others wait for it.
    Result<Credentials> credentials() {
        if (!target.credentials) return Credentials{};
        const std::lock_guard lock(credentials_mutex);
        return target.credentials->credentials();
    }

    Result<wire::Response> attempt(Call& call) {
        const auto service_endpoint = target.service_endpoints.find(call.service);
        const bool has_service_endpoint = service_endpoint != target.service_endpoints.end();
        const std::string& configured_url = has_service_endpoint ? service_endpoint->second.url : target.endpoint_url;
        OSBOT_TRY(auto endpoint, endpoint_of(call.service, configured_url));
        // Only AWS's own endpoints have separate hosts for some operations.
        if (configured_url.empty()) endpoint.url.insert(endpoint.url.find("://") + 3, call.host_prefix);
        wire::Request request{.method = call.method, .target = call.path, .headers = call.headers, .body = {}};
        if (!call.query.empty()) request.target += "?" + form(call.query);
        request.headers.set("Host", host_of(endpoint.url));
        request.headers.set("User-Agent", std::string(user_agent));
        OSBOT_TRY(const auto signer, credentials());
        request.body = std::move(call.body);  // moved back below for the next attempt: copying a large body is slow
        if (target.credentials) {
            wire::sign(request, {signer.access_key_id, signer.secret_access_key, signer.session_token,
                                 endpoint.signing_region, call.service, clock.now() + clock_offset.load()});
        }
        auto response = (has_service_endpoint ? service_endpoint->second.transport : target.transport)
                            ->send(request, {.endpoint_url = endpoint.url,
                                             .read_timeout = call.read_timeout,
                                             .repeatable = call.repeatable,
                                             .on_body = call.on_body,
                                             .on_sent = target.on_sent});
        call.body = std::move(request.body);
        if (!response || response->status < 300) return response;
        Error error = error_of(*response);
        correct_clock(error, response->headers["Date"]);
        return error;
    }

    /// If the service rejected the signature because our clock is wrong, signs with the service's time from now on.
    void correct_clock(const Error& error, std::string_view date) {
        if (std::find(std::begin(clock_codes), std::end(clock_codes), error.code) == std::end(clock_codes)) return;
        const auto service_time = base::parse_http_date(date);
        if (!service_time || *service_time > clock_max) return;
        const auto difference = std::chrono::duration_cast<std::chrono::seconds>(*service_time - clock.now());
        if (std::chrono::abs(difference - clock_offset.load()) > clock_difference_min) clock_offset = difference;
    }

    Target target;
    Retry_Policy retry;
    const base::Clock& clock;
    std::atomic<std::chrono::seconds> clock_offset{std::chrono::seconds(0)};
    std::mutex credentials_mutex;
};

namespace {
const base::System_Clock system_clock;
}

Aws_Client::Aws_Client(Target target) : Aws_Client(std::move(target), Retry_Policy()) {}
Aws_Client::Aws_Client(Target target, Retry_Policy retry)
    : Aws_Client(std::move(target), std::move(retry), system_clock) {}
Aws_Client::Aws_Client(Target target, Retry_Policy retry, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(target), std::move(retry), clock)) {}
Aws_Client::~Aws_Client() = default;
Aws_Client::Aws_Client(Aws_Client&&) noexcept = default;

const Target& Aws_Client::target() const { return impl_->target; }

Result<wire::Response> Aws_Client::send(const Call& call) { return impl_->send(call); }

Result<Json> parse_json_body(const wire::Response& response) {
    Json parsed = parse_json(response.body.bytes());
    if (parsed.is_discarded())
        return Error{"ResponseParserError", fmt::format("the response is not JSON: {:.60}", response.body.bytes()),
                     response.status};
    return parsed;
}

Result<Json> Aws_Client::json(std::string service, std::string method, std::string path, const Json& body,
                              std::vector<std::pair<std::string, std::string>> query) {
    return json_text(std::move(service), std::move(method), std::move(path),
                     body.is_null() ? "" : base::dump_json(body), std::move(query));
}

Result<Json> Aws_Client::json_text(std::string service, std::string method, std::string path, std::string body,
                                   std::vector<std::pair<std::string, std::string>> query) {
    Call call{
        .service = std::move(service), .method = std::move(method), .path = std::move(path), .query = std::move(query)};
    if (!body.empty()) call.headers.add("Content-Type", "application/json");
    call.body = std::move(body);
    return impl_->send(std::move(call)).and_then(parse_json_body);
}

Result<Json> Aws_Client::query(std::string service, std::string action,
                               std::vector<std::pair<std::string, std::string>> parameters) {
    std::vector<std::pair<std::string, std::string>> fields{
        {"Action", action}, {"Version", service == "sts" ? "2011-06-15" : "2010-05-08"}};
    fields.insert(fields.end(), std::make_move_iterator(parameters.begin()), std::make_move_iterator(parameters.end()));
    Call call{.service = std::move(service)};
    call.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    call.body = form(fields);
    OSBOT_TRY(auto response, send(call));
    OSBOT_TRY(const auto document, parse_xml_body(response, action));
    return json_of(document.document_element().child((action + "Result").c_str()));
}

Result<Json> Aws_Client::xml(const Call& call, const std::vector<std::string>& lists) {
    OSBOT_TRY(auto response, send(call));
    OSBOT_TRY(const auto document, parse_xml_body(response, call.path));
    return json_of(document.document_element(), lists);
}

Result<Json> Aws_Client::json11(std::string service, std::string target, const Json& body) {
    Call call{.service = std::move(service)};
    call.headers.add("Content-Type", "application/x-amz-json-1.1");
    call.headers.add("X-Amz-Target", std::move(target));
    call.body = base::dump_json(body);
    return send(call).and_then(parse_json_body);
}

}  // namespace osbot_aws::client
