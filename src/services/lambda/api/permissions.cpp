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

Json policy_json(const services::Function_Policies::Policy& policy) {
    return {{"Policy", policy.text}, {"RevisionId", policy.revision_id}};
}

Result<Json> get_policy(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return front.functions.policies.find(call.account, fields.text_or("FunctionName"), fields.text_or("Qualifier"))
        .transform(&policy_json);
}

// ---- the same policies as whole documents, by ARN -------------------------------------------------------------------

Result<Json> get_resource_policy(Lambda_Front& front, const Call& call) {
    return front.functions.policies.find(call.account, call.fields().text_or("ResourceArn"), "")
        .transform(&policy_json);
}

Result<Json> put_resource_policy(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return front.functions.policies
        .put(call.account, fields.text_or("ResourceArn"), fields.text_or("Policy"), fields.text_or("RevisionId"))
        .transform(&policy_json);
}

Result<Json> delete_resource_policy(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        front.functions.policies.clear(call.account, fields.text_or("ResourceArn"), fields.text_or("RevisionId")));
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
            {{"AddPermission", &add_permission},
             {"DeleteResourcePolicy", &delete_resource_policy},
             {"GetPolicy", &get_policy},
             {"GetResourcePolicy", &get_resource_policy},
             {"PutResourcePolicy", &put_resource_policy},
             {"RemovePermission", &remove_permission}}};
}

}  // namespace osbot_aws::services
