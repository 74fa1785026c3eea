#include "services/iam/iam_records.hpp"

#include <algorithm>
#include <cctype>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "embedded/aws_policies_json.hpp"

namespace osbot_aws::services {
namespace {

// Not all ids of AWS managed policies are public. The other policies get a stable id, a hash of the name.
std::string derived_id(const std::string& name) {
    auto digits = base::sha256_hex(name).substr(0, 17);
    std::ranges::transform(digits, digits.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return "ANPA" + digits;
}

std::optional<int> positive(int number) { return number > 0 ? std::optional(number) : std::nullopt; }

Policy aws_policy(const Json& json) {
    const std::string name = json.at("name"), path = json.at("path");
    const int version = json.at("version");
    return {.name = name,
            .id = json.value("id", derived_id(name)),
            .arn = "arn:aws:iam::aws:policy" + path + name,
            .path = path,
            .description = "",
            .created_at = json.at("created_at"),
            .updated_at = json.at("updated_at"),
            .versions = {{version, base::dump_json(json.at("document")), json.at("updated_at")}},
            .default_version = version,
            .last_version = version,
            .tags = {}};
}

}  // namespace

Json record_of(const std::string& account_id, const Role& role) {
    return {{"account", account_id},
            {"name", role.name},
            {"id", role.id},
            {"arn", role.arn},
            {"path", role.path},
            {"description", role.description},
            {"trust_policy", role.trust_policy},
            {"session_s_max", role.session_s_max},
            {"signin_s_max", role.signin_s_max.value_or(0)},
            {"created_at", role.created_at},
            {"inline_policies", role.inline_policies},
            {"attached", role.attached},
            {"tags", role.tags},
            {"boundary", role.permissions_boundary},
            {"used_at", role.last_used_at},
            {"used_in", role.last_used_region}};
}

Role role_from(const Json& record) {
    return {.name = record.at("name"),
            .id = record.at("id"),
            .arn = record.at("arn"),
            .path = record.at("path"),
            .description = record.at("description"),
            .trust_policy = record.at("trust_policy"),
            .session_s_max = record.at("session_s_max"),
            .signin_s_max = positive(record.value("signin_s_max", 0)),
            .created_at = record.at("created_at"),
            .inline_policies = record.at("inline_policies").get<std::map<std::string, std::string>>(),
            .attached = record.at("attached").get<std::vector<std::string>>(),
            .tags = record.at("tags").get<Tags>(),
            .permissions_boundary = record.value("boundary", ""),
            .last_used_at = record.value("used_at", ""),
            .last_used_region = record.value("used_in", "")};
}

Json record_of(const std::string& account_id, const Policy& policy) {
    Json versions = Json::array();
    for (const auto& version : policy.versions) {
        versions.push_back(
            {{"number", version.number}, {"document", version.document}, {"created_at", version.created_at}});
    }
    return {{"account", account_id},
            {"name", policy.name},
            {"id", policy.id},
            {"arn", policy.arn},
            {"path", policy.path},
            {"description", policy.description},
            {"created_at", policy.created_at},
            {"updated_at", policy.updated_at},
            {"versions", std::move(versions)},
            {"default_version", policy.default_version},
            {"last_version", policy.last_version},
            {"tags", policy.tags}};
}

Policy policy_from(const Json& record) {
    const std::string created_at = record.at("created_at");
    Policy policy{.name = record.at("name"),
                  .id = record.at("id"),
                  .arn = record.at("arn"),
                  .path = record.at("path"),
                  .description = record.at("description"),
                  .created_at = created_at,
                  .updated_at = record.value("updated_at", created_at),
                  .versions = {},
                  .default_version = record.value("default_version", 1),
                  .last_version = record.value("last_version", 1),
                  .tags = record.value("tags", Tags{})};
    if (!record.contains("versions")) policy.versions.push_back({1, record.at("document"), created_at});
    for (const auto& version : record.value("versions", Json::array())) {
        policy.versions.push_back({version.at("number"), version.at("document"), version.at("created_at")});
    }
    return policy;
}

const std::vector<Policy>& aws_managed_policies() {
    static const auto all = [] {
        std::vector<Policy> policies;
        for (const auto& policy : base::parse_json_or_throw(embedded::aws_policies_json))
            policies.push_back(aws_policy(policy));
        std::ranges::sort(policies, {}, &Policy::arn);
        return policies;
    }();
    return all;
}

}  // namespace osbot_aws::services
