#include "services/iam/policy/principals.hpp"

#include <algorithm>
#include <iterator>

#include "base/characters.hpp"
#include "base/hash.hpp"
#include "wire/account_id.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

struct Kind_Name {
    std::string_view text;
    Principal_Type kind;
};
constexpr Kind_Name kind_names[] = {{"AWS", Principal_Type::aws},
                                    {"Service", Principal_Type::service},
                                    {"Federated", Principal_Type::federated},
                                    {"CanonicalUser", Principal_Type::canonical_user}};

bool has_wildcards(std::string_view name) { return name.find_first_of("*?") != std::string_view::npos; }

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

/// Returns the parts of an ARN of IAM or STS, which has no region.
std::optional<wire::Arn> global_arn(std::string_view text) {
    const auto arn = wire::Arn::parse(text);
    return arn && arn->partition.starts_with("aws") && arn->region.empty() ? arn : std::nullopt;
}

/// Groups and identity providers are not principals of AWS. Content delivery has users without an account.
bool is_aws_name(std::string_view name) {
    if (name == "*" || wire::is_account_id(name)) return true;
    const auto arn = global_arn(name);
    if (!arn || has_wildcards(name)) return false;
    if (arn->account == "cloudfront") return arn->resource.starts_with("user/");
    if (!wire::is_account_id(arn->account)) return false;
    if (arn->service == "sts") return starts_with_any(arn->resource, {"assumed-role/", "federated-user/"});
    return arn->service == "iam" && (arn->resource == "root" || starts_with_any(arn->resource, {"user/", "role/"}));
}

/// s3.amazonaws.com, alexa-appkit.amazon.com
bool is_service_name(std::string_view name) {
    constexpr std::string_view domains[] = {".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".amazon.com"};
    if (name == "*") return true;
    return !has_wildcards(name) &&
           std::ranges::any_of(domains, [&](std::string_view domain) { return name.ends_with(domain); });
}

/// An identity provider of an account, or the host name of a public one: accounts.google.com
bool is_provider(std::string_view name) {
    if (name == "*") return true;
    const auto arn = global_arn(name);
    if (arn) return arn->service == "iam" && starts_with_any(arn->resource, {"oidc-provider/", "saml-provider/"});
    const auto is_of_host = [](char c) { return base::is_alphanumeric(c) || c == '.' || c == '-'; };
    return name.find('.') != std::string_view::npos && std::ranges::all_of(name, is_of_host);
}

bool is_canonical_id(std::string_view name) {
    constexpr std::size_t digits_min = 64;  // those of content delivery have 96
    return name.size() >= digits_min && base::consists_of(name, base::is_hex_digit);
}

}  // namespace

bool is_principal(const Policy_Principal& principal) {
    switch (principal.kind) {
        case Principal_Type::aws:
            return is_aws_name(principal.name);
        case Principal_Type::service:
            return is_service_name(principal.name);
        case Principal_Type::federated:
            return is_provider(principal.name);
        default:
            return is_canonical_id(principal.name);
    }
}

std::optional<Principal_Type> principal_kind(std::string_view text) {
    const auto found = std::ranges::find(kind_names, text, &Kind_Name::text);
    return found == std::end(kind_names) ? std::nullopt : std::optional(found->kind);
}

std::string canonical_user_id(std::string_view account) {
    return base::sha256_hex(std::string("the canonical user of account ").append(account));
}

}  // namespace osbot_aws::services
