// The checks of `osbot doctor` for the target: endpoint, credentials and region.
#include <fmt/format.h>

#include "base/http_connection.hpp"
#include "base/url.hpp"
#include "cli/doctor/doctor_checks.hpp"
#include "client/credential_chain.hpp"
#include "client/endpoints.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

using enum Check::State;

constexpr std::chrono::seconds connect_timeout{2};

Check check_credentials(const std::string& profile, bool needed) {
    const auto kind = client::Credential_Chain({.profile = profile}).kind();
    if (!kind)
        return {"credentials", needed ? problem : warning, kind.error().message,
                "check ~/.aws/config and the environment"};
    if (!kind->empty()) return {"credentials", ok, *kind};
    if (!needed) return {"credentials", ok, "none; the local engine needs none"};
    return {"credentials", problem, "none found",
            "run aws configure or aws sso login, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

Checks check_endpoints(const Session_Kwargs_Lambda& settings) {
    Checks checks;
    const auto urls = client::configured_endpoint_urls(settings.profile_name);
    if (!urls || !settings.endpoint_url.empty()) return checks;
    for (const auto& [service, url] : urls->by_service)
        if (url != urls->general) checks.push_back({"target of " + service, ok, url + " (set for this service)"});
    return checks;
}

/// Tests whether a server accepts connections at an endpoint on this machine. Returns true for all other endpoints.
bool is_reachable(const std::string& endpoint) {
    const auto url = base::parse_url(endpoint);
    if (!url || (url->host != "localhost" && url->host != "127.0.0.1" && url->host != "::1")) return true;
    return base::Http_Connection::connect_tcp(url->host, url->port, connect_timeout).has_value();
}

std::string endpoint_of(const Session_Kwargs_Lambda& settings) {
    if (!settings.endpoint_url.empty()) return settings.endpoint_url;
    const auto urls = client::configured_endpoint_urls(settings.profile_name);
    if (!urls) return "";
    const auto lambda = urls->by_service.find("lambda");
    return lambda != urls->by_service.end() ? lambda->second : urls->general;
}

}  // namespace

Checks check_target(const Options& options) {
    const Session_Kwargs_Lambda settings = session_settings(options);
    const auto choice = choose_target(settings);
    if (!choice) return {{"target", problem, choice.error().message, "docs/reference/credentials_and_endpoints.md"}};
    const std::string why = options.local ? "--local is set" : options.aws ? "--aws is set" : choice->reason;
    const std::string where = choice->kind == Target_Kind::local ? "the local engine"
                              : choice->kind == Target_Kind::aws ? "AWS"
                                                                 : endpoint_of(settings);
    Checks checks{{"target", ok, fmt::format("{}, because {}", where, why)}};
    if (choice->kind == Target_Kind::endpoint && !is_reachable(where)) {
        checks.front().state = problem;
        checks.front().found += "; no server is listening there";
        checks.front().advice = "run osbot local start, or select another endpoint";
    }
    for (Check& check : check_endpoints(settings)) checks.push_back(std::move(check));
    checks.push_back(check_credentials(settings.profile_name, choice->kind == Target_Kind::aws));
    if (choice->kind == Target_Kind::aws) {
        const std::string region =
            settings.region_name.empty() ? client::default_region(settings.profile_name) : settings.region_name;
        checks.push_back(region.empty() ? Check{"region", problem, "not set",
                                                "set AWS_REGION, --region, or `region` of the profile in ~/.aws/config"}
                                        : Check{"region", ok, region});
    }
    return checks;
}

Checks check_aws(const Options& options) {
    const auto identity = client_of(Session(session_settings(options))).query("sts", "GetCallerIdentity", {});
    if (!identity)
        return {{"AWS", problem, fmt::format("{} ({})", identity.error().message, identity.error().code),
                 "check the credentials and the network connection to AWS"}};
    return {{"AWS", ok, fmt::format("account {}, as {}", identity->value("Account", ""), identity->value("Arn", ""))}};
}

}  // namespace osbot_aws::cli
