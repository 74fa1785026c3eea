// IAM's operations for the credentials of users: access keys, SSH keys, signing certificates and passwords of services.
#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/iam/api/page.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/api/user_of_call.hpp"
#include "services/iam/certificate.hpp"
#include "services/iam/iam_rules.hpp"

namespace osbot_aws::services {
namespace {

using Credentials = std::vector<Credential> User::*;

/// A kind of credentials: where a user has them, their id in the input, and its name in errors.
struct Credential_Kind {
    Credentials list;
    const char *member, *title;
};
constexpr Credential_Kind access_key{&User::access_keys, "AccessKeyId", "Access Key"};
constexpr Credential_Kind ssh_key{&User::ssh_keys, "SSHPublicKeyId", "Public Key"};
constexpr Credential_Kind signing_certificate{&User::certificates, "CertificateId", "Certificate"};

Error no_credential(const Credential_Kind& kind, const std::string& id) {
    return {"NoSuchEntity", fmt::format("The {} with id {} cannot be found.", kind.title, id), 404};
}

Result<Credential*> credential_of(User& user, const Credential_Kind& kind, const Call& call) {
    const std::string id = call.fields().text_or(kind.member);
    const auto found = std::ranges::find(user.*kind.list, id, &Credential::id);
    if (found == (user.*kind.list).end()) return no_credential(kind, id);
    return &*found;
}

template <const Credential_Kind& kind>
Result<Json> update_status(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    OSBOT_TRY(Credential * found, credential_of(*user, kind, call));
    found->status = call.fields().text_or("Status");
    iam.save_credentials(*user);
    return Json::object();
}

template <const Credential_Kind& kind>
Result<Json> delete_credential(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    OSBOT_TRY(const Credential* found, credential_of(*user, kind, call));
    std::erase(user->*kind.list, Credential(*found));
    iam.all<User>().save(*user);
    return Json::object();
}

/// The place of a credential in the order of a list: the oldest first. It remains when others are deleted.
std::string place_of(const Credential& credential) {
    return fmt::format("{} {}", credential.created_at, credential.id);
}

std::vector<const Credential*> by_place(const std::vector<Credential>& credentials) {
    std::vector<const Credential*> sorted;
    for (const Credential& each : credentials) sorted.push_back(&each);
    std::ranges::stable_sort(sorted, {}, [](const Credential* each) { return place_of(*each); });
    return sorted;
}

/// Returns a page of credentials. `write` returns the item of one.
template <class Write>
Result<Json> list_credentials(Iam& iam, const Call& call, const Credential_Kind& kind, const char* member,
                              Write write) {
    OSBOT_TRY(const User* user, user_of_call(iam, call));
    Iam_Page page(call, member);
    for (const Credential* each : by_place(user->*kind.list))
        page.add(place_of(*each), [&] { return write(*user, *each); });
    return std::move(page).output();
}

Credential& add_credential(Iam& iam, User& user, const Credential_Kind& kind, Credential&& created) {
    created.created_at = iam.now();
    return (user.*kind.list).emplace_back(std::move(created));
}

std::optional<Error> is_full(const User& user, const Credential_Kind& kind, std::string_view quota, std::size_t max) {
    if ((user.*kind.list).size() < max) return std::nullopt;
    return iam_limit(quota, max);
}

// ---- Access keys ----

Json access_key_json(const User& user, const Credential& key) {
    return {{"UserName", user.name}, {"AccessKeyId", key.id}, {"Status", key.status}, {"CreateDate", key.created_at}};
}

std::string new_secret() {
    constexpr std::size_t bytes = 30;  // 40 characters in base64, as AWS's
    return base::base64_encode(base::random_bytes(bytes));
}

Result<Json> create_access_key(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    if (auto error = is_full(*user, access_key, "AccessKeysPerUser", 2)) return *error;
    Credential created;
    created.id = new_user_key(user->account);
    created.body = new_secret();
    const Credential& key = add_credential(iam, *user, access_key, std::move(created));
    iam.save_credentials(*user);
    Json json = access_key_json(*user, key);
    json["SecretAccessKey"] = key.body;
    return Json{{"AccessKey", std::move(json)}};
}

Result<Json> list_access_keys(Iam& iam, const Call& call) {
    return list_credentials(iam, call, access_key, "AccessKeyMetadata", access_key_json);
}

/// Returns the user of an access key: without UserName that of the caller, who could otherwise change the keys of all
/// users. Only the account's root may omit it for any user: AWS takes root's own keys, which the engine lacks.
Result<User*> user_of_access_key(Iam& iam, const Call& call) {
    const User* owner = iam.user_of_key(call.fields().text_or("AccessKeyId"));
    OSBOT_TRY(const auto caller, caller_of(iam, call));
    const bool is_owner_taken = caller.kind == Caller::Kind::root && !call.fields().has("UserName");
    if (!is_owner_taken || owner == nullptr || scope_of(*owner) != call.account) return user_of_call(iam, call);
    return iam.find<User>(call.account, owner->name);
}

Result<Json> update_access_key(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_access_key(iam, call));
    OSBOT_TRY(Credential * key, credential_of(*user, access_key, call));
    key->status = call.fields().text_or("Status");
    iam.save_credentials(*user);
    return Json::object();
}

Result<Json> delete_access_key(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_access_key(iam, call));
    OSBOT_TRY(const Credential* found, credential_of(*user, access_key, call));
    const std::string id = found->id;
    std::erase_if(user->access_keys, [&](const Credential& each) { return each.id == id; });
    iam.save_credentials(*user);
    iam.forget_key(id);
    return Json::object();
}

Result<Json> get_access_key_last_used(Iam& iam, const Call& call) {
    const std::string id = call.fields().text_or("AccessKeyId");
    const User* user = iam.user_of_key(id);
    if (user == nullptr || user->account != call.account.id) {
        OSBOT_TRY(const auto caller, caller_of(iam, call));
        return Error{"AccessDenied",
                     fmt::format("User: {} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access "
                                 "key {}",
                                 caller.arn, id),
                     403};
    }
    const Credential& key = *std::ranges::find(user->access_keys, id, &Credential::id);
    Json used{{"Region", "N/A"}, {"ServiceName", "N/A"}};
    if (!key.used_at.empty())
        used = {{"LastUsedDate", key.used_at}, {"Region", key.used_region}, {"ServiceName", key.used_service}};
    return Json{{"UserName", user->name}, {"AccessKeyLastUsed", std::move(used)}};
}

// ---- SSH keys ----

/// Returns the MD5 of a key as pairs of digits. The body may also be PEM.
std::string fingerprint_of(const std::string& body) {
    const std::string_view encoded = base::trimmed(body);
    const auto space = encoded.find(' ');
    const auto bytes = base::base64_decode(encoded.substr(space == std::string_view::npos ? 0 : space + 1));
    const std::string digits = base::md5_hex(bytes.value_or(body));
    std::string text;
    for (std::size_t at = 0; at < digits.size(); at += 2) text += (at > 0 ? ":" : "") + digits.substr(at, 2);
    return text;
}

Json ssh_key_metadata(const User& user, const Credential& key) {
    return {
        {"UserName", user.name}, {"SSHPublicKeyId", key.id}, {"Status", key.status}, {"UploadDate", key.created_at}};
}

Json ssh_key_json(const User& user, const Credential& key) {
    Json json = ssh_key_metadata(user, key);
    json["SSHPublicKeyBody"] = key.body;
    json["Fingerprint"] = fingerprint_of(key.body);
    return {{"SSHPublicKey", std::move(json)}};
}

Result<Json> upload_ssh_key(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    if (auto error = is_full(*user, ssh_key, "SSHPublicKeysPerUser", 5)) return *error;
    Credential created;
    created.id = new_iam_id("APKA").substr(0, 20);
    created.body = call.fields().text_or("SSHPublicKeyBody");
    const Credential& key = add_credential(iam, *user, ssh_key, std::move(created));
    iam.all<User>().save(*user);
    return ssh_key_json(*user, key);
}

/// Returns the key as it was uploaded. Errors: UnrecognizedPublicKeyEncoding for the other encoding.
Result<Json> get_ssh_key(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    OSBOT_TRY(const Credential* key, credential_of(*user, ssh_key, call));
    if (call.fields().text_or("Encoding") == "PEM" && key->body.starts_with("ssh-"))
        return Error{"UnrecognizedPublicKeyEncoding",
                     "The engine returns keys in the encoding in which they were uploaded: Encoding is SSH.", 400};
    return ssh_key_json(*user, *key);
}

Result<Json> list_ssh_keys(Iam& iam, const Call& call) {
    return list_credentials(iam, call, ssh_key, "SSHPublicKeys", ssh_key_metadata);
}

// ---- Signing certificates ----

Json certificate_json(const User& user, const Credential& each) {
    return {{"UserName", user.name},
            {"CertificateId", each.id},
            {"CertificateBody", each.body},
            {"Status", each.status},
            {"UploadDate", each.created_at}};
}

Result<Json> upload_certificate(Iam& iam, const Call& call) {
    OSBOT_TRY(User * user, user_of_call(iam, call));
    const std::string body = call.fields().text_or("CertificateBody");
    if (!read_certificate(body))
        return Error{"MalformedCertificate", fmt::format("Certificate {} is malformed.", body), 400};
    if (auto error = is_full(*user, signing_certificate, "CertificatesPerUser", 2)) return *error;
    Credential created;
    created.id = base::upper_case(base::random_alphanumeric(32));
    created.body = body;
    const Credential& added = add_credential(iam, *user, signing_certificate, std::move(created));
    iam.all<User>().save(*user);
    return Json{{"Certificate", certificate_json(*user, added)}};
}

Result<Json> list_certificates(Iam& iam, const Call& call) {
    return list_credentials(iam, call, signing_certificate, "Certificates", certificate_json);
}

// ---- Passwords of services ----

// Sources: API_CreateServiceSpecificCredential, and for the errors
// https://github.com/localstack/localstack, tests/aws/services/iam/test_iam.py
constexpr std::array services_with_passwords{"codecommit.amazonaws.com", "cassandra.amazonaws.com"};
constexpr std::array services_with_api_keys{"bedrock.amazonaws.com", "logs.amazonaws.com"};

bool is_in(const auto& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

std::optional<Error> bad_service(const std::string& service) {
    if (is_in(services_with_passwords, service) || is_in(services_with_api_keys, service)) return std::nullopt;
    return Error{"NoSuchEntity",
                 fmt::format("No such service {} is supported for Service Specific Credentials", service), 404};
}

Json service_metadata(const User& user, const Credential& each) {
    Json json{{"UserName", user.name},
              {"ServiceSpecificCredentialId", each.id},
              {"ServiceName", each.service},
              {"CreateDate", each.created_at},
              {"Status", each.status},
              {is_in(services_with_api_keys, each.service) ? "ServiceCredentialAlias" : "ServiceUserName", each.login}};
    if (!each.expires_at.empty()) json["ExpirationDate"] = each.expires_at;
    return json;
}

Json service_json(const User& user, const Credential& each) {
    Json json = service_metadata(user, each);
    json[is_in(services_with_api_keys, each.service) ? "ServiceCredentialSecret" : "ServicePassword"] = each.body;
    return {{"ServiceSpecificCredential", std::move(json)}};
}

std::string new_service_password() {
    constexpr std::size_t bytes = 44;  // 60 characters that end with =, as AWS's
    return base::base64_encode(base::random_bytes(bytes));
}

/// Returns a name that no credential of the user for this service has: a deleted one may leave a gap.
std::string new_service_login(const User& user, const std::string& service) {
    for (int number = 0;; ++number) {
        const std::string suffix = number == 0 ? "" : fmt::format("+{}", number);
        std::string login = fmt::format("{}{}-at-{}", user.name, suffix, user.account);
        const auto is_same = [&](const Credential& each) { return each.service == service && each.login == login; };
        if (std::ranges::none_of(user.service_credentials, is_same)) return login;
    }
}

Result<Json> create_service_credential(Iam& iam, const Call& call) {
    const std::string service = call.fields().text_or("ServiceName");
    if (auto error = bad_service(service)) return *error;
    OSBOT_TRY(User * user, user_of_call(iam, call));
    const auto of_service = std::ranges::count(user->service_credentials, service, &Credential::service);
    if (of_service >= 2) return iam_limit("ServiceSpecificCredentialsPerUser", 2);
    Credential created;
    created.id = new_iam_id("ACCA");
    created.created_at = iam.now();
    created.service = service;
    created.login = new_service_login(*user, service);
    created.body = new_service_password();
    if (const auto days = call.fields().number("CredentialAgeDays"))
        created.expires_at = base::iso8601_z(iam.context().now() + std::chrono::hours{24 * *days});
    user->service_credentials.push_back(created);
    iam.all<User>().save(*user);
    return service_json(*user, created);
}

/// Returns the user and the credential of the input. AWS finds no credential if the user does not exist.
Result<std::pair<User*, Credential*>> service_credential_of(Iam& iam, const Call& call) {
    const std::string id = call.fields().text_or("ServiceSpecificCredentialId");
    const Error missing{"NoSuchEntity", fmt::format("No such credential {} exists", id), 404};
    OSBOT_TRY(User * user, user_of_call(iam, call).or_else(
                               [&](const Error& error) { return error.code == "NoSuchEntity" ? missing : error; }));
    const auto found = std::ranges::find(user->service_credentials, id, &Credential::id);
    if (found == user->service_credentials.end()) return missing;
    return std::pair{user, &*found};
}

Result<Json> list_service_credentials(Iam& iam, const Call& call) {
    const auto service = call.fields().text("ServiceName");
    if (service)
        if (auto error = bad_service(*service)) return *error;
    Iam_Page page(call, "ServiceSpecificCredentials");
    const auto add_of = [&](const std::string& place_of_user, const User& user) {
        for (const Credential* each : by_place(user.service_credentials))
            if (!service || each->service == *service)
                page.add(fmt::format("{}\t{}", place_of_user, place_of(*each)),  // a tab precedes all of a place
                         [&] { return service_metadata(user, *each); });
    };
    if (call.fields().flag("AllUsers")) {
        for (const auto& [place, user] : iam.all<User>().of(call.account)) add_of(place, user);
    } else {
        OSBOT_TRY(const User* user, user_of_call(iam, call));
        add_of("", *user);
    }
    return std::move(page).output();
}

Result<Json> update_service_credential(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, service_credential_of(iam, call));
    found.second->status = call.fields().text_or("Status");
    iam.all<User>().save(*found.first);
    return Json::object();
}

Result<Json> reset_service_credential(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, service_credential_of(iam, call));
    found.second->body = new_service_password();
    iam.all<User>().save(*found.first);
    return service_json(*found.first, *found.second);
}

Result<Json> delete_service_credential(Iam& iam, const Call& call) {
    OSBOT_TRY(const auto found, service_credential_of(iam, call));
    std::erase(found.first->service_credentials, Credential(*found.second));
    iam.all<User>().save(*found.first);
    return Json::object();
}

}  // namespace

Operations iam_credential_operations(Iam& iam) {
    return {iam,
            {{"CreateAccessKey", &create_access_key},
             {"CreateServiceSpecificCredential", &create_service_credential},
             {"DeleteAccessKey", &delete_access_key},
             {"DeleteSSHPublicKey", &delete_credential<ssh_key>},
             {"DeleteServiceSpecificCredential", &delete_service_credential},
             {"DeleteSigningCertificate", &delete_credential<signing_certificate>},
             {"GetAccessKeyLastUsed", &get_access_key_last_used},
             {"GetSSHPublicKey", &get_ssh_key},
             {"ListAccessKeys", &list_access_keys},
             {"ListSSHPublicKeys", &list_ssh_keys},
             {"ListServiceSpecificCredentials", &list_service_credentials},
             {"ListSigningCertificates", &list_certificates},
             {"ResetServiceSpecificCredential", &reset_service_credential},
             {"UpdateAccessKey", &update_access_key},
             {"UpdateSSHPublicKey", &update_status<ssh_key>},
             {"UpdateServiceSpecificCredential", &update_service_credential},
             {"UpdateSigningCertificate", &update_status<signing_certificate>},
             {"UploadSSHPublicKey", &upload_ssh_key},
             {"UploadSigningCertificate", &upload_certificate}}};
}

}  // namespace osbot_aws::services
