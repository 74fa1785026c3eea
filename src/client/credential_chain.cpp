#include "client/credential_chain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "client/credential_places.hpp"
#include "client/settings.hpp"
#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

using Provider_Ptr = std::shared_ptr<Credentials_Provider>;  // empty: not set up

struct Place {
    Provider_Ptr provider;
    std::string_view kind;  ///< for people
    explicit operator bool() const { return provider != nullptr; }
};
using Found_Place = Result<Place>;

const base::System_Clock system_clock;

Error invalid(std::string message) { return {"InvalidConfigError", std::move(message), 0}; }

std::optional<Credentials> complete(Credentials found) {
    if (found.access_key_id.empty() || found.secret_access_key.empty()) return std::nullopt;
    return found;
}

std::optional<Credentials> keys_of_environment() {
    return complete(
        {variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN"), {}});
}

std::optional<Credentials> keys_of(const Profile& profile) {
    return complete({setting(profile, "aws_access_key_id"),
                     setting(profile, "aws_secret_access_key"),
                     setting(profile, "aws_session_token"),
                     {}});
}

bool has_keys(const Profile& profile) {
    return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

/// A role that is assumed with other credentials; one with a token file is a web identity's.
bool has_role(const Profile& profile) {
    return profile.contains("role_arn") && !profile.contains("web_identity_token_file");
}

/// Looks for the first place that is set up.
class Search {
public:
    explicit Search(Place_Parts parts) : parts_(std::move(parts)) {}

    Found_Place of_role(const std::string& name) {
        const Profile profile = read_profile(name);
        const std::string source_profile = setting(profile, "source_profile");
        const std::string credential_source = setting(profile, "credential_source");
        if (!source_profile.empty() && !credential_source.empty())
            return invalid(fmt::format("The profile \"{}\" contains both source_profile and credential_source.", name));
        if (source_profile.empty() && credential_source.empty())
            return Error{"PartialCredentialsError",
                         "Partial credentials found in assume-role, missing: source_profile or credential_source", 0};
        auto source = credential_source.empty() ? of_source_profile(name, source_profile)
                                                : of_credential_source(name, profile, credential_source);
        if (!source) return source.error();
        return place("a role that the profile assumes",
                     assumed_role({setting(profile, "role_arn"), setting(profile, "role_session_name"),
                                   setting(profile, "external_id"), setting(profile, "mfa_serial"),
                                   setting(profile, "duration_seconds")},
                                  std::move(source->provider), parts_));
    }

    /// What a profile has besides a role.
    Found_Place of_profile(const std::string& name, bool with_environment) const {
        const Profile profile = read_profile(name);
        const auto identity = web_identity(profile, with_environment, parts_);
        if (!identity) return identity.error();
        if (*identity) return place("a web identity", *identity);
        const auto login = identity_center(name, profile, parts_);
        if (!login) return login.error();
        if (*login) return place("a login of IAM Identity Center", *login);
        if (const auto keys = keys_of(profile)) return Place{static_credentials(*keys), "keys of the profile"};
        return place("the profile's credential_process", credential_process(profile));
    }

    Place of_container() const { return place("a container's credentials", container_credentials(parts_)); }
    Place of_instance(const Profile& profile) const {
        return place("an EC2 instance's role", instance_credentials(profile, parts_));
    }

private:
    Place place(std::string_view kind, Fetch_Credentials fetch) const {
        return {fetch ? refreshed_credentials(std::move(fetch), parts_.clock) : nullptr, kind};
    }

    Found_Place of_credential_source(const std::string& name, const Profile& profile, const std::string& source) const {
        Place found;
        if (source == "Environment") {
            if (const auto keys = keys_of_environment()) found.provider = static_credentials(*keys);
        } else if (source == "EcsContainer") {
            found = of_container();
        } else if (source == "Ec2InstanceMetadata") {
            found = of_instance(profile);
        } else {
            return invalid(
                fmt::format("The credential source \"{}\" referenced in profile \"{}\" is not valid.", source, name));
        }
        if (!found)
            return retrieval_error(
                source, fmt::format("No credentials found in credential_source referenced in profile {}", name));
        return found;
    }

    Found_Place of_source_profile(const std::string& name, const std::string& source) {
        if (!has_profile(source))
            return invalid(fmt::format("The source_profile \"{}\" referenced in the profile \"{}\" does not exist.",
                                       source, name));
        if (visited_.empty()) visited_.push_back(name);
        const Profile profile = read_profile(source);
        const bool again = std::find(visited_.begin(), visited_.end(), source) != visited_.end();
        // A profile may name itself, when it has the keys as well.
        if (again && (source != name || !has_keys(profile)))
            return Error{"InfiniteLoopConfigError",
                         fmt::format("Infinite loop in credential configuration detected. Attempting to load from "
                                     "profile {} which has already been visited. Visited profiles: {}",
                                     source, fmt::join(visited_, ", ")),
                         0};
        visited_.push_back(source);
        if (has_role(profile) && !has_keys(profile)) return of_role(source);
        auto found = of_profile(source, false);
        if (found && !*found) return invalid(fmt::format("The source profile \"{}\" must have credentials.", source));
        return found;
    }

    Place_Parts parts_;
    std::vector<std::string> visited_;
};

Found_Place first_place(const Chain_Options& options, Place_Parts parts) {
    const bool by_name = !options.profile.empty();  // goes before the environment
    if (const auto keys = keys_of_environment(); keys && !by_name)
        return Place{static_credentials(*keys), "keys of the environment (AWS_ACCESS_KEY_ID)"};
    const std::string name = by_name ? options.profile : profile_name();
    if (name != "default" && !has_profile(name))
        return Error{"ProfileNotFound", fmt::format("The config profile ({}) could not be found", name), 0};
    Search search(std::move(parts));
    const Profile profile = read_profile(name);
    if (has_role(profile)) return search.of_role(name);
    auto found = search.of_profile(name, !by_name);
    if (!found || *found) return found;
    if (auto container = search.of_container()) return container;
    return options.instance_metadata ? search.of_instance(profile) : Place{};
}

}  // namespace

Credential_Chain::Credential_Chain(Chain_Options options) : options_(std::move(options)) {}
Credential_Chain::~Credential_Chain() = default;

Result<void> Credential_Chain::look() {
    if (looked_) return {};
    Place_Parts parts{options_.profile,   options_.region,
                      options_.transport, options_.clock != nullptr ? *options_.clock : system_clock,
                      options_.sleep,     options_.mfa_code};
    if (parts.region.empty()) parts.region = default_region(options_.profile);
    if (!parts.transport)
        parts.transport = [profile = options_.profile](const std::string& url) { return make_transport(url, profile); };
    if (!parts.mfa_code) parts.mfa_code = typed_mfa_code;
    if (!parts.sleep) parts.sleep = [](auto time) { std::this_thread::sleep_for(time); };
    auto found = first_place(options_, std::move(parts));
    if (!found) return found.error();
    place_ = std::move(found->provider);
    if (place_) kind_ = found->kind;
    looked_ = true;
    return {};
}

Result<bool> Credential_Chain::found() {
    if (auto looked = look(); !looked) return looked.error();
    return place_ != nullptr;
}

Result<std::string> Credential_Chain::kind() {
    if (auto looked = look(); !looked) return looked.error();
    return kind_;
}

Result<Credentials> Credential_Chain::credentials() {
    if (auto looked = look(); !looked) return looked.error();
    if (place_) return place_->credentials();
    return Error{"NoCredentialsError",
                 fmt::format("Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give "
                             "the profile '{}' keys, a role or a login in ~/.aws/credentials or ~/.aws/config",
                             options_.profile.empty() ? profile_name() : options_.profile),
                 0};
}

}  // namespace osbot_aws::client
