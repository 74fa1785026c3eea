#include "services/access/url_access.hpp"

#include <utility>

#include "aws/models/models.hpp"
#include "services/request_scope.hpp"

namespace osbot_aws::services {

Result<void> check_url_caller(const Authentication& authentication, const Authorization* authorization,
                              const wire::Request& request, const Function_Urls::Target& target) {
    const Request_Scope scope = scope_of(request);
    OSBOT_TRY(auto caller, authentication.caller(aws::lambda_model(), scope.account, scope.access_key_id,
                                                 session_token_of(request)));
    if (authorization == nullptr) return {};
    const std::string arn = qualified_arn(*target.function, target.url->qualifier);
    const auto allowed = [&](const char* action, Condition_Keys keys) {
        return authorization->authorize(aws::lambda_model(), caller, scope.account, request, {action, arn},
                                        std::move(keys));
    };
    // AWS has required both since October 2025.
    OSBOT_TRY(allowed("lambda:InvokeFunctionUrl", {{"lambda:functionurlauthtype", {target.url->auth_type}}}));
    return allowed("lambda:InvokeFunction", {{"lambda:invokedviafunctionurl", {"true"}}});
}

}  // namespace osbot_aws::services
