#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::client {

/// Where calls go, as the environment and the config file say it; what is empty is AWS's own.
struct Endpoint_Urls {
    std::string general;                            ///< of every service that has none of its own
    std::map<std::string, std::string> of_service;  ///< by signing name: lambda s3 iam sts logs sqs
};

/// AWS_ENDPOINT_URL_<SERVICE>, then AWS_ENDPOINT_URL, then the profile's `services` section, then its endpoint_url:
/// botocore's order and names (LAMBDA S3 IAM STS CLOUDWATCH_LOGS SQS). Nothing when AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
/// or the profile's ignore_configured_endpoint_urls is true. `profile` empty: AWS_PROFILE, else default.
/// Errors: InvalidConfigError when the profile names a services section that is not there.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
Result<Endpoint_Urls> configured_endpoint_urls(std::string_view profile = "");

}  // namespace osbot_aws::client
