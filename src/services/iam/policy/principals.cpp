#include "services/iam/policy/principals.hpp"

#include <algorithm>
#include <iterator>

#include "base/hash.hpp"

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

}  // namespace

std::optional<Principal_Type> principal_kind(std::string_view text) {
    const auto found = std::ranges::find(kind_names, text, &Kind_Name::text);
    return found == std::end(kind_names) ? std::nullopt : std::optional(found->kind);
}

std::string canonical_user_id(std::string_view account) {
    return base::sha256_hex(std::string("the canonical user of account ").append(account));
}

}  // namespace osbot_aws::services
