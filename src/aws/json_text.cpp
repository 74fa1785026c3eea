#include "aws/json_text.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::aws {

std::string_view json_kind(const Json& value) {
    if (value.is_string()) return "STRING_VALUE";
    if (value.is_number()) return "NUMBER_VALUE";
    if (value.is_boolean()) return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
    if (value.is_array()) return "START_ARRAY";
    return "START_OBJECT";
}

Result<Json> parse_json_object(std::string_view text) {
    if (text.empty()) return Json::object();
    Json body = base::parse_json(text);
    if (body.is_discarded()) {
        return Error{"SerializationException", "Could not parse request body into json: " +
                                                   wire::json_fault(text).value_or("Invalid UTF-8 in a String value")};
    }
    if (!body.is_object())
        return Error{"SerializationException", fmt::format("Unexpected value type in payload: {}", json_kind(body))};
    return body;
}

}  // namespace osbot_aws::aws
