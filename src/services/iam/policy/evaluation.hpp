#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/iam/policy/patterns.hpp"

namespace osbot_aws::services {

/// The function whose code sent a request. Policies of resources do not see it.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
constexpr const char* source_function_key = "lambda:sourcefunctionarn";

/// An action of a caller on a resource.
struct Policy_Request {
    std::string action;                        ///< "s3:GetObject"
    std::string resource;                      ///< an ARN, or "*"
    Condition_Keys keys;                       ///< of the request
    std::vector<std::string> principals = {};  ///< ARNs of the caller, for policies of resources
    /// ARNs for which a policy of a resource does not bypass the boundary and the session: of the role of a session.
    std::vector<std::string> limited_principals = {};
    /// The id and the root's ARN of the caller's account: a statement that denies them denies the caller.
    std::vector<std::string> account = {};
    std::string service = {};  ///< the caller, if it is a service: "lambda.amazonaws.com"
    bool is_trust = false;     ///< trust policies are evaluated, whose statements have no resource
};

struct Text_Position {
    int line = 0, column = 0;  ///< both from 1
};

/// A statement of a valid policy.
struct Policy_Statement {
    Json json;
    Text_Position begin, end;
    bool has_variables = true;  ///< since version 2012-10-17 of the language

    bool allows() const { return json.at("Effect") == "Allow"; }
    bool applies_to(const Policy_Request& request) const;
    /// Returns true if the statement of a resource's policy names the caller; also by its account, if it denies or
    /// `by_account`.
    bool names_caller_of(const Policy_Request& request, bool by_account) const;
};

using Policy_Statements = std::vector<Policy_Statement>;

/// A policy: its name and its kind, for reports, and its statements.
struct Named_Policy {
    std::string id, type;
    std::shared_ptr<const Policy_Statements> statements;  ///< not null

    /// `document`: valid by the grammar (document.hpp). The statements of recent documents are cached, because each
    /// request evaluates the policies of its caller and its resource.
    static Named_Policy parse(std::string id, std::string type, const std::string& document);
    std::set<std::string> condition_keys() const;  ///< that its conditions and variables read
};
using Policies = std::vector<Named_Policy>;

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
