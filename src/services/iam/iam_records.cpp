#include "services/iam/iam_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/characters.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

// Not all ids of AWS managed policies are public. The other policies get a stable id, a hash of the name.
std::string derived_id(const std::string& name) {
    auto digits = base::sha256_hex(name).substr(0, 17);
    std::ranges::transform(digits, digits.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return "ANPA" + digits;
}

/// Replaces the partition of the ARNs in a document.
std::string in_partition(std::string document, std::string_view partition) {
    constexpr std::string_view original = "\"arn:aws:";
    if (partition == "aws") return document;
    const std::string replacement = fmt::format("\"arn:{}:", partition);
    for (std::size_t at = document.find(original); at != std::string::npos; at = document.find(original, at + 1))
        document.replace(at, original.size(), replacement);
    return document;
}

/// Reads a line of aws_policies.tsv: tools/make_aws_policies lists its columns.
Policy aws_policy(std::string_view line, std::string_view partition) {
    const auto next = [&] { return std::string(base::take_until(line, '\t')); };
    Policy policy;
    policy.name = next();
    policy.path = next();
    policy.default_version = policy.last_version = base::parse_number<int>(next()).value();
    policy.created_at = next();
    policy.updated_at = next();
    policy.id = next();
    if (policy.id.empty()) policy.id = derived_id(policy.name);
    policy.description = next();
    policy.arn = wire::Arn{partition, "iam", "", "aws", "policy" + policy.path + policy.name}.text();
    policy.versions = {{policy.last_version, in_partition(std::string(line), partition), policy.updated_at}};
    return policy;
}

}  // namespace

Iam_Scope scope_in(std::string_view arn) {
    const auto parts = wire::Arn::parse(arn);
    return parts ? Iam_Scope{std::string(parts->account), parts->partition} : Iam_Scope{"", ""};
}

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

std::vector<Policy> read_aws_policies(std::string_view table, std::string_view partition) {
    std::vector<Policy> policies;
    while (!table.empty()) policies.push_back(aws_policy(base::take_until(table, '\n'), partition));
    std::ranges::sort(policies, {}, &Policy::arn);
    return policies;
}

}  // namespace osbot_aws::services
