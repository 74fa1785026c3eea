#include <fmt/format.h>

#include <osbot_aws/aws/lambda_/Lambda_With_Temp_Role.hpp>

#include "base/zip_writer.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

constexpr const char* echo_code = "def run(event, context):\n    return event\n";

}  // namespace

Status Lambda_With_Temp_Role::create() try {
    if (role.empty()) temp_role_create();
    if (!has_code(*this) && folder_code.empty()) {
        if (handler.empty()) handler = "handler.run";
        const std::string module = handler.substr(0, handler.rfind('.'));
        zip_bytes = base::write_zip({{.path = module + ".py", .file = {}, .bytes = echo_code}}).value();
    }
    return Lambda::create();
} catch (const Aws_Exception& error) { return error_status(name, error.error()); }

IAM_Role Lambda_With_Temp_Role::temp_role_create() {
    IAM_Role temp_role(temp_role_name, session());
    if (temp_role_recreate) temp_role.delete_();
    const Role_Status status = temp_role.create_for_lambda();
    if (status.status == "error") throw Aws_Exception({"RoleFailed", status.error, 0});
    Json actions = Json::array();
    for (const std::string& service : temp_role_services)
        actions.push_back(fmt::format("{}:{}", service, temp_role_action));
    temp_role.put_policy(
        "temp_role_services",
        {{"Version", "2012-10-17"},
         {"Statement", {{{"Effect", "Allow"}, {"Action", actions}, {"Resource", temp_role_resource}}}}});
    role = status.role_arn;
    return temp_role;
}

IAM_Role Lambda_With_Temp_Role::temp_role_iam_reset_credentials() {
    role.clear();
    return IAM_Role(temp_role_name, session());
}

}  // namespace osbot_aws
