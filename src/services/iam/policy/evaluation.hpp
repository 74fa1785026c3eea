#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/iam/policy/statement.hpp"

namespace osbot_aws::services {

/// The function whose code sent a request. Policies of resources do not see it.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
constexpr const char* source_function_key = "lambda:sourcefunctionarn";

/// A policy: its name and its kind, for reports, and its statements.
struct Named_Policy {
    std::string id, type;
    std::shared_ptr<const Policy_Statements> statements;  ///< not null

    /// `document`: valid by the grammar (document.hpp). The statements of recent documents are cached, because each
    /// request evaluates the policies of its caller and its resource.
    static std::shared_ptr<const Named_Policy> parse(std::string id, std::string type, std::string_view document);
    std::set<std::string> condition_keys() const;  ///< that its conditions and variables read
};
/// Shared, because a call evaluates the policies of its caller for each of its resources.
using Policies = std::vector<std::shared_ptr<const Named_Policy>>;

/// Returns the policy of a resource. `document`: its text; "": it has none.
Policies resource_policies(std::string_view document);

enum class Decision { implicit_deny, allowed, explicit_deny };

struct Matched_Statement {
    const Named_Policy* policy;
    const Policy_Statement* statement;
};
enum class Policy_Kind { identity, resource, boundary, session };

struct Evaluation {
    Decision decision = Decision::implicit_deny;
    Policy_Kind denied_by = Policy_Kind::identity;  ///< that denied, or the first of those that do not allow
    std::vector<Matched_Statement> matched;         ///< those that decided
    std::optional<bool> allowed_by_boundary;
};

/// The policies that apply to a request.
struct Policy_Set {
    Policies identity;                   ///< of the caller and its groups
    std::optional<Policies> boundary;    ///< nullopt: the caller has none
    std::vector<Policies> sessions;      ///< of temporary credentials; each must allow
    Policies resource;                   ///< of the resource
    bool is_resource_sufficient = true;  ///< the caller and the resource are of the same account; else both must allow
    bool is_trust_policy = false;        ///< the policy of the resource must allow the caller or its account
};

/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Evaluation evaluate(const Policy_Set& policies, const Policy_Request& request);

/// Evaluates the policies of one kind, such as those of a level of an organization.
Evaluation evaluate(const Policies& policies, const Policy_Request& request);

std::string_view decision_text(Decision decision);  ///< as the simulation returns it

}  // namespace osbot_aws::services
