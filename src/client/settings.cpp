#include "client/settings.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <cstdlib>

namespace osbot_aws::client {

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? value : "";
}

std::string setting(const Profile& profile, const std::string& key) {
    const auto found = profile.find(key);
    return found != profile.end() ? found->second : "";
}

std::string variable_or(const std::string& name, const Profile& profile, const std::string& key) {
    std::string value = variable(name);
    return value.empty() ? setting(profile, key) : value;
}

bool is_true(std::string_view text) { return boost::algorithm::iequals(text, "true"); }

}  // namespace osbot_aws::client
