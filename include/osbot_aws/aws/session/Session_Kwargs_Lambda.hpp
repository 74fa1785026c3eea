#pragma once

#include <string>

namespace osbot_aws {

/// Settings of the target and the credentials of AWS calls. Empty members are taken from the environment and the shared
/// config files, as in other AWS clients. The settings apply to all services that an object calls: Lambda, S3, IAM,
/// Logs.
///
///     Lambda lambda_func("my-function", {{.endpoint_url = "http://localhost:4566", .region_name = "us-east-1"}});
struct Session_Kwargs_Lambda {
    std::string endpoint_url = {};           ///< e.g. http://127.0.0.1:4566; used for all services
    std::string region_name = {};            ///< e.g. eu-west-1
    std::string aws_access_key_id = {};      ///< requires aws_secret_access_key
    std::string aws_secret_access_key = {};  ///< requires aws_access_key_id
    std::string aws_session_token = {};      ///< only for temporary credentials
    std::string profile_name = {};           ///< a profile in ~/.aws/config and ~/.aws/credentials
};

}  // namespace osbot_aws
