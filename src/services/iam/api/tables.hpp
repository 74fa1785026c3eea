// The operations of IAM by topic, a file for each.
#pragma once

#include "services/iam/iam.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

Operations iam_role_operations(Iam& iam);
Operations iam_user_operations(Iam& iam);
Operations iam_group_operations(Iam& iam);
Operations iam_policy_operations(Iam& iam);
Operations iam_credential_operations(Iam& iam);
Operations iam_instance_profile_operations(Iam& iam);
Operations iam_provider_operations(Iam& iam);
Operations iam_mfa_operations(Iam& iam);
Operations iam_linked_role_operations(Iam& iam);
Operations iam_account_operations(Iam& iam);
Operations iam_certificate_operations(Iam& iam);
Operations iam_simulation_operations(Iam& iam);

}  // namespace osbot_aws::services
