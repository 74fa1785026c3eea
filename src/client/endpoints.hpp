#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::client {

/// The texts that is_endpoint_url() accepts, for errors.
constexpr const char* endpoint_url_rule = "a URL such as http://127.0.0.1:4566";

/// Returns whether the text is an http or https URL with a host name or address.
bool is_endpoint_url(std::string_view text);

/// Endpoint URLs from the environment and the config file. Services without a URL use AWS's endpoint.
struct Endpoint_Urls {
    std::string general;                            ///< for services that are not in by_service
    std::map<std::string, std::string> by_service;  ///< by signing name: lambda s3 iam sts logs sqs
};

/// Reads the endpoint URLs: AWS_ENDPOINT_URL_<SERVICE>, then AWS_ENDPOINT_URL, then the profile's `services` section,
/// then its endpoint_url: botocore's order and names (LAMBDA S3 IAM STS CLOUDWATCH_LOGS SQS). All are ignored if
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's ignore_configured_endpoint_urls is true. An empty `profile`
/// means AWS_PROFILE, else default. Errors: InvalidConfigError if the profile names a services section that does not
/// exist; ConfigurationError, which names the setting, if a value is not a URL.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
Result<Endpoint_Urls> configured_endpoint_urls(std::string_view profile = "");

}  // namespace osbot_aws::client
