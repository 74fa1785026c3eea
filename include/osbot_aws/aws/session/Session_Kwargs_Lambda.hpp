#pragma once

#include <string>

namespace osbot_aws {

/// Where calls go and as whom; what is empty comes from the environment and the shared files, as for every AWS client.
/// All services that an object uses go there: Lambda, and the S3, IAM and Logs calls it makes besides.
///
///     Lambda lambda_func("my-function", {{.endpoint_url = "http://localhost:4566", .region_name = "us-east-1"}});
struct Session_Kwargs_Lambda {
    std::string endpoint_url = {};
    std::string region_name = {};
    std::string aws_access_key_id = {};
    std::string aws_secret_access_key = {};
    std::string aws_session_token = {};
    std::string profile_name = {};
};

}  // namespace osbot_aws
