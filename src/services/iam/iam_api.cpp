#include "services/iam/iam_api.hpp"

#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {

Operations iam_operations(Iam& iam) {
    Operations all = iam_role_operations(iam);
    for (auto* table :
         {&iam_user_operations, &iam_group_operations, &iam_policy_operations, &iam_credential_operations,
          &iam_instance_profile_operations, &iam_provider_operations, &iam_mfa_operations, &iam_linked_role_operations,
          &iam_account_operations, &iam_certificate_operations, &iam_simulation_operations})
        all.add(table(iam));
    return all;
}

}  // namespace osbot_aws::services
