#include "server/iam_api.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/numbers.hpp"
#include "base/random.hpp"
#include "wire/errors.hpp"
#include "wire/query.hpp"

namespace osbot_aws::server {
namespace {

using engine::Account;
using engine::Iam;
using wire::add_element;
using Asked = wire::Query_Request;

constexpr const char* name_space = "https://iam.amazonaws.com/doc/2010-05-08/";

std::string or_else(std::string text, const char* otherwise) { return text.empty() ? otherwise : std::move(text); }

void show_tags(pugi::xml_node parent, const engine::Tags& tags) {
    if (tags.empty()) return;
    auto list = parent.append_child("Tags");
    for (const auto& [key, value] : tags) {
        auto member = list.append_child("member");
        add_element(member, "Key", key);
        add_element(member, "Value", value);
    }
}

void show(pugi::xml_node at, const engine::Role& role) {
    add_element(at, "Path", role.path);
    add_element(at, "RoleName", role.name);
    add_element(at, "RoleId", role.id);
    add_element(at, "Arn", role.arn);
    add_element(at, "CreateDate", role.created_at);
    // Documents are percent-encoded in IAM's answers; SDKs decode them.
    add_element(at, "AssumeRolePolicyDocument", wire::percent_encode(role.trust_policy));
    if (!role.description.empty()) add_element(at, "Description", role.description);
    add_element(at, "MaxSessionDuration", std::to_string(role.session_s_max));
    show_tags(at, role.tags);
}

void show(pugi::xml_node at, const engine::Policy& policy, int attachments) {
    add_element(at, "PolicyName", policy.name);
    add_element(at, "PolicyId", policy.id);
    add_element(at, "Arn", policy.arn);
    add_element(at, "Path", policy.path);
    add_element(at, "DefaultVersionId", "v1");
    add_element(at, "AttachmentCount", std::to_string(attachments));
    add_element(at, "PermissionsBoundaryUsageCount", "0");
    add_element(at, "IsAttachable", true);
    if (!policy.description.empty()) add_element(at, "Description", policy.description);
    add_element(at, "CreateDate", policy.created_at);
    add_element(at, "UpdateDate", policy.created_at);
}

/// Adds the items from Marker on, MaxItems of them; `name` is what a marker is: the name of the last one shown.
template <class Items, class Name, class Show>
void show_page(const Asked& asked, pugi::xml_node result, const char* list_name, const Items& items, Name name,
               Show show_one) {
    const auto asked_max = asked.text("MaxItems");
    const int max = std::clamp(base::parse_number<int>(asked_max).value_or(100), 1, 1000);
    auto next = items.begin();
    if (const auto marker = asked.text("Marker"); !marker.empty()) {
        next = std::find_if(items.begin(), items.end(), [&](const auto& item) { return name(item) == marker; });
        if (next != items.end()) ++next;
    }
    auto list = result.append_child(list_name);
    std::string last;
    for (int shown = 0; next != items.end() && shown < max; ++next, ++shown) {
        show_one(list.append_child("member"), *next);
        last = name(*next);
    }
    add_element(result, "IsTruncated", next != items.end());
    if (next != items.end()) add_element(result, "Marker", last);
}

using Operation = Result<void> (*)(Iam&, const Account&, const Asked&, pugi::xml_node result);

Result<void> create_role(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto duration = asked.text("MaxSessionDuration");
    const auto role = iam.create_role(
        account, {.name = asked.text("RoleName"),
                  .path = or_else(asked.text("Path"), "/"),
                  .trust_policy = asked.text("AssumeRolePolicyDocument"),
                  .description = asked.text("Description"),
                  .session_s_max = base::parse_number<int>(duration).value_or(duration.empty() ? 3600 : 0),
                  .tags = asked.pairs("Tags")});
    if (!role) return role.error();
    show(result.append_child("Role"), *role);
    return {};
}

Result<void> role_of(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto role = iam.role(account, asked.text("RoleName"));
    if (!role) return role.error();
    show(result.append_child("Role"), *role);
    return {};
}

Result<void> list_roles(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    show_page(
        asked, result, "Roles", iam.roles(account, asked.text("PathPrefix")),
        [](const engine::Role& role) { return role.name; },
        [](pugi::xml_node at, const engine::Role& role) { show(at, role); });
    return {};
}

Result<void> create_policy(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto policy = iam.create_policy(account, {.name = asked.text("PolicyName"),
                                                    .path = or_else(asked.text("Path"), "/"),
                                                    .document = asked.text("PolicyDocument"),
                                                    .description = asked.text("Description")});
    if (!policy) return policy.error();
    show(result.append_child("Policy"), *policy, 0);
    return {};
}

Result<void> policy_of(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto policy = iam.policy(account, asked.text("PolicyArn"));
    if (!policy) return policy.error();
    show(result.append_child("Policy"), *policy, iam.attachments(account, policy->arn));
    return {};
}

Result<void> policy_version(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto policy = iam.policy(account, asked.text("PolicyArn"));
    if (!policy) return policy.error();
    if (asked.text("VersionId") != "v1") {
        return Error{
            "NoSuchEntity",
            "Policy " + policy->arn + " version " + asked.text("VersionId") + " does not exist or is not attachable.",
            404};
    }
    auto version = result.append_child("PolicyVersion");
    add_element(version, "Document", wire::percent_encode(policy->document));
    add_element(version, "VersionId", "v1");
    add_element(version, "IsDefaultVersion", true);
    add_element(version, "CreateDate", policy->created_at);
    return {};
}

Result<void> list_policies(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto scope = or_else(asked.text("Scope"), "All"), prefix = asked.text("PathPrefix");
    std::vector<engine::Policy> policies;
    if (scope != "AWS") policies = iam.policies(account, prefix);
    for (const auto& policy : Iam::aws_policies()) {
        if (scope != "Local" && policy.path.starts_with(prefix)) policies.push_back(policy);
    }
    if (asked.text("OnlyAttached") == "true") {
        std::erase_if(policies, [&](const auto& policy) { return iam.attachments(account, policy.arn) == 0; });
    }
    show_page(
        asked, result, "Policies", policies, [](const engine::Policy& policy) { return policy.arn; },
        [&](pugi::xml_node at, const engine::Policy& policy) {
            show(at, policy, iam.attachments(account, policy.arn));
        });
    return {};
}

Result<void> list_attached(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto policies = iam.attached(account, asked.text("RoleName"));
    if (!policies) return policies.error();
    show_page(
        asked, result, "AttachedPolicies", *policies, [](const engine::Policy& policy) { return policy.arn; },
        [](pugi::xml_node at, const engine::Policy& policy) {
            add_element(at, "PolicyName", policy.name);
            add_element(at, "PolicyArn", policy.arn);
        });
    return {};
}

Result<void> list_inline(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto role = iam.role(account, asked.text("RoleName"));
    if (!role) return role.error();
    show_page(
        asked, result, "PolicyNames", role->inline_policies, [](const auto& named) { return named.first; },
        [](pugi::xml_node at, const auto& named) { at.text().set(named.first.c_str()); });
    return {};
}

Result<void> inline_policy(Iam& iam, const Account& account, const Asked& asked, pugi::xml_node result) {
    const auto document = iam.inline_document(account, asked.text("RoleName"), asked.text("PolicyName"));
    if (!document) return document.error();
    add_element(result, "RoleName", asked.text("RoleName"));
    add_element(result, "PolicyName", asked.text("PolicyName"));
    add_element(result, "PolicyDocument", wire::percent_encode(*document));
    return {};
}

const std::map<std::string, Operation>& operations() {
    using Node = pugi::xml_node;
    static const std::map<std::string, Operation> all{
        {"CreateRole", create_role},
        {"GetRole", role_of},
        {"ListRoles", list_roles},
        {"CreatePolicy", create_policy},
        {"GetPolicy", policy_of},
        {"GetPolicyVersion", policy_version},
        {"ListPolicies", list_policies},
        {"ListAttachedRolePolicies", list_attached},
        {"ListRolePolicies", list_inline},
        {"GetRolePolicy", inline_policy},
        {"DeleteRole",
         [](Iam& i, const Account& a, const Asked& q, Node) { return i.delete_role(a, q.text("RoleName")); }},
        {"DeletePolicy",
         [](Iam& i, const Account& a, const Asked& q, Node) { return i.delete_policy(a, q.text("PolicyArn")); }},
        {"UpdateAssumeRolePolicy",
         [](Iam& i, const Account& a, const Asked& q, Node) {
             return i.update_trust_policy(a, q.text("RoleName"), q.text("PolicyDocument"));
         }},
        {"AttachRolePolicy", [](Iam& i, const Account& a, const Asked& q,
                                Node) { return i.attach(a, q.text("RoleName"), q.text("PolicyArn")); }},
        {"DetachRolePolicy", [](Iam& i, const Account& a, const Asked& q,
                                Node) { return i.detach(a, q.text("RoleName"), q.text("PolicyArn")); }},
        {"PutRolePolicy",
         [](Iam& i, const Account& a, const Asked& q, Node) {
             return i.put_inline(a, q.text("RoleName"), q.text("PolicyName"), q.text("PolicyDocument"));
         }},
        {"DeleteRolePolicy", [](Iam& i, const Account& a, const Asked& q,
                                Node) { return i.delete_inline(a, q.text("RoleName"), q.text("PolicyName")); }},
    };
    return all;
}

}  // namespace

void Iam_Api::handle(const Account& account, wire::Request request, Reply reply) {
    const auto request_id = base::uuid4();
    const Asked asked{request};
    const auto operation = operations().find(asked.action());
    if (operation == operations().end()) {
        return reply(wire::query_error(wire::not_implemented("IAM", asked.action()), request_id, name_space));
    }
    wire::Query_Answer answer{asked.action(), name_space};
    const auto outcome = operation->second(iam_, account, asked, answer.result());
    if (!outcome) return reply(wire::query_error(outcome.error(), request_id, name_space));
    // An operation without output has no result element.
    const bool has_result = !answer.result().first_child().empty();
    reply(answer.response(request_id, has_result));
}

}  // namespace osbot_aws::server
