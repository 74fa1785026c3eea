#include "client/transports.hpp"

#include "base/environment.hpp"
#include "base/url.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

bool is_local_or_link_local(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.") || host.starts_with("169.254.") ||
           host.starts_with("fd00:ec2:");
}

}  // namespace

std::string configured_ca_bundle(std::string_view profile) {
    const Profile settings = read_profile(profile.empty() ? profile_name() : profile);
    std::string bundle = variable_or("AWS_CA_BUNDLE", settings, "ca_bundle");
    return bundle.empty() ? base::variable("REQUESTS_CA_BUNDLE") : bundle;
}

std::shared_ptr<Transport> make_transport(std::string_view url, std::string_view profile) {
    const auto parts = base::parse_url(url);
    if (parts && parts->scheme == "http" && is_local_or_link_local(parts->host))
        return make_tcp_transport(parts->host, parts->port);
    return make_curl_transport(configured_ca_bundle(profile));
}

}  // namespace osbot_aws::client
