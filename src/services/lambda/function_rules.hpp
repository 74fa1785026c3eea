#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

// Names and checks that operations on functions share. Error messages match AWS's.

std::string arn_of(const Account& account, std::string_view name);
/// Returns the key of a function, or of another named resource, in the store.
std::string record_key(const Account& account, std::string_view name);

/// Returns the error for a function that does not exist. The operations of Lambda differ in its message.
using Missing = Error (*)(const Account& account, std::string_view name, std::string_view qualifier);
Error not_found(const Account& account, std::string_view name, std::string_view qualifier = {});
/// The error of CreateFunctionUrlConfig, UpdateFunctionUrlConfig and ListFunctionUrlConfigs.
Error function_does_not_exist(const Account& account, std::string_view name, std::string_view qualifier);
/// The same as not_found(), with $LATEST if the request has no qualifier.
Error latest_not_found(const Account& account, std::string_view name, std::string_view qualifier);
/// The same as not_found() for a version; for the name of an alias, "Cannot find alias arn".
Error unknown_qualifier(const Account& account, std::string_view name, std::string_view qualifier);
/// The error for the ARN of a function in another region.
Error other_region(std::string_view region, const Account& caller);
/// Returns the error for resources without a specific message: layers, policies, URLs, mappings.
Error resource_not_found();
Error conflict(std::string message);
/// The error of DeleteFunction with the name of an alias, which DeleteAlias deletes.
Error alias_not_deletable();
/// The StateReasonCode of a function whose image is not in the engine's store.
inline constexpr std::string_view image_access_denied = "ImageAccessDenied";
Error invalid(std::string message);
Error revision_mismatch();

/// Checks the revision of the request, if it has one. Errors: PreconditionFailedException.
std::optional<Error> check_revision(std::string_view expected, const Function& function);
/// Checks that the function is not being created or updated. Errors: ResourceConflictException.
std::optional<Error> check_changeable(const Function& function);

/// Checks that a request has a tenant exactly if the function isolates tenants. Errors: InvalidParameterValueException.
std::optional<Error> check_tenant(const Function& function, std::string_view tenant_id);
/// Rejects a feature that AWS does not combine with tenant isolation. Errors: InvalidParameterValueException.
std::optional<Error> check_without_tenants(const Function& function, std::string_view feature);

/// Parses a version number. Returns nothing if the text is not a number.
std::optional<std::int64_t> parse_version_number(std::string_view text);
/// Returns the page size for `MaxItems`, which is reduced to `page_items_max`.
std::size_t page_size(std::optional<std::int64_t> items_max, std::int64_t page_items_max = 50);

/// Calls `visit` with the entries of a map by name: from `marker`, the first name of the page, at most `size`. Returns
/// the marker of the next page; "" after the last entry.
template <class Map, class Visit>
std::string visit_page(const Map& all, std::string_view marker, std::size_t size, Visit visit) {
    auto entry = all.lower_bound(std::string(marker));
    for (; entry != all.end() && size > 0; ++entry, --size) visit(*entry);
    return entry == all.end() ? std::string() : entry->first;
}

using Tags_Of_Resource = std::map<std::string, std::string>;
/// Returns the changed tags of a resource.
using Tag_Change = std::function<Result<Tags_Of_Resource>(Tags_Of_Resource)>;
/// Returns the tags of a resource with the added ones. Errors: InvalidParameterValueException.
Result<Tags_Of_Resource> with_tags(Tags_Of_Resource tags, const Tags_Of_Resource& added);

/// Returns a copy of the function with a new revision ID, modified at `now`.
std::shared_ptr<Function> new_revision(const Function_Ptr& function, base::Time now);

}  // namespace osbot_aws::services
