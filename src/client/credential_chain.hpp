#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "client/credentials.hpp"
#include "client/transport.hpp"

namespace osbot_aws::client {

/// Options of AWS's standard credential chain. The sources, in botocore's order: the variables AWS_ACCESS_KEY_ID and
/// AWS_SECRET_ACCESS_KEY; a role that the profile assumes (role_arn with source_profile or credential_source); a web
/// identity; IAM Identity Center (SSO); the profile's keys; its credential_process; a container's credentials; and, if
/// enabled, those of an EC2 instance. Only the first configured source is used: if it fails, no other is tried.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html, botocore/credentials.py
struct Chain_Options {
    std::string profile;  ///< overrides the environment's keys; empty: AWS_PROFILE, else default
    std::string region;   ///< region of STS; empty: default_region(profile)
    /// Whether to try an EC2 instance's metadata service last. Nothing indicates beforehand whether it exists.
    bool instance_metadata = false;

    // Replacements for tests.
    std::function<std::shared_ptr<Transport>(const std::string& url)> transport;  ///< empty: make_transport()
    const base::Clock* clock = nullptr;                                           ///< null: the system's
    std::function<void(std::chrono::milliseconds)> sleep;                         ///< empty: sleeps
    std::function<Result<std::string>(const std::string& serial)> mfa_code;       ///< empty: prompts on the terminal
};

/// Finds the first configured source of credentials and returns its credentials.
class Credential_Chain final : public Credentials_Provider {
public:
    explicit Credential_Chain(Chain_Options options);
    ~Credential_Chain() override;

    /// Describes the configured source in words, e.g. "keys of the profile"; empty if there is none. Reads variables
    /// and files only; sends no request and runs no program. Errors, for an invalid configuration: InvalidConfigError,
    /// InfiniteLoopConfigError, PartialCredentialsError, ProfileNotFound.
    Result<std::string> kind();
    /// Errors: those of kind(); NoCredentialsError; CredentialRetrievalError, SSOTokenLoadError,
    /// UnauthorizedSSOTokenError or an error of STS, from the source.
    Result<Credentials> credentials() override;

private:
    Result<void> search();

    Chain_Options options_;
    bool searched_ = false;
    std::shared_ptr<Credentials_Provider> provider_;
    std::string kind_;
};

}  // namespace osbot_aws::client
