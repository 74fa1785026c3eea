#include "client/settings.hpp"

#include <pwd.h>
#include <unistd.h>

#include "base/environment.hpp"
#include "base/text.hpp"

namespace osbot_aws::client {

std::filesystem::path home_folder() {
    if (const std::string home = base::variable("HOME"); !home.empty()) return home;
    passwd entry{};
    passwd* found = nullptr;
    char texts[4096];
    const bool has_entry = ::getpwuid_r(::geteuid(), &entry, texts, sizeof texts, &found) == 0 && found != nullptr;
    return has_entry && *found->pw_dir == '/' ? found->pw_dir : "/";
}

std::string setting(const Profile& profile, const std::string& key) {
    const auto found = profile.find(key);
    return found != profile.end() ? found->second : "";
}

std::string variable_or(const std::string& name, const Profile& profile, const std::string& key) {
    std::string value = base::variable(name);
    return value.empty() ? setting(profile, key) : value;
}

bool is_true(std::string_view text) { return base::equal_ignoring_case(text, "true"); }

}  // namespace osbot_aws::client
