#pragma once

#include "services/access/authentication.hpp"
#include "services/access/authorization.hpp"
#include "services/lambda/function_urls.hpp"

namespace osbot_aws::services {

/// Checks the sender of a signed request to a function URL with AuthType AWS_IAM. Its signature is valid.
/// `authorization`: nullptr: policies are not enforced.
/// Errors: those of access_error(); AccessDeniedException.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
Result<void> check_url_caller(const Authentication& authentication, const Authorization* authorization,
                              const wire::Request& request, const Function_Urls::Target& target);

}  // namespace osbot_aws::services
