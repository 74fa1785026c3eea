#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "services/iam/policy/conditions.hpp"
#include "services/iam/policy/patterns.hpp"
#include "services/iam/policy/principals.hpp"

namespace osbot_aws::services {

/// An action of a caller on a resource.
struct Policy_Request {
    std::string action;                           ///< "s3:GetObject"
    std::string resource;                         ///< an ARN, or "*"
    Condition_Keys keys;                          ///< of the request
    const Condition_Keys* shared_keys = nullptr;  ///< of the call that makes several requests
    Policy_Principals principals = {};            ///< the caller, for policies of resources
    /// The role of a session: a policy of a resource that names it does not bypass the boundary and the session.
    Policy_Principals limited_principals = {};
    /// The caller's account, by its id, its root and its canonical user: a statement that denies it denies the caller.
    Policy_Principals account = {};
};

struct Text_Position {
    int line = 0, column = 0;  ///< both from 1
};

/// How a statement of a resource's policy names a caller.
enum class Named { not_at_all, by_account, by_role, directly };

/// A statement of a policy, prepared once for all requests.
class Policy_Statement {
public:
    Text_Position begin, end;

    /// `json`: has an effect. `has_variables`: since version 2012-10-17 of the language.
    Policy_Statement(const Json& json, bool has_variables);

    bool allows() const { return allows_; }
    /// `is_trust`: the statement is of a trust policy, which has no resource.
    bool applies_to(const Policy_Request& request, bool is_trust) const;
    Named names_caller_of(const Policy_Request& request) const;
    std::set<std::string> read_keys() const;  ///< that its conditions and variables read

private:
    /// Action or NotAction, Resource or NotResource.
    struct Element {
        std::vector<Policy_Text> texts;
        bool is_negated = false;

        static std::optional<Element> of(const Json& statement, const char* name, const char* negated,
                                         bool has_variables);
        /// Returns `yes` if `test` does so for a text, or for none if the element is negated.
        template <class Test>
        Matched matches(const Test& test) const {
            const Matched any = any_matches(texts, test);
            return is_negated ? negated(any) : any;
        }
    };
    Matched matches_action(const Policy_Request& request) const;
    Matched matches_resource(const Policy_Request& request, bool is_trust) const;
    Named caller_in_principals(const Policy_Request& request) const;

    bool allows_;
    std::optional<Element> actions_, resources_;
    Policy_Conditions conditions_;
    Policy_Principals principals_;
    bool names_everyone_ = false, are_principals_negated_ = false;
};

using Policy_Statements = std::vector<Policy_Statement>;

/// Returns the statements of a document. Invalid statements of old records are left out.
Policy_Statements statements_in(std::string_view document);

}  // namespace osbot_aws::services
