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

Policy aws_policy(const Json& json) {
    const std::string name = json.at("name"), path = json.at("path");
    const int version = json.at("version");
    Policy policy;
    policy.name = name;
    policy.id = json.value("id", derived_id(name));
    policy.arn = "arn:aws:iam::aws:policy" + path + name;
    policy.path = path;
    policy.created_at = json.at("created_at");
    policy.updated_at = json.at("updated_at");
    policy.versions = {{version, base::dump_json(json.at("document")), policy.updated_at}};
    policy.default_version = policy.last_version = version;
    return policy;
}

}  // namespace

const Policy_Version* Policy::version(int number) const {
    const auto found = std::ranges::find(versions, number, &Policy_Version::number);
    return found == versions.end() ? nullptr : &*found;
}

Json upgrade_policy(std::string_view value, int /*version*/) {
    Json policy = base::parse_json_or_throw(value);
    const Json created_at = policy.at("created_at");
    const Json first_version{{"number", 1}, {"document", policy.value("document", "")}, {"created_at", created_at}};
    Json all{{"updated_at", created_at},
             {"versions", Json::array({first_version})},
             {"default_version", 1},
             {"last_version", 1},
             {"tags", Tags{}}};
    all.update(policy);
    return all;
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
