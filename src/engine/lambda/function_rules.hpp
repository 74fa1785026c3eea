#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/lambda/function.hpp"

namespace osbot_aws::engine {

// What the operations on functions have in common: their names, and their refusals in the service's words.

std::string arn_of(const Account& account, std::string_view name);
/// The key of a function, or of whatever else has a name of its own, in the store.
std::string record_key(const Account& account, std::string_view name);

Error not_found(const Account& account, std::string_view name, std::string_view qualifier = {});
/// Of what has no words of its own: layers, policies, URLs, mappings.
Error resource_not_there();
Error conflict(std::string message);
/// The StateReasonCode of a function whose image is not here.
inline constexpr std::string_view image_access_denied = "ImageAccessDenied";
Error invalid(std::string message);
Error revision_refused();

/// Errors: PreconditionFailedException.
std::optional<Error> check_revision(std::string_view wanted, const Function& function);
/// Errors: ResourceConflictException while it is being made or changed.
std::optional<Error> check_changeable(const Function& function);

/// A version's number; nothing for all else.
std::optional<std::int64_t> number_of(std::string_view text);
/// What `MaxItems` means: it may ask for up to `largest`, and gets no more than `page_items_max`.
/// Errors: ValidationException.
Result<std::size_t> page_size(std::optional<std::int64_t> items_max, std::int64_t largest = 10'000,
                              std::int64_t page_items_max = 50);

/// A copy to change: with a revision of its own, changed now.
std::shared_ptr<Function> changed(const Function_Ptr& function, base::Time now);

}  // namespace osbot_aws::engine
