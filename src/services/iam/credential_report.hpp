#pragma once

#include <string>

#include "services/iam/iam.hpp"

namespace osbot_aws::services {

/// Returns the credentials of an account's root and users as CSV.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
std::string credential_report(const Iam& iam, const Account& account);

}  // namespace osbot_aws::services
