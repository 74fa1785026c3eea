#include "client/credentials.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "client/shared_files.hpp"

namespace osbot_aws::client {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string setting(const Profile& profile, const std::string& key) {
    const auto found = profile.find(key);
    return found != profile.end() ? found->second : "";
}

class Static_Credentials final : public Credentials_Provider {
public:
    explicit Static_Credentials(Credentials credentials) : credentials_(std::move(credentials)) {}
    Result<Credentials> credentials() override { return credentials_; }

private:
    Credentials credentials_;
};

class Default_Credentials final : public Credentials_Provider {
public:
    explicit Default_Credentials(std::string_view profile) : profile_(profile) {}

    Result<Credentials> credentials() override {
        if (found_) return *found_;
        auto looked_up = look_up();
        if (looked_up) found_ = *looked_up;
        return looked_up;
    }

private:
    Result<Credentials> look_up() const {
        if (profile_.empty()) {  // a profile that was asked for by name goes before the environment
            Credentials found{
                variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN"), {}};
            if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
        }
        const std::string name = profile_.empty() ? profile_name() : profile_;
        const Profile profile = read_profile(name);
        Credentials found{setting(profile, "aws_access_key_id"),
                          setting(profile, "aws_secret_access_key"),
                          setting(profile, "aws_session_token"),
                          {}};
        if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
        return Error{"NoCredentialsError",
                     fmt::format("Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                                 "give the profile '{}' keys in "
                                 "~/.aws/credentials",
                                 name),
                     0};
    }

    std::string profile_;
    std::optional<Credentials> found_;
};

}  // namespace

std::shared_ptr<Credentials_Provider> static_credentials(Credentials credentials) {
    return std::make_shared<Static_Credentials>(std::move(credentials));
}

std::shared_ptr<Credentials_Provider> default_credentials(std::string_view profile) {
    return std::make_shared<Default_Credentials>(profile);
}

std::string default_region(std::string_view profile) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        if (std::string region = variable(name); !region.empty()) return region;
    }
    return setting(read_profile(profile.empty() ? profile_name() : std::string(profile)), "region");
}

}  // namespace osbot_aws::client
