// The entities that responses of several topics have.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "services/iam/iam.hpp"

namespace osbot_aws::services {

Json user_json(const User& user);  ///< without tags and boundary, as in lists
Json tagged_user_json(const User& user);
Json group_json(const Group& group);
Json basic_role_json(const Role& role);    ///< only what the role of an instance profile has
Json role_json(const Role& role);          ///< as Create operations return it
Json role_details_json(const Role& role);  ///< with the session durations and the last use
Json instance_profile_json(const Iam& iam, const Instance_Profile& profile);

/// How many users, groups and roles of an account use each policy, by ARN. Counted once for a list of policies.
struct Policy_Usage {
    std::map<std::string, std::size_t> attached = {}, as_boundary = {};

    std::size_t attached_to(const std::string& arn) const { return count_in(attached, arn); }
    std::size_t boundary_of(const std::string& arn) const { return count_in(as_boundary, arn); }

private:
    static std::size_t count_in(const std::map<std::string, std::size_t>& counts, const std::string& arn) {
        const auto found = counts.find(arn);
        return found == counts.end() ? 0 : found->second;
    }
};
Policy_Usage policy_usage(const Iam& iam, const Iam_Scope& scope);

Json policy_json(const Policy_Usage& usage, const Policy& policy);
Json policy_version_json(const Policy& policy, const Policy_Version& version);

}  // namespace osbot_aws::services
