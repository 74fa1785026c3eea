#include "client/endpoints.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/case_conv.hpp>

#include "base/characters.hpp"
#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "base/url.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

/// Signing name -> service id in config files; variables use it in capitals.
constexpr std::pair<const char*, const char*> service_ids[] = {
    {"lambda", "lambda"}, {"s3", "s3"}, {"iam", "iam"}, {"sts", "sts"}, {"logs", "cloudwatch_logs"}, {"sqs", "sqs"}};

bool ignores_configured_urls(const Profile& profile) {
    return is_true(variable_or("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile, "ignore_configured_endpoint_urls"));
}

/// Returns an error that names the setting if its value is neither empty nor a URL.
Result<void> check_url(std::string_view setting_name, const std::string& url) {
    if (url.empty() || is_endpoint_url(url)) return {};
    return local_error(codes::configuration_error, "invalid {} '{}': expected {}", setting_name, url,
                       endpoint_url_rule);
}

}  // namespace

bool is_endpoint_url(std::string_view text) {
    const auto url = base::parse_url(text);
    const auto of_host = [](char c) { return base::is_name_character(c) || c == '.' || c == ':'; };
    return url && url->port != 0 && base::consists_of(url->host, of_host);
}

Result<Endpoint_Urls> configured_endpoint_urls(std::string_view requested_profile) {
    const Profile profile = read_profile(requested_profile.empty() ? profile_name() : requested_profile);
    if (ignores_configured_urls(profile)) return Endpoint_Urls{};
    Profile services;
    if (const std::string section = setting(profile, "services"); !section.empty()) {
        services = read_config_section("services " + section);
        if (services.empty())
            return local_error("InvalidConfigError",
                               "The profile is configured to use the services section but the \"{}\" services "
                               "configuration does not exist.",
                               section);
    }
    const std::string general = base::variable("AWS_ENDPOINT_URL");
    Endpoint_Urls urls{general.empty() ? setting(profile, "endpoint_url") : general, {}};
    const char* general_name = general.empty() ? "endpoint_url of the profile" : "AWS_ENDPOINT_URL";
    OSBOT_TRY(check_url(general_name, urls.general));
    for (const auto& [service, id] : service_ids) {
        std::string name = "AWS_ENDPOINT_URL_" + boost::algorithm::to_upper_copy(std::string(id));
        std::string url = base::variable(name);
        if (url.empty() && general.empty()) {
            name = fmt::format("{}.endpoint_url", id);
            url = setting(services, name);
        }
        OSBOT_TRY(check_url(name, url));
        if (!url.empty()) urls.by_service.emplace(service, std::move(url));
    }
    return urls;
}

}  // namespace osbot_aws::client
