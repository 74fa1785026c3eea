#include "base/json.hpp"

namespace osbot_aws::base {

Json parse_json(std::string_view text) { return Json::parse(text, nullptr, false); }

Json parse_json_or_throw(std::string_view text) { return Json::parse(text); }

std::string dump_json(const Json& value) { return value.dump(); }

std::string dump_json_lossy(const Json& value, int indent) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osbot_aws::base
