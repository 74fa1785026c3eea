#pragma once

#include <string>

#include "aws/input.hpp"
#include "base/clock.hpp"
#include "services/keys.hpp"
#include "services/s3/forms/form_data.hpp"

namespace osbot_aws::services {

/// Checks the policy of a form: its signature if the engine knows the secret, its expiration, and its conditions. A
/// form without a policy is accepted, as an unsigned request is. Adds to `details` what the error response has. Errors:
/// AccessDenied, SignatureDoesNotMatch, InvalidArgument, InvalidPolicyDocument, EntityTooSmall, EntityTooLarge. Source:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
Result<void> check_policy(const S3_Form& form, const std::string& bucket, const Keys& keys, base::Time now,
                          aws::Error_Details& details);

/// Returns the access key that signed a form; "" if it is not signed.
std::string key_of_form(const S3_Form& form);

}  // namespace osbot_aws::services
