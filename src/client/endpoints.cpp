#include "client/endpoints.hpp"

#include <fmt/format.h>

#include <boost/algorithm/string/case_conv.hpp>

#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

/// Signing name -> service id in config files; variables use it in capitals.
constexpr std::pair<const char*, const char*> service_ids[] = {
    {"lambda", "lambda"}, {"s3", "s3"}, {"iam", "iam"}, {"sts", "sts"}, {"logs", "cloudwatch_logs"}, {"sqs", "sqs"}};

bool ignores_configured_urls(const Profile& profile) {
    return is_true(variable_or("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile, "ignore_configured_endpoint_urls"));
}

}  // namespace

Result<Endpoint_Urls> configured_endpoint_urls(std::string_view requested_profile) {
    const Profile profile = read_profile(requested_profile.empty() ? profile_name() : requested_profile);
    if (ignores_configured_urls(profile)) return Endpoint_Urls{};
    Profile services;
    if (const std::string section = setting(profile, "services"); !section.empty()) {
        services = read_config_section("services " + section);
        if (services.empty())
            return Error{"InvalidConfigError",
                         fmt::format("The profile is configured to use the services section but the \"{}\" services "
                                     "configuration does not exist.",
                                     section),
                         0};
    }
    const std::string general = variable("AWS_ENDPOINT_URL");
    Endpoint_Urls urls{general.empty() ? setting(profile, "endpoint_url") : general, {}};
    for (const auto& [service, id] : service_ids) {
        std::string url = variable("AWS_ENDPOINT_URL_" + boost::algorithm::to_upper_copy(std::string(id)));
        if (url.empty() && general.empty()) url = setting(services, fmt::format("{}.endpoint_url", id));
        if (!url.empty()) urls.by_service.emplace(service, std::move(url));
    }
    return urls;
}

}  // namespace osbot_aws::client
