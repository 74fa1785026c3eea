#pragma once

#include <string>

namespace osbot_aws {

/// Where calls go and as whom; what is empty comes from the environment and the shared files, as for every AWS client.
/// All services that an object uses go there: Lambda, and the S3, IAM and Logs calls it makes besides.
///
///     Lambda lambda_func("my-function", {{.endpoint_url = "http://localhost:4566", .region_name = "us-east-1"}});
struct Session_Kwargs_Lambda {
    std::string endpoint_url = {};           ///< http://127.0.0.1:4566; for all services
    std::string region_name = {};            ///< eu-west-1
    std::string aws_access_key_id = {};      ///< with the secret
    std::string aws_secret_access_key = {};  ///< with the id
    std::string aws_session_token = {};      ///< of temporary credentials
    std::string profile_name = {};           ///< of ~/.aws/config and ~/.aws/credentials
};

}  // namespace osbot_aws
