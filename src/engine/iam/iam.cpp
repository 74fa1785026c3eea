#include "engine/iam/iam.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "base/random.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view role_kind = "iam_role", policy_kind = "iam_policy";

Error no_role(const std::string& name) {
    return {"NoSuchEntity", fmt::format("The role with name {} cannot be found.", name), 404};
}
Error no_policy(const std::string& arn) {
    return {"NoSuchEntity", fmt::format("Policy {} does not exist or is not attachable.", arn), 404};
}
Error malformed() { return {"MalformedPolicyDocument", "This policy contains invalid Json", 400}; }

Error unsatisfied(std::string_view value, std::string_view member, std::string_view constraint) {
    return {"ValidationError",
            fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}", value,
                        member, constraint)};
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
std::optional<Error> bad_name(const std::string& name, std::string_view member, std::size_t size_max) {
    static const std::regex allowed{R"([\w+=,.@-]+)"};
    if (name.empty()) return unsatisfied(name, member, "Member must have length greater than or equal to 1");
    if (name.size() > size_max) {
        return unsatisfied(name, member, fmt::format("Member must have length less than or equal to {}", size_max));
    }
    if (!std::regex_match(name, allowed)) {
        return Error{"ValidationError",
                     fmt::format("The specified value for {} is invalid. It must contain only alphanumeric characters "
                                 "and/or the following: +=,.@_-",
                                 member)};
    }
    return std::nullopt;
}

std::optional<Error> bad_path(const std::string& path) {
    if (path.size() <= 512 && path.starts_with('/') && path.ends_with('/')) return std::nullopt;
    return Error{"ValidationError",
                 "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
                 "characters and/or / characters."};
}

bool is_policy_document(const std::string& document) {
    const auto json = Json::parse(document, nullptr, false);
    return json.is_object() && json.contains("Statement");
}

std::string entity_id(std::string_view prefix) {
    auto id = std::string(prefix) + base::random_alphanumeric(17);
    std::ranges::transform(id, id.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return id;
}

Policy aws_policy(const std::string& name, const std::string& id, const Json& actions) {
    const Json document{{"Version", "2012-10-17"},
                        {"Statement", Json::array({{{"Effect", "Allow"}, {"Action", actions}, {"Resource", "*"}}})}};
    return {.name = name,
            .id = id,
            .arn = "arn:aws:iam::aws:policy/service-role/" + name,
            .path = "/service-role/",
            .document = document.dump(),
            .created_at = "2015-04-09T15:03:43Z"};
}

std::string role_key(const std::string& account_id, const std::string& name) { return account_id + ":" + name; }

Json to_json(const std::string& account_id, const Role& role) {
    return {{"account", account_id},
            {"name", role.name},
            {"id", role.id},
            {"arn", role.arn},
            {"path", role.path},
            {"description", role.description},
            {"trust_policy", role.trust_policy},
            {"session_s_max", role.session_s_max},
            {"created_at", role.created_at},
            {"inline_policies", role.inline_policies},
            {"attached", role.attached},
            {"tags", role.tags}};
}

Role role_from(const Json& json) {
    return {.name = json.at("name"),
            .id = json.at("id"),
            .arn = json.at("arn"),
            .path = json.at("path"),
            .description = json.at("description"),
            .trust_policy = json.at("trust_policy"),
            .session_s_max = json.at("session_s_max"),
            .created_at = json.at("created_at"),
            .inline_policies = json.at("inline_policies").get<std::map<std::string, std::string>>(),
            .attached = json.at("attached").get<std::vector<std::string>>(),
            .tags = json.at("tags").get<Tags>()};
}

Json to_json(const std::string& account_id, const Policy& policy) {
    return {{"account", account_id},
            {"name", policy.name},
            {"id", policy.id},
            {"arn", policy.arn},
            {"path", policy.path},
            {"description", policy.description},
            {"document", policy.document},
            {"created_at", policy.created_at}};
}

Policy policy_from(const Json& json) {
    return {.name = json.at("name"),
            .id = json.at("id"),
            .arn = json.at("arn"),
            .path = json.at("path"),
            .description = json.at("description"),
            .document = json.at("document"),
            .created_at = json.at("created_at")};
}

}  // namespace

// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
const std::vector<Policy>& Iam::aws_policies() {
    static const std::vector<Policy> all{
        aws_policy("AWSLambdaBasicExecutionRole", "ANPAJNCQGXC42545SKXIK",
                   {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}),
        aws_policy("AWSLambdaSQSQueueExecutionRole", "ANPAJFWJZI6JNND4TSELK",
                   {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:CreateLogGroup",
                    "logs:CreateLogStream", "logs:PutLogEvents"})};
    return all;
}

void Iam::load() {
    accounts_.clear();
    for (const auto& record : context_.store.load(role_kind)) {
        const auto json = Json::parse(record.value);
        auto role = role_from(json);
        accounts_[json.at("account")].roles[role.name] = std::move(role);
    }
    for (const auto& record : context_.store.load(policy_kind)) {
        const auto json = Json::parse(record.value);
        auto policy = policy_from(json);
        accounts_[json.at("account")].policies[policy.arn] = std::move(policy);
    }
}

const Role* Iam::find_role(const Account& account, const std::string& name) const {
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return nullptr;
    const auto role = entities->second.roles.find(name);
    return role == entities->second.roles.end() ? nullptr : &role->second;
}

Role* Iam::find_role(const Account& account, const std::string& name) {
    return const_cast<Role*>(std::as_const(*this).find_role(account, name));
}

void Iam::save(const Account& account, const Role& role) {
    context_.store.put(role_kind, role_key(account.id, role.name), to_json(account.id, role).dump());
}

Result<Role> Iam::create_role(const Account& account, const Create_Role& wanted) {
    if (auto error = bad_name(wanted.name, "roleName", 64)) return *error;
    if (auto error = bad_path(wanted.path)) return *error;
    if (!is_policy_document(wanted.trust_policy)) return malformed();
    if (wanted.session_s_max < 3600 || wanted.session_s_max > 43'200) {
        const bool low = wanted.session_s_max < 3600;
        return unsatisfied(std::to_string(wanted.session_s_max), "maxSessionDuration",
                           fmt::format("Member must have value {} than or equal to {}", low ? "greater" : "less",
                                       low ? 3600 : 43'200));
    }
    if (find_role(account, wanted.name)) {
        return Error{"EntityAlreadyExists", fmt::format("Role with name {} already exists.", wanted.name), 409};
    }
    const Role created{.name = wanted.name,
                       .id = entity_id("AROA"),
                       .arn = fmt::format("arn:aws:iam::{}:role{}{}", account.id, wanted.path, wanted.name),
                       .path = wanted.path,
                       .description = wanted.description,
                       .trust_policy = wanted.trust_policy,
                       .session_s_max = wanted.session_s_max,
                       .created_at = base::iso8601_z(context_.now()),
                       .tags = wanted.tags};
    accounts_[account.id].roles[wanted.name] = created;
    save(account, created);
    return created;
}

Result<Role> Iam::role(const Account& account, const std::string& name) const {
    const auto* found = find_role(account, name);
    if (!found) return no_role(name);
    return *found;
}

const Role* Iam::role_by_arn(const std::string& arn) const {
    static const std::regex shape{R"(arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+))"};
    std::smatch parts;
    if (!std::regex_match(arn, parts, shape)) return nullptr;
    const auto* role = find_role({.id = parts[1]}, parts[2]);
    return role && role->arn == arn ? role : nullptr;
}

std::vector<Role> Iam::roles(const Account& account, const std::string& path_prefix) const {
    std::vector<Role> found;
    if (const auto entities = accounts_.find(account.id); entities != accounts_.end()) {
        for (const auto& [name, role] : entities->second.roles) {
            if (role.path.starts_with(path_prefix)) found.push_back(role);
        }
    }
    return found;
}

Result<void> Iam::update_trust_policy(const Account& account, const std::string& role, const std::string& document) {
    auto* found = find_role(account, role);
    if (!found) return no_role(role);
    if (!is_policy_document(document)) return malformed();
    found->trust_policy = document;
    save(account, *found);
    return {};
}

Result<void> Iam::delete_role(const Account& account, const std::string& name) {
    const auto* role = find_role(account, name);
    if (!role) return no_role(name);
    if (!role->attached.empty()) {
        return Error{"DeleteConflict", "Cannot delete entity, must detach all policies first.", 409};
    }
    if (!role->inline_policies.empty()) {
        return Error{"DeleteConflict", "Cannot delete entity, must delete policies first.", 409};
    }
    context_.store.erase(role_kind, role_key(account.id, name));
    accounts_[account.id].roles.erase(name);
    return {};
}

Result<Policy> Iam::create_policy(const Account& account, const Create_Policy& wanted) {
    if (auto error = bad_name(wanted.name, "policyName", 128)) return *error;
    if (auto error = bad_path(wanted.path)) return *error;
    if (!is_policy_document(wanted.document)) return malformed();
    const Policy created{.name = wanted.name,
                         .id = entity_id("ANPA"),
                         .arn = fmt::format("arn:aws:iam::{}:policy{}{}", account.id, wanted.path, wanted.name),
                         .path = wanted.path,
                         .description = wanted.description,
                         .document = wanted.document,
                         .created_at = base::iso8601_z(context_.now())};
    if (!accounts_[account.id].policies.try_emplace(created.arn, created).second) {
        return Error{"EntityAlreadyExists",
                     fmt::format("A policy called {} already exists. Duplicate names are not allowed.", wanted.name),
                     409};
    }
    context_.store.put(policy_kind, created.arn, to_json(account.id, created).dump());
    return created;
}

Result<Policy> Iam::policy(const Account& account, const std::string& arn) const {
    for (const auto& policy : aws_policies()) {
        if (policy.arn == arn) return policy;
    }
    if (const auto entities = accounts_.find(account.id); entities != accounts_.end()) {
        const auto policy = entities->second.policies.find(arn);
        if (policy != entities->second.policies.end()) return policy->second;
    }
    return Error{"NoSuchEntity", fmt::format("Policy {} was not found.", arn), 404};
}

std::vector<Policy> Iam::policies(const Account& account, const std::string& path_prefix) const {
    std::vector<Policy> found;
    if (const auto entities = accounts_.find(account.id); entities != accounts_.end()) {
        for (const auto& [arn, policy] : entities->second.policies) {
            if (policy.path.starts_with(path_prefix)) found.push_back(policy);
        }
    }
    return found;
}

Result<void> Iam::delete_policy(const Account& account, const std::string& arn) {
    if (auto found = policy(account, arn); !found) return found.error();
    if (arn.starts_with("arn:aws:iam::aws:")) {
        return Error{"AccessDenied", fmt::format("{} is a policy of AWS and can't be deleted.", arn), 403};
    }
    if (attachments(account, arn) > 0) {
        return Error{"DeleteConflict", "Cannot delete a policy attached to entities.", 409};
    }
    context_.store.erase(policy_kind, arn);
    accounts_[account.id].policies.erase(arn);
    return {};
}

int Iam::attachments(const Account& account, const std::string& policy_arn) const {
    const auto entities = accounts_.find(account.id);
    if (entities == accounts_.end()) return 0;
    return static_cast<int>(std::ranges::count_if(entities->second.roles, [&](const auto& named) {
        return std::ranges::find(named.second.attached, policy_arn) != named.second.attached.end();
    }));
}

Result<void> Iam::attach(const Account& account, const std::string& role, const std::string& policy_arn) {
    auto* found = find_role(account, role);
    if (!found) return no_role(role);
    if (!policy(account, policy_arn)) return no_policy(policy_arn);
    if (std::ranges::find(found->attached, policy_arn) != found->attached.end()) return {};
    found->attached.push_back(policy_arn);
    save(account, *found);
    return {};
}

Result<void> Iam::detach(const Account& account, const std::string& role, const std::string& policy_arn) {
    auto* found = find_role(account, role);
    if (!found) return no_role(role);
    if (std::erase(found->attached, policy_arn) == 0) {
        return Error{"NoSuchEntity", fmt::format("Policy {} was not found.", policy_arn), 404};
    }
    save(account, *found);
    return {};
}

Result<std::vector<Policy>> Iam::attached(const Account& account, const std::string& role) const {
    const auto* found = find_role(account, role);
    if (!found) return no_role(role);
    std::vector<Policy> policies;
    for (const auto& arn : found->attached) {
        if (auto one = policy(account, arn)) policies.push_back(*one);
    }
    return policies;
}

Result<void> Iam::put_inline(const Account& account, const std::string& role, const std::string& policy,
                             const std::string& document) {
    if (auto error = bad_name(policy, "policyName", 128)) return *error;
    auto* found = find_role(account, role);
    if (!found) return no_role(role);
    if (!is_policy_document(document)) return malformed();
    found->inline_policies[policy] = document;
    save(account, *found);
    return {};
}

Result<std::string> Iam::inline_document(const Account& account, const std::string& role,
                                         const std::string& policy) const {
    const auto* found = find_role(account, role);
    if (!found) return no_role(role);
    const auto document = found->inline_policies.find(policy);
    if (document == found->inline_policies.end()) {
        return Error{"NoSuchEntity", fmt::format("The role policy with name {} cannot be found.", policy), 404};
    }
    return document->second;
}

Result<void> Iam::delete_inline(const Account& account, const std::string& role, const std::string& policy) {
    if (auto document = inline_document(account, role, policy); !document) return document.error();
    auto* found = find_role(account, role);
    found->inline_policies.erase(policy);
    save(account, *found);
    return {};
}

}  // namespace osbot_aws::engine
