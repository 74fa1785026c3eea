// Where calls go, for `osbot doctor`.
#include <fmt/format.h>

#include "base/http_connection.hpp"
#include "cli/doctor_checks.hpp"
#include "client/credential_chain.hpp"
#include "client/endpoints.hpp"
#include "client/url.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

using enum Check::State;

constexpr std::chrono::seconds connect_max{2};

Check check_credentials(const std::string& profile, bool needed) {
    const auto kind = client::Credential_Chain({.profile = profile}).kind();
    if (!kind)
        return {"credentials", needed ? problem : warning, kind.error().message,
                "look at ~/.aws/config and the environment"};
    if (!kind->empty()) return {"credentials", ok, *kind};
    if (!needed) return {"credentials", ok, "none; the local engine needs none"};
    return {"credentials", problem, "none are found",
            "aws configure, aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

Checks check_endpoints(const Session_Kwargs_Lambda& settings) {
    Checks checks;
    const auto urls = client::configured_endpoint_urls(settings.profile_name);
    if (!urls || !settings.endpoint_url.empty()) return checks;
    for (const auto& [service, url] : urls->of_service)
        if (url != urls->general) checks.push_back({"target of " + service, ok, url + " (set for this service)"});
    return checks;
}

/// Whether somebody listens there; for other machines than this it is taken for granted.
bool answers(const std::string& endpoint) {
    const auto url = client::parse_url(endpoint);
    if (!url || (url->host != "localhost" && url->host != "127.0.0.1" && url->host != "::1")) return true;
    return base::Http_Connection::connect_tcp(url->host, url->port, connect_max).has_value();
}

std::string endpoint_of(const Session_Kwargs_Lambda& settings) {
    if (!settings.endpoint_url.empty()) return settings.endpoint_url;
    const auto urls = client::configured_endpoint_urls(settings.profile_name);
    if (!urls) return "";
    const auto lambda = urls->of_service.find("lambda");
    return lambda != urls->of_service.end() ? lambda->second : urls->general;
}

}  // namespace

Checks check_target(const Options& options) {
    const Session_Kwargs_Lambda settings = session_settings(options);
    const auto choice = choose_target(settings);
    if (!choice) return {{"target", problem, choice.error().message, "docs/reference/credentials_and_endpoints.md"}};
    const std::string why = options.local ? "--local" : options.aws ? "--aws" : choice->reason;
    const std::string where = choice->kind == Target_Kind::local ? "the local engine"
                              : choice->kind == Target_Kind::aws ? "AWS"
                                                                 : endpoint_of(settings);
    Checks checks{{"target", ok, fmt::format("{}, because {}", where, why)}};
    if (choice->kind == Target_Kind::endpoint && !answers(where)) {
        checks.front().state = problem;
        checks.front().found += "; nobody listens there";
        checks.front().advice = "osbot local start, or another endpoint";
    }
    for (Check& check : check_endpoints(settings)) checks.push_back(std::move(check));
    checks.push_back(check_credentials(settings.profile_name, choice->kind == Target_Kind::aws));
    if (choice->kind == Target_Kind::aws) {
        const std::string region =
            settings.region_name.empty() ? client::default_region(settings.profile_name) : settings.region_name;
        checks.push_back(region.empty() ? Check{"region", problem, "none is set",
                                                "AWS_REGION, --region, or `region` of the profile in ~/.aws/config"}
                                        : Check{"region", ok, region});
    }
    return checks;
}

Checks check_aws(const Options& options) {
    const auto identity = client_of(Session(session_settings(options))).query("sts", "GetCallerIdentity", {});
    if (!identity)
        return {{"AWS", problem, fmt::format("{} ({})", identity.error().message, identity.error().code),
                 "the credentials or the way to AWS do not work"}};
    return {{"AWS", ok, fmt::format("account {}, as {}", identity->value("Account", ""), identity->value("Arn", ""))}};
}

}  // namespace osbot_aws::cli
