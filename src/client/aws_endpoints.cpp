#include "client/aws_endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/local_error.hpp"
#include "client/settings.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::client {
namespace {

/// The hosts and the signing region of a global service in one partition.
struct Global_Service {
    std::string_view plain, fips, dual_stack, dual_stack_fips, region;
};

struct Partition {
    std::string_view name, dns_suffix, dual_stack_dns_suffix;
    Global_Service iam;
};

constexpr Partition partitions[] = {
    {"aws-cn",
     "amazonaws.com.cn",
     "api.amazonwebservices.com.cn",
     {"iam.cn-north-1.amazonaws.com.cn", "iam-fips.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn",
      "iam-fips.api.amazonwebservices.com.cn", "cn-north-1"}},
    {"aws-us-gov",
     "amazonaws.com",
     "api.aws",
     {"iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", "iam.us-gov.api.aws",
      "us-gov-west-1"}},
    {"aws",
     "amazonaws.com",
     "api.aws",
     {"iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws", "iam-fips.global.api.aws", "us-east-1"}}};

/// Returns the partition of a region. The regions of other partitions than these three have the domains of "aws".
const Partition& partition(std::string_view region) {
    const auto found = std::ranges::find(partitions, wire::partition_of(region), &Partition::name);
    return found == std::end(partitions) ? *std::prev(found) : *found;
}

Aws_Endpoint endpoint_of(const Global_Service& service, Endpoint_Options options) {
    const std::string_view host = options.dual_stack ? (options.fips ? service.dual_stack_fips : service.dual_stack)
                                                     : (options.fips ? service.fips : service.plain);
    return {fmt::format("https://{}", host), std::string(service.region)};
}

/// The plain endpoints of us-gov are FIPS endpoints, except for services with separate FIPS names.
bool plain_is_fips(const Partition& in, std::string_view service) {
    return in.name == "aws-us-gov" && service != "lambda" && service != "s3";
}

/// Returns the host name of a service. Only the two services of Identity Center have a different one.
std::string_view host_name(std::string_view service) {
    if (service == "sso") return "portal.sso";
    if (service == "sso-oidc") return "oidc";
    return service;
}

}  // namespace

Result<Aws_Endpoint> aws_endpoint(std::string_view service, std::string_view region, Endpoint_Options options) {
    const Partition& in = partition(region);
    const std::string signing_region(region);
    if (service == "iam") return endpoint_of(in.iam, options);
    if (service == "s3") {
        if (options.fips && in.name == "aws-cn")
            return local_error("EndpointProviderError", "Partition does not support FIPS");
        return Aws_Endpoint{fmt::format("https://s3{}{}.{}.{}", options.fips ? "-fips" : "",
                                        options.dual_stack ? ".dualstack" : "", region, in.dns_suffix),
                            signing_region};
    }
    const bool has_fips_suffix = options.fips && (options.dual_stack || !plain_is_fips(in, service));
    return Aws_Endpoint{fmt::format("https://{}{}.{}.{}", host_name(service), has_fips_suffix ? "-fips" : "", region,
                                    options.dual_stack ? in.dual_stack_dns_suffix : in.dns_suffix),
                        signing_region};
}

Endpoint_Options configured_endpoint_options(std::string_view requested_profile) {
    const Profile profile = read_profile(requested_profile.empty() ? profile_name() : requested_profile);
    return {is_true(variable_or("AWS_USE_DUALSTACK_ENDPOINT", profile, "use_dualstack_endpoint")),
            is_true(variable_or("AWS_USE_FIPS_ENDPOINT", profile, "use_fips_endpoint"))};
}

}  // namespace osbot_aws::client
