#include "client/credential_chain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/environment.hpp"
#include "base/local_error.hpp"
#include "client/credential_sources.hpp"
#include "client/settings.hpp"
#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

using Provider_Ptr = std::shared_ptr<Credentials_Provider>;  // null: not configured

struct Source {
    Provider_Ptr provider;
    std::string_view kind;  ///< human-readable
    explicit operator bool() const { return provider != nullptr; }
};
using Found_Source = Result<Source>;

const base::System_Clock default_clock;

Error invalid(std::string message) { return {"InvalidConfigError", std::move(message), 0}; }

std::optional<Credentials> complete(Credentials found) {
    if (found.access_key_id.empty() || found.secret_access_key.empty()) return std::nullopt;
    return found;
}

std::optional<Credentials> keys_of_environment() {
    return complete({base::variable("AWS_ACCESS_KEY_ID"),
                     base::variable("AWS_SECRET_ACCESS_KEY"),
                     base::variable("AWS_SESSION_TOKEN"),
                     {}});
}

std::optional<Credentials> keys_of(const Profile& profile) {
    return complete({setting(profile, "aws_access_key_id"),
                     setting(profile, "aws_secret_access_key"),
                     setting(profile, "aws_session_token"),
                     {}});
}

/// Returns an error if there is an access key without its secret key, as botocore does. `source` and `missing` are
/// names that the user sees. Source: botocore/credentials.py (EnvProvider, SharedCredentialProvider)
std::optional<Error> partial_keys(std::string_view access_key, std::string_view secret_key, std::string_view source,
                                  std::string_view missing) {
    if (access_key.empty() || !secret_key.empty()) return std::nullopt;
    return local_error("PartialCredentialsError", "Partial credentials found in {}, missing: {}", source, missing);
}

std::optional<Error> partial_keys_of_environment() {
    return partial_keys(base::variable("AWS_ACCESS_KEY_ID"), base::variable("AWS_SECRET_ACCESS_KEY"), "env",
                        "AWS_SECRET_ACCESS_KEY");
}

std::optional<Error> partial_keys_of(const Profile& profile, const std::string& name) {
    return partial_keys(setting(profile, "aws_access_key_id"), setting(profile, "aws_secret_access_key"),
                        fmt::format("the profile {}", name), "aws_secret_access_key");
}

bool has_keys(const Profile& profile) {
    return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

/// Returns whether the profile assumes a role with other credentials. A role with a token file is a web identity.
bool has_role(const Profile& profile) {
    return profile.contains("role_arn") && !profile.contains("web_identity_token_file");
}

/// Searches for the first configured source.
class Search {
public:
    explicit Search(Source_Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    Found_Source of_role(const std::string& name) {
        const Profile profile = read_profile(name);
        const std::string source_profile = setting(profile, "source_profile");
        const std::string credential_source = setting(profile, "credential_source");
        if (!source_profile.empty() && !credential_source.empty())
            return invalid(fmt::format("The profile \"{}\" contains both source_profile and credential_source.", name));
        if (source_profile.empty() && credential_source.empty())
            return local_error(
                "PartialCredentialsError",
                "Partial credentials found in assume-role, missing: source_profile or credential_source");
        OSBOT_TRY(auto source, credential_source.empty() ? of_source_profile(name, source_profile)
                                                         : of_credential_source(name, profile, credential_source));
        return make_source("a role that the profile assumes",
                           assumed_role({setting(profile, "role_arn"), setting(profile, "role_session_name"),
                                         setting(profile, "external_id"), setting(profile, "mfa_serial"),
                                         setting(profile, "duration_seconds")},
                                        std::move(source.provider), dependencies_));
    }

    /// Returns the first source of a profile other than a role.
    Found_Source of_profile(const std::string& name, bool with_environment) const {
        const Profile profile = read_profile(name);
        OSBOT_TRY(const auto identity, web_identity(profile, with_environment, dependencies_));
        if (identity) return make_source("a web identity", identity);
        OSBOT_TRY(const auto login, identity_center(name, profile, dependencies_));
        if (login) return make_source("an IAM Identity Center login", login);
        if (auto partial = partial_keys_of(profile, name)) return *partial;
        if (const auto keys = keys_of(profile)) return Source{static_credentials(*keys), "keys of the profile"};
        return make_source("the profile's credential_process", credential_process(profile));
    }

    Source of_container() const {
        return make_source("a container's credentials", container_credentials(dependencies_));
    }
    Source of_instance(const Profile& profile) const {
        return make_source("an EC2 instance's role", instance_credentials(profile, dependencies_));
    }

private:
    Source make_source(std::string_view kind, Fetch_Credentials fetch) const {
        return {fetch ? refreshed_credentials(std::move(fetch), dependencies_.clock) : nullptr, kind};
    }

    Found_Source of_credential_source(const std::string& name, const Profile& profile,
                                      const std::string& source) const {
        Source found;
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

    Found_Source of_source_profile(const std::string& name, const std::string& source) {
        if (!has_profile(source))
            return invalid(fmt::format("The source_profile \"{}\" referenced in the profile \"{}\" does not exist.",
                                       source, name));
        if (visited_.empty()) visited_.push_back(name);
        const Profile profile = read_profile(source);
        const bool visited_before = std::find(visited_.begin(), visited_.end(), source) != visited_.end();
        // A profile may name itself if it also has keys.
        if (visited_before && (source != name || !has_keys(profile)))
            return local_error("InfiniteLoopConfigError",
                               "Infinite loop in credential configuration detected. Attempting to load from "
                               "profile {} which has already been visited. Visited profiles: {}",
                               source, fmt::join(visited_, ", "));
        visited_.push_back(source);
        if (has_role(profile) && !has_keys(profile)) return of_role(source);
        auto found = of_profile(source, false);
        if (found && !*found) return invalid(fmt::format("The source profile \"{}\" must have credentials.", source));
        return found;
    }

    Source_Dependencies dependencies_;
    std::vector<std::string> visited_;
};

Found_Source first_source(const Chain_Options& options, Source_Dependencies dependencies) {
    const bool explicit_profile = !options.profile.empty();  // overrides the environment
    if (auto partial = partial_keys_of_environment(); partial && !explicit_profile) return *partial;
    if (const auto keys = keys_of_environment(); keys && !explicit_profile)
        return Source{static_credentials(*keys), "keys of the environment (AWS_ACCESS_KEY_ID)"};
    const std::string name = explicit_profile ? options.profile : profile_name();
    if (name != "default" && !has_profile(name))
        return local_error("ProfileNotFound", "The config profile ({}) could not be found", name);
    Search search(std::move(dependencies));
    const Profile profile = read_profile(name);
    if (has_role(profile)) return search.of_role(name);
    auto found = search.of_profile(name, !explicit_profile);
    if (!found || *found) return found;
    if (auto container = search.of_container()) return container;
    return options.instance_metadata ? search.of_instance(profile) : Source{};
}

}  // namespace

Credential_Chain::Credential_Chain(Chain_Options options) : options_(std::move(options)) {}
Credential_Chain::~Credential_Chain() = default;

Result<void> Credential_Chain::search() {
    if (searched_) return {};
    Source_Dependencies dependencies{options_.profile,   options_.region,
                                     options_.transport, options_.clock != nullptr ? *options_.clock : default_clock,
                                     options_.sleep,     options_.mfa_code};
    if (dependencies.region.empty()) dependencies.region = default_region(options_.profile);
    if (!dependencies.transport)
        dependencies.transport = [profile = options_.profile](const std::string& url) {
            return make_transport(url, profile);
        };
    if (!dependencies.mfa_code) dependencies.mfa_code = prompt_for_mfa_code;
    if (!dependencies.sleep) dependencies.sleep = [](auto time) { std::this_thread::sleep_for(time); };
    OSBOT_TRY(auto found, first_source(options_, std::move(dependencies)));
    provider_ = std::move(found.provider);
    if (provider_) kind_ = found.kind;
    searched_ = true;
    return {};
}

Result<std::string> Credential_Chain::kind() {
    OSBOT_TRY(search());
    return kind_;
}

Result<Credentials> Credential_Chain::credentials() {
    OSBOT_TRY(search());
    if (provider_) return provider_->credentials();
    return local_error("NoCredentialsError",
                       "Unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                       "configure keys, a role or a login for the profile '{}' in ~/.aws/credentials or ~/.aws/config",
                       options_.profile.empty() ? profile_name() : options_.profile);
}

}  // namespace osbot_aws::client
