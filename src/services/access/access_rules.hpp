#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/model.hpp"
#include "services/access/access_state.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// A call, from which the names of its resources are read.
struct Access_Input {
    const Access_State& state;
    const Call& call;

    std::string text(std::string_view member) const { return call.fields().text_or(member); }
    /// Returns an ARN in the account and the region of the call: arn:aws:<service>:<region>:<account>:<resource>
    std::string regional(std::string_view service, std::string_view resource) const;
    /// The same without a region, for IAM and STS.
    std::string global(std::string_view service, std::string_view resource) const;
};

/// A resource of a call.
struct Resource {
    Resource(const char* arn_) : arn(arn_) {}
    Resource(std::string arn_, std::string version_ = {}) : arn(std::move(arn_)), version(std::move(version_)) {}

    std::string arn;      ///< "*": the action has no resource
    std::string version;  ///< of an object; "": the current one
};
using Resources = std::vector<Resource>;
using Resources_Of = Resources (*)(const Access_Input&);

/// The operations whose resources are of the same type.
struct Resource_Group {
    Resources_Of resources;
    std::string_view operations;  ///< names, separated by spaces
};
/// An operation whose action has another name.
struct Renamed_Action {
    std::string_view operation, action;
    std::string_view with = {};  ///< only if the input has this member. Such an entry is before that without a member
};
/// An action that is required in addition to that of the operation, if the input has one of the members. A flag counts
/// only if it is true.
struct Additional_Action {
    std::string_view operation, members, action;  ///< members: separated by spaces; action: with the prefix
    Resources_Of resources;
};

/// The permissions that the operations of a service require.
/// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
struct Access_Rules {
    std::string_view prefix;  ///< of its actions
    std::span<const Resource_Group> groups;
    std::span<const Renamed_Action> renamed;
    std::span<const Additional_Action> additional;
    std::string_view unchecked;  ///< the operations that require no permission, or ask for each of their resources
    std::string_view own_account_only = {};  ///< the operations that a policy cannot permit to other accounts

    /// Returns how to find the resources of an operation; nullptr: the rules do not have it.
    Resources_Of resources_of(std::string_view operation) const;
    bool is_unchecked(std::string_view operation) const;
    bool is_own_account_only(std::string_view operation) const;
};

const Access_Rules& iam_access_rules();
const Access_Rules& lambda_access_rules();
const Access_Rules& logs_access_rules();
const Access_Rules& s3_access_rules();
const Access_Rules& sqs_access_rules();
const Access_Rules& sts_access_rules();
/// Returns the rules of a service.
const Access_Rules& access_rules_of(const aws::Service& service);

/// An action on a resource that a call requires.
struct Required_Action {
    std::string action, resource;
    std::string version = {};          ///< of an object; "": the current one
    std::string if_match = {};         ///< the ETags of a condition for an object of a batch
    bool is_own_account_only = false;  ///< the policy of the resource cannot permit it to other accounts
};
/// Returns the actions that the caller of an operation must be allowed to perform, in the order of the checks.
std::vector<Required_Action> required_actions(const aws::Service& service, const aws::Operation& operation,
                                              const Access_Input& input);

// ---- resources that several services have ----

inline Resources any_resource(const Access_Input&) { return {"*"}; }

/// The name of a member, as a template argument.
template <std::size_t size>
struct Member_Name {
    constexpr Member_Name(const char (&name)[size]) {
        for (std::size_t i = 0; i < size; ++i) text[i] = name[i];
    }
    char text[size]{};
};
/// The resource is a member that is an ARN.
template <Member_Name member>
Resources arn_in(const Access_Input& input) {
    std::string arn = input.text(member.text);
    return {arn.empty() ? std::string("*") : std::move(arn)};
}

}  // namespace osbot_aws::services
