#include "services/lambda/function_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/characters.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t tags_max = 50;  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html

}  // namespace

std::string record_key(const Account& account, std::string_view name) {
    return fmt::format("{}/{}/{}", account.id, account.region, name);
}

std::string arn_of(const Account& account, std::string_view name) {
    return account.arn("lambda", fmt::format("function:{}", name));
}

Error not_found(const Account& account, std::string_view name, std::string_view qualifier) {
    return {"ResourceNotFoundException",
            fmt::format("Function not found: {}{}{}", arn_of(account, name), qualifier.empty() ? "" : ":", qualifier),
            404};
}

Error function_does_not_exist(const Account&, std::string_view, std::string_view) {
    return {"ResourceNotFoundException", "Function does not exist", 404};
}

Error latest_not_found(const Account& account, std::string_view name, std::string_view qualifier) {
    return not_found(account, name, qualifier.empty() ? "$LATEST" : qualifier);
}

Error unknown_qualifier(const Account& account, std::string_view name, std::string_view qualifier) {
    const bool may_be_alias = base::consists_of(qualifier, base::is_name_character);  // $x is not a name
    if (qualifier.empty() || !may_be_alias || parse_version_number(qualifier))
        return not_found(account, name, qualifier);
    return {"ResourceNotFoundException", fmt::format("Cannot find alias arn: {}:{}", arn_of(account, name), qualifier),
            404};
}

Error other_region(std::string_view region, const Account& caller) {
    return {"ResourceNotFoundException",
            fmt::format("Functions from '{}' are not reachable in this region ('{}')", region, caller.region), 404};
}

Error resource_not_found() { return {"ResourceNotFoundException", "The resource you requested does not exist.", 404}; }

Error conflict(std::string message) { return {"ResourceConflictException", std::move(message), 409}; }

Error invalid(std::string message) { return {"InvalidParameterValueException", std::move(message)}; }

Error alias_not_deletable() { return invalid("Deletion of aliases is not currently supported."); }

Error revision_mismatch() {
    return {"PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id",
            412};
}

std::optional<Error> check_revision(std::string_view expected, const Function& function) {
    if (expected.empty() || expected == function.revision_id) return std::nullopt;
    return revision_mismatch();
}

std::optional<Error> check_changeable(const Function& function) {
    if (function.state == "Pending") {
        return conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: "
            "Pending");
    }
    if (function.last_update_status == "InProgress") {
        return conflict("The operation cannot be performed at this time. An update is in progress for resource: " +
                        function.arn);
    }
    return std::nullopt;
}

// The first message is that of AWS:
// https://aws.amazon.com/blogs/compute/building-multi-tenant-saas-applications-with-aws-lambdas-new-tenant-isolation-mode/
// The second is like it; AWS documents the code only:
// https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation-troubleshooting.html
std::optional<Error> check_tenant(const Function& function, std::string_view tenant_id) {
    if (function.isolates_tenants() == !tenant_id.empty()) return std::nullopt;
    if (tenant_id.empty())
        return invalid(
            "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try "
            "again.");
    return invalid(
        "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and "
        "try again.");
}

// https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html; the message is this engine's
std::optional<Error> check_without_tenants(const Function& function, std::string_view feature) {
    if (!function.isolates_tenants()) return std::nullopt;
    return invalid(fmt::format("{} is not supported for functions with tenancy configuration.", feature));
}

std::optional<std::int64_t> parse_version_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::size_t page_size(std::optional<std::int64_t> items_max, std::int64_t page_items_max) {
    return static_cast<std::size_t>(std::min(items_max.value_or(page_items_max), page_items_max));
}

Result<Tags_Of_Resource> with_tags(Tags_Of_Resource tags, const Tags_Of_Resource& added) {
    if (added.empty()) return invalid("An error occurred and the request cannot be processed.");
    for (const auto& [key, value] : added) tags[key] = value;
    if (tags.size() > tags_max) return invalid("Number of tags exceeds resource tag limit.");
    return tags;
}

std::shared_ptr<Function> new_revision(const Function_Ptr& function, base::Time now) {
    auto copy = std::make_shared<Function>(*function);
    copy->revision_id = base::uuid4();
    copy->modified_at = now;
    return copy;
}

}  // namespace osbot_aws::services
