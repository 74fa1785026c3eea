#include "aws/model.hpp"

#include <algorithm>

namespace osbot_aws::aws {

const Operation* Service::find_operation(std::string_view operation) const {
    const auto name_of = [](const Operation& each) { return std::string_view(each.name); };
    const auto found = std::ranges::lower_bound(operations, operation, {}, name_of);
    return found != operations.end() && found->name == operation ? &*found : nullptr;
}

const Member* Service::find_member(const Shape& shape, std::string_view member) const {
    const auto all = members_of(shape);
    const auto found = std::ranges::find_if(all, [&](const Member& each) { return each.name == member; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace osbot_aws::aws
