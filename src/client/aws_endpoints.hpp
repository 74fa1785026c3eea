#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::client {

struct Endpoint_Options {
    bool dual_stack = false;  ///< IPv6 as well as IPv4
    bool fips = false;        ///< only cryptography that FIPS 140 approves
};

struct Aws_Endpoint {
    std::string url;
    std::string signing_region;  ///< differs from the requested region for global services
};

/// Returns AWS's endpoint of a service (lambda s3 iam sts logs sqs sso sso-oidc, in three partitions), by the same
/// rules as botocore. Errors: EndpointProviderError if the endpoint does not exist. Source:
/// botocore/data/*/endpoint-rule-set-1.json
Result<Aws_Endpoint> aws_endpoint(std::string_view service, std::string_view region, Endpoint_Options options = {});

/// Reads AWS_USE_DUALSTACK_ENDPOINT and AWS_USE_FIPS_ENDPOINT, else the profile's use_dualstack_endpoint and
/// use_fips_endpoint. An empty `profile` means AWS_PROFILE, else default.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
Endpoint_Options configured_endpoint_options(std::string_view profile = "");

}  // namespace osbot_aws::client
