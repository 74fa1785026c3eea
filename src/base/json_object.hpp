#pragma once

#include <initializer_list>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::base {

struct Json_Member {
    const char* name;
    mutable Json value;  // moved out of the list by json_object()
};

/// Returns an object with these members; of two members with one name, the first. A list of nlohmann's own makes an
/// array of each member first, and copies the values: in GetFunctionConfiguration that took a quarter of the time.
Json json_object(std::initializer_list<Json_Member> members);

}  // namespace osbot_aws::base
