// Resource policies of functions: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
#include "base/json.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

services::Add_Permission add_permission_params(const aws::Fields& input) {
    return {.name = input.text_or("FunctionName"),
            .qualifier = input.text_or("Qualifier"),
            .statement_id = input.text_or("StatementId"),
            .action = input.text_or("Action"),
            .principal = input.text_or("Principal"),
            .source_arn = input.text_or("SourceArn"),
            .source_account = input.text_or("SourceAccount"),
            .event_source_token = input.text_or("EventSourceToken"),
            .principal_org_id = input.text_or("PrincipalOrgID"),
            .function_url_auth_type = input.text_or("FunctionUrlAuthType"),
            .revision_id = input.text_or("RevisionId"),
            .invoked_via_function_url = input.flag("InvokedViaFunctionUrl")};
}

Result<Json> add_permission(Lambda_Front& front, const Call& call) {
    OSBOT_TRY(const auto statement, front.functions.policies.add(call.account, add_permission_params(call.fields())));
    return Json{{"Statement", base::dump_json(statement)}};
}

Result<Json> get_policy(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto policy,
              front.functions.policies.find(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier")));
    return Json{{"Policy", policy.text}, {"RevisionId", policy.revision_id}};
}

Result<Json> remove_permission(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(front.functions.policies.remove(call.account, fields.text_or("FunctionName"),
                                                     fields.text_or("StatementId"), fields.text_or("Qualifier"),
                                                     fields.text_or("RevisionId")));
}

}  // namespace

Operations lambda_permissions(Lambda_Front& front) {
    return {front,
            {{"AddPermission", &add_permission}, {"GetPolicy", &get_policy}, {"RemovePermission", &remove_permission}}};
}

}  // namespace osbot_aws::services
