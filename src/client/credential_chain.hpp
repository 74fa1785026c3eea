#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "client/credentials.hpp"
#include "client/transport.hpp"

namespace osbot_aws::client {

/// AWS's standard chain, in botocore's order: the variables AWS_ACCESS_KEY_ID and its kin; a role that the profile
/// assumes (role_arn with source_profile or credential_source); a web identity; IAM Identity Center (SSO); the
/// profile's keys; its credential_process; a container's credentials; and, when asked for, an EC2 instance's.
/// The first place that is set up is the one: when it fails, that is the answer, and no other is tried.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html, botocore/credentials.py
struct Chain_Options {
    std::string profile;  ///< goes before the environment's keys; empty: AWS_PROFILE, else default
    std::string region;   ///< of STS; empty: default_region(profile)
    /// Whether to ask an EC2 instance's metadata service last: nothing tells beforehand that there is one.
    bool instance_metadata = false;

    // What tests put between the chain and the machine.
    std::function<std::shared_ptr<Transport>(const std::string& url)> transport;  ///< empty: the usual ones
    const base::Clock* clock = nullptr;                                           ///< none: the system's
    std::function<void(std::chrono::milliseconds)> sleep;                         ///< empty: really
    std::function<Result<std::string>(const std::string& serial)> mfa_code;       ///< empty: typed at the terminal
};

class Credential_Chain final : public Credentials_Provider {
public:
    explicit Credential_Chain(Chain_Options options);
    ~Credential_Chain() override;

    /// Whether something is set up to give credentials; reads variables and files, asks and runs nobody.
    /// Errors: InvalidConfigError, InfiniteLoopConfigError, PartialCredentialsError, ProfileNotFound: the set-up
    /// can't work.
    Result<bool> found();
    /// What kind of place that is, for people ("keys of the profile"); empty: none. Errors: as found().
    Result<std::string> kind();
    /// Errors: those of found(); NoCredentialsError; CredentialRetrievalError, SSOTokenLoadError,
    /// UnauthorizedSSOTokenError, or what STS says, of the place that was found.
    Result<Credentials> credentials() override;

private:
    Result<void> look();

    Chain_Options options_;
    bool looked_ = false;
    std::shared_ptr<Credentials_Provider> place_;
    std::string kind_;
};

}  // namespace osbot_aws::client
