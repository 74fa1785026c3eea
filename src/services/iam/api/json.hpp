// The entities that responses of several topics have.
#pragma once

#include "services/iam/iam.hpp"

namespace osbot_aws::services {

Json user_json(const User& user);  ///< without tags and boundary, as in lists
Json tagged_user_json(const User& user);
Json group_json(const Group& group);
Json basic_role_json(const Role& role);    ///< only what the role of an instance profile has
Json role_json(const Role& role);          ///< as Create operations return it
Json role_details_json(const Role& role);  ///< with the session durations and the last use
Json instance_profile_json(const Iam& iam, const Instance_Profile& profile);
Json policy_json(const Iam& iam, const std::string& account, const Policy& policy);
Json policy_version_json(const Policy& policy, const Policy_Version& version);
/// Returns the number of users, groups and roles that have the policy attached, or as their permissions boundary.
std::size_t attachment_count(const Iam& iam, const std::string& account, const std::string& arn);
std::size_t boundary_count(const Iam& iam, const std::string& account, const std::string& arn);

}  // namespace osbot_aws::services
