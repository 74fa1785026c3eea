// The entities of IAM: the records of an account.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace osbot_aws::services {

using Tags = std::vector<std::pair<std::string, std::string>>;

/// A user, group or role: what policies are attached to. Times are ISO 8601.
struct Principal {
    std::string account;  ///< id
    std::string name, id, arn;
    std::string path = "/";
    std::string created_at;
    std::map<std::string, std::string> inline_policies;  ///< name to document
    std::vector<std::string> attached;                   ///< ARNs of managed policies, in the order they were attached
    Tags tags;                                           ///< groups have none
    std::string permissions_boundary;                    ///< ARN of a policy; empty: none. Groups have none

    const std::string& key() const { return name; }
    /// Returns "user", "group" or "role".
    std::string_view type() const {
        const std::string_view resource = std::string_view(arn).substr(arn.rfind(':') + 1);
        return resource.substr(0, resource.find('/'));
    }
};

/// The words for a kind of principals in errors and quotas, and its quotas.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
struct Principal_Kind {
    std::string_view title, word, id_prefix;
    std::size_t count_max, inline_bytes_max;
};

struct Role : Principal {
    static constexpr Principal_Kind kind{"Role", "role", "AROA", 1000, 10'240};
    static constexpr const char *member = "RoleName", *missing = "The role with name {} cannot be found.";

    std::string description;
    std::string trust_policy;  ///< AssumeRolePolicyDocument, unchanged
    int session_s_max = 3600;
    std::optional<int> signin_s_max = {};        ///< stored and returned only
    std::string last_used_at, last_used_region;  ///< time and region of the last AssumeRole; empty: never
    std::string linked_service;                  ///< of a service-linked role
};

struct Group : Principal {
    static constexpr Principal_Kind kind{"Group", "group", "AGPA", 300, 5120};
    static constexpr const char *member = "GroupName", *missing = "The group with name {} cannot be found.";
};

struct Login_Profile {
    std::string created_at, salt, password_hash;
    bool reset_required = false;
    bool operator==(const Login_Profile&) const = default;
};

/// A credential of a user.
struct Credential {
    std::string id, created_at, status = "Active";
    std::string body;            ///< the secret access key, the public key, the certificate or the password
    std::string service, login;  ///< of a service-specific credential: the service and the user's name for it
    std::string expires_at;      ///< of a service-specific credential; empty: never
    std::string used_at, used_region, used_service;  ///< of an access key; empty: never used
    bool operator==(const Credential&) const = default;
};

struct User : Principal {
    static constexpr Principal_Kind kind{"User", "user", "AIDA", 5000, 2048};
    static constexpr const char *member = "UserName", *missing = "The user with name {} cannot be found.";

    std::vector<std::string> group_ids;
    std::optional<Login_Profile> login;
    std::vector<Credential> access_keys, ssh_keys, certificates, service_credentials;
};

struct Policy_Version {
    int number = 1;
    std::string document;
    std::string created_at;
};

struct Policy {
    static constexpr const char *member = "PolicyArn", *missing = "Policy {} was not found.";

    std::string account;  ///< id; empty: an AWS managed policy
    std::string name;
    std::string id;  ///< ANPA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string created_at, updated_at;
    std::vector<Policy_Version> versions;  ///< by number; AWS managed policies have only the default version
    int default_version = 1;
    int last_version = 1;  ///< version numbers are never reused
    Tags tags;

    const std::string& key() const { return arn; }
    const Policy_Version* version(int number) const;
    const std::string& document() const { return version(default_version)->document; }
};

struct Instance_Profile {
    static constexpr const char *member = "InstanceProfileName", *missing = "Instance Profile {} cannot be found.";

    std::string account, name, id, arn, path = "/", created_at;
    std::string role;  ///< name; empty: none
    Tags tags;

    const std::string& key() const { return name; }
};

struct Oidc_Provider {
    static constexpr const char *member = "OpenIDConnectProviderArn",
                                *missing = "OpenIDConnect Provider not found for arn {}";

    std::string account, arn, url, created_at;  ///< url: without the scheme
    std::vector<std::string> client_ids, thumbprints;
    Tags tags;

    const std::string& key() const { return arn; }
};

struct Saml_Key {
    std::string id, added_at;
    bool operator==(const Saml_Key&) const = default;
};

struct Saml_Provider {
    static constexpr const char *member = "SAMLProviderArn", *missing = "Manifest not found for arn {}";

    std::string account, name, arn, uuid, created_at, valid_until, document, encryption = "Allowed";
    std::vector<Saml_Key> private_keys;  ///< the keys are not stored: nothing is decrypted
    Tags tags;

    const std::string& key() const { return arn; }
};

/// A virtual MFA device, or a device of hardware that a user has.
struct Mfa_Device {
    static constexpr const char *member = "SerialNumber", *missing = "MFA Device with serial number {} does not exist.";

    std::string account, serial, created_at;
    std::string partition = "aws";
    bool is_virtual = true;
    std::string user_id, enabled_at;  ///< empty: not assigned
    Tags tags;

    const std::string& key() const { return serial; }
};

struct Server_Certificate {
    static constexpr const char *member = "ServerCertificateName",
                                *missing = "The Server Certificate with name {} cannot be found.";

    std::string account, name, id, arn, path = "/", body, chain, uploaded_at, expires_at;
    Tags tags;

    const std::string& key() const { return name; }
};

struct Password_Policy {
    int length_min = 6;
    bool symbols = false, numbers = false, uppercase = false, lowercase = false, may_change = false;
    std::optional<int> age_days_max, reused_max;
    std::optional<bool> hard_expiry;
    bool operator==(const Password_Policy&) const = default;
};

/// The settings of an account.
struct Account_Settings {
    static constexpr const char* missing = "The account {} has no settings.";

    std::string account, partition = "aws", alias;
    std::optional<Password_Policy> passwords;
    std::string report_at, report;            ///< the credential report, as CSV
    std::vector<std::string> deletion_tasks;  ///< of service-linked roles; the oldest are dropped

    const std::string& key() const { return account; }
};

}  // namespace osbot_aws::services
