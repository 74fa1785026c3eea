// Each member of each input of IAM, STS, SQS and CloudWatch Logs is acted on, stored and returned, or rejected by name.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "services/iam/iam_api.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "services/logs/log_exports.hpp"
#include "services/logs/logs_api.hpp"
#include "services/sqs/sqs_api.hpp"
#include "services/sts/sts_api.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/lambda_world.hpp"
#include "support/member_check.hpp"
#include "support/routed.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Member_Case;
using test_support::required_of;
using test_support::Use;

/// Returns the headers and payloads of the frames of an event stream, without their checksums.
std::string payloads_of(std::string_view frames) {
    constexpr std::size_t prelude_size = 12, checksum_size = 4;
    std::string all;
    while (frames.size() > prelude_size) {
        const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(frames[2])) * 256 +
                                 static_cast<unsigned char>(frames[3]);
        all += frames.substr(prelude_size, size - prelude_size - checksum_size);
        frames.remove_prefix(size);
    }
    return all;
}

/// Returns the text of the first element with this name.
std::string element_of(const std::string& xml, const std::string& name) {
    std::smatch found;
    return std::regex_search(xml, found, std::regex("<" + name + ">([^<]*)")) ? found[1].str() : "";
}

/// The base of the worlds of the four services.
struct World : test_support::Member_World {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    const aws::Service& model;
    std::unique_ptr<Model_Api> api;
    std::string access_key_id, session_token;  ///< of the requests; empty: unsigned

    explicit World(const aws::Service& model_) : model(model_) {}

    void start(Operations operations) { api = std::make_unique<Model_Api>(loop, model, std::move(operations)); }

    std::string send(const aws::Operation& operation, const Json& input) {
        std::optional<wire::Response> response;
        wire::Request request = test_support::model_request(model, operation, input);
        if (!access_key_id.empty())
            request.headers.set("Authorization",
                                "AWS4-HMAC-SHA256 Credential=" + access_key_id + "/20261130/r/s/aws4_request");
        if (!session_token.empty()) request.headers.set("X-Amz-Security-Token", session_token);
        test_support::send_to(*api, {}, std::move(request),
                              [&](wire::Response result) { response = std::move(result); });
        loop.run();
        if (!response) return "2 waits\n\n";
        std::string text = fmt::format("{}\n{}", response->status, response->body.bytes());
        if (const auto stream = response->body.stream())
            stream->read([&](std::string_view piece) { text += payloads_of(piece); }, [](auto&) {});
        return text + "\n\n";
    }
    std::string send(std::string_view operation, const Json& input) {
        return send(*model.find_operation(operation), input);
    }

    /// Sends a request of the state that the service starts with.
    std::string prepare(std::string_view operation, const Json& input) {
        std::string text = send(operation, input);
        EXPECT_EQ(text.front(), '2') << operation << ": " << text;
        return text;
    }

    std::string outcome(const aws::Operation& operation, const Json& input) override {
        std::string text = send(operation, input);
        for (const auto& [name, read] : state()) text += send(name, read);
        static const std::regex random(
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|A(ROA|NPA|IDA|GPA|IPA|SCA|PKA|CCA)[A-Z0-9]+|"
            "(AccessKeyId|SecretAccessKey|SessionToken|CertificateId|ServicePassword|ServiceCredentialSecret|KeyId|"
            "SAMLProviderUUID|Base32StringSeed)>[^<]*|\"(nextSequenceToken|ReceiptHandle|TaskHandle)\":\"[^\"]*|"
            "\"id\":\"[a-z0-9]{16}|:delivery:[a-z0-9]{16}");
        return std::regex_replace(text, random, "");
    }

    /// Returns the requests that read the state.
    virtual std::vector<std::pair<std::string_view, Json>> state() const = 0;
};

template <class Service_World>
void check_all(const aws::Service& model, std::span<const Member_Case> cases, std::size_t operations_min,
               std::map<std::string, Json, std::less<>> samples = {}) {
    test_support::Member_Check check(
        model, cases, [] { return std::make_unique<Service_World>(); }, std::move(samples));
    const Service_World world;
    EXPECT_GE(world.api->operations().all().size(), operations_min);
    for (const auto& [name, implementation] : world.api->operations().all()) check.check(*model.find_operation(name));
    check.expect_all_cases_used();
}

// ---- IAM ------------------------------------------------------------------------------------------------------------

const std::string statement = R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";
const std::string document = R"({"Version":"2012-10-17","Statement":)" + statement + "}";
const std::string other_document = R"({"Version":"2012-10-17","Statement":[)" + statement + "]}";
/// A document whose statement has a condition.
std::string conditional(const std::string& effect, const std::string& condition) {
    return R"({"Version":"2012-10-17","Statement":{"Effect":")" + effect +
           R"(","Action":"*","Resource":"*","Condition":{"StringEquals":{)" + condition + "}}}}";
}
std::string trust_document(const std::string& condition) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole",)"
           R"("Condition":{)" +
           condition + "}}]}";
}
const std::string policy_arn = "arn:aws:iam::000000000000:policy/", role_arn = "arn:aws:iam::000000000000:role/";
const std::string user_arn = "arn:aws:iam::000000000000:user/", mfa_arn = "arn:aws:iam::000000000000:mfa/";
const std::string saml_arn = "arn:aws:iam::000000000000:saml-provider/";
const std::string oidc_arn = "arn:aws:iam::000000000000:oidc-provider/";
const std::string metadata(1000, 'x');
/// A certificate of an elliptic curve that names itself, for 100 years.
const std::string certificate = R"(-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUAosXA6aJblKsAoSkrHgzXZarPxswCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBYTAgFw0yNjExMzAxNjUyMjdaGA8yMTI2MTEwNjE2NTIyN1ow
DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABELxfCc9BcjT
o1sPDdk5wKV9UWp8dKWhci6YLaiT+oWvLjB3j/gXzbPov3PfGwgTSDmrS3ZAUl6d
HSHd93Si9e+jUzBRMB0GA1UdDgQWBBSPEDM+R66Gq/rl7bUT0jYSksim6DAfBgNV
HSMEGDAWgBSPEDM+R66Gq/rl7bUT0jYSksim6DAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIEFqI8BRN7q9eP5PrVTBgPsYNbyC5M0IwMUzAoXBSrSg
AiBvTwn9yeTM/hbyTNjFU6jU+NfWDjKkQjQVMo00rlOTLQ==
-----END CERTIFICATE-----)";

const Json context_entry{{"ContextKeyName", "my:key"}, {"ContextKeyValues", {"v"}}, {"ContextKeyType", "string"}};

const Member_Case iam_cases[] = {
    // ContextProvider and PolicyExclusionList are rejected, whatever their members are.
    {"SourceKey", Use::no_effect},
    {"TargetKey", Use::no_effect},
    {"SubjectSourceKey", Use::no_effect},
    {"SubjectTypeValue", Use::no_effect},
    {"SubjectTypeSourceKey", Use::no_effect},
    {"PolicyType", Use::rejected, nullptr, "with PolicyExclusionList"},
    {"InlinePolicyIdentifier.PolicyName", Use::no_effect},
    {"InlinePolicyIdentifier.AttachmentType", Use::acted_on},
    {"InlinePolicyIdentifier.AttachmentName", Use::no_effect},
    {"RoleName", Use::acted_on, "absent"},
    {"UserName", Use::acted_on, "absent"},
    {"GroupName", Use::acted_on, "absent"},
    {"InstanceProfileName", Use::acted_on, "absent"},
    {"ServerCertificateName", Use::acted_on, "absent"},
    {"VirtualMFADeviceName", Use::acted_on, "absent"},
    {"Name", Use::acted_on, "absent"},
    {"SerialNumber", Use::acted_on, mfa_arn + "absent"},
    {"SAMLProviderArn", Use::acted_on, saml_arn + "absent"},
    {"OpenIDConnectProviderArn", Use::acted_on, oidc_arn + "absent"},
    {"AccessKeyId", Use::acted_on, "AKIAIOSFODNN7EXAMPLE"},
    {"SSHPublicKeyId", Use::acted_on, "APKAIOSFODNN7EXAMPLE"},
    {"CertificateId", Use::acted_on, "ABSENTABSENTABSENTABSENT"},
    {"ServiceSpecificCredentialId", Use::acted_on, "ACCAIOSFODNN7EXAMPLE"},
    {"DeletionTaskId", Use::acted_on, "task/aws-service-role/absent"},
    {"AWSServiceName", Use::acted_on, "ecs.amazonaws.com"},
    {"CustomSuffix", Use::stored},
    {"AccountAlias", Use::acted_on, "absent"},
    {"ClientID", Use::acted_on, "absent"},
    {"ServiceName", Use::acted_on, "cassandra.amazonaws.com"},
    {"CredentialAgeDays", Use::acted_on, 3},
    {"AllUsers", Use::acted_on, true},
    {"AssignmentStatus", Use::acted_on, "Assigned"},
    {"Status", Use::acted_on, "Inactive"},
    {"AuthenticationCode1", Use::acted_on, "654321"},
    {"AuthenticationCode2", Use::acted_on, "123456"},
    {"OldPassword", Use::acted_on, "absent"},
    {"NewPassword", Use::acted_on, "x"},
    {"Password", Use::acted_on, "x"},
    {"CertificateBody", Use::acted_on},
    {"CertificateChain", Use::stored},
    {"PrivateKey", Use::acted_on, certificate},
    {"SSHPublicKeyBody", Use::acted_on, "ssh-rsa AAAB"},
    {"Encoding", Use::acted_on, "PEM"},
    {"SAMLMetadataDocument", Use::acted_on, std::string(1000, 'y')},
    {"AssertionEncryptionMode", Use::stored, "Required", "Mode>Required<"},
    {"AddPrivateKey", Use::acted_on},
    {"RemovePrivateKey", Use::acted_on},
    {"Url", Use::acted_on, "https://other.example.com"},
    {"ThumbprintList", Use::stored, {std::string(40, 'b')}},
    {"PolicyArn", Use::acted_on, policy_arn + "absent"},
    {"PolicyName", Use::acted_on, "absent"},
    {"PolicyDocument", Use::acted_on, other_document},
    {"AssumeRolePolicyDocument", Use::acted_on, document},
    {"VersionId", Use::acted_on, "v9"},
    {"Path", Use::stored, "/team/"},
    {"NewPath", Use::stored, "/team/"},
    {"PermissionsBoundary", Use::stored, policy_arn + "spare", "Arn>" + policy_arn + "spare</Perm"},
    {"MaxSigninSessionDuration", Use::rejected, 7000, "MaxSigninSessionDuration", "CreateLoginProfile"},
    {"MaxSigninSessionDuration", Use::rejected, 7000, "MaxSigninSessionDuration", "UpdateLoginProfile"},
    {"ResetMaxSigninSessionDuration", Use::rejected, true, "ResetMaxSigninSessionDuration", "UpdateLoginProfile"},
    {"ResetMaxSigninSessionDuration", Use::acted_on, true},
    {"SetAsDefault", Use::acted_on, true},
    {"TagKeys", Use::acted_on, {"absent"}},
    {"Marker", Use::acted_on, "zzz"},
    {"MaxItems", Use::no_effect, 1, "", "ListAccountAliases"},  // an account has at most one
    {"MaxItems", Use::acted_on, 1},
    {"PathPrefix", Use::acted_on, "/zzz/"},
    {"EntityFilter", Use::acted_on, "User"},
    {"Filter", Use::acted_on, {"User"}},
    {"PolicyUsageFilter", Use::acted_on, "PermissionsBoundary"},
    {"Scope", Use::acted_on, "Local"},
    {"OnlyAttached", Use::acted_on, true},
    // Simulations
    {"ActionNames", Use::acted_on, {"sqs:SendMessage"}},
    {"ResourceArns", Use::acted_on, {"arn:aws:s3:::bucket"}},
    {"PolicySourceArn", Use::acted_on, user_arn + "absent"},
    {"PolicyInputList", Use::acted_on, {conditional("Deny", R"("aws:username":"user")")}},
    {"PermissionsBoundaryPolicyInputList", Use::acted_on, {conditional("Deny", R"("aws:username":"user")")}},
    {"ServiceControlPolicyInputList", Use::acted_on, {conditional("Deny", R"("aws:username":"user")")}},
    {"CallerArn",
     Use::acted_on,
     user_arn + "other",
     "",
     "",
     {{"ResourcePolicy", R"({"Statement":{"Effect":"Deny","Principal":{"AWS":")" + user_arn +
                             R"(other"},"Action":"*","Resource":"*"}})"}}},
    {"ResourcePolicy",
     Use::acted_on,
     R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}})",
     "",
     "",
     {{"CallerArn", user_arn + "user"}}},
    {"ResourceOwner",
     Use::acted_on,
     "arn:aws:iam::111122223333:root",
     "",
     "",
     {{"CallerArn", user_arn + "user"},
      {"ActionNames", {"sqs:SendMessage"}},
      {"ResourcePolicy", R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}})"}}},
    {"ContextKeyName", Use::acted_on, "my:key", "", "", context_entry},
    {"ContextKeyValues", Use::acted_on, {"v"}, "", "", context_entry},
    {"ContextKeyType", Use::acted_on, "numeric", "", "", context_entry},
};

struct Iam_World : World {
    Iam iam{context};
    std::map<std::string, std::string> ids;  ///< that the engine generated, by their members
    bool reads_only = false;                 ///< the operation changes nothing

    /// Has a copy of one state, because its requests take long.
    Iam_World() : World(aws::iam_model()) {
        start(iam_operations(iam));
        static const Iam_World prepared{Prepared{}};
        ids = prepared.ids;
        copy<Role, Policy, User, Group, Instance_Profile, Oidc_Provider, Saml_Provider, Mfa_Device, Server_Certificate,
             Account_Settings>(prepared.iam);
        iam.all<User>().each([&](const User& user) { iam.save_credentials(user); });
    }

    Json sample(std::string_view operation) override;
    std::vector<std::pair<std::string_view, Json>> state() const override;

private:
    struct Prepared {};

    explicit Iam_World(Prepared) : World(aws::iam_model()) {
        start(iam_operations(iam));
        const Json tags{{{"Key", "k"}, {"Value", "v"}}, {{"Key", "l"}, {"Value", "w"}}};
        prepare_policies(tags);
        prepare_roles(tags);
        prepare_users(tags);
        prepare_credentials();
        prepare_providers(tags);
        prepare_devices(tags);
        prepare_account();
    }

    template <class... Entity>
    void copy(const Iam& from) {
        (from.all<Entity>().each([&](const Entity& each) { iam.all<Entity>().put(each); }), ...);
    }

    void prepare_policies(const Json& tags) {
        for (const char* name : {"policy", "spare", "third"})
            prepare("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", document}, {"Tags", tags}});
        prepare("CreatePolicyVersion", {{"PolicyArn", policy_arn + "policy"}, {"PolicyDocument", document}});
    }

    /// Attaches policies to a role, user or group.
    void add_policies(const std::string& title, const std::string& name) {
        const std::string member = title + "Name";
        for (const char* attached : {"policy", "third"})
            prepare("Attach" + title + "Policy", {{member, name}, {"PolicyArn", policy_arn + attached}});
        for (const char* policy : {"inline", "second"})
            prepare("Put" + title + "Policy", {{member, name}, {"PolicyName", policy}, {"PolicyDocument", document}});
    }

    void prepare_roles(const Json& tags) {
        for (const char* name : {"role", "other", "bare"})
            prepare("CreateRole", {{"RoleName", name},
                                   {"AssumeRolePolicyDocument", trust_document("")},
                                   {"MaxSigninSessionDuration", 7000},
                                   {"Tags", tags}});
        add_policies("Role", "role");
        prepare("AttachRolePolicy", {{"RoleName", "other"}, {"PolicyArn", policy_arn + "policy"}});
        prepare("PutRolePermissionsBoundary", {{"RoleName", "role"}, {"PermissionsBoundary", policy_arn + "policy"}});
        for (const char* name : {"profile", "second", "bare"})
            prepare("CreateInstanceProfile", {{"InstanceProfileName", name}, {"Tags", tags}});
        for (const char* name : {"profile", "second"})
            prepare("AddRoleToInstanceProfile", {{"InstanceProfileName", name}, {"RoleName", "role"}});
        keep("DeletionTaskId", prepare_linked_role("ecs.amazonaws.com", "AWSServiceRoleForECS"));
        prepare("CreateServiceLinkedRole", {{"AWSServiceName", "elasticbeanstalk.amazonaws.com"}});
    }
    std::string prepare_linked_role(const std::string& service, const std::string& name) {
        prepare("CreateServiceLinkedRole", {{"AWSServiceName", service}});
        return prepare("DeleteServiceLinkedRole", {{"RoleName", name}});
    }

    void prepare_users(const Json& tags) {
        for (const char* name : {"user", "other", "bare"}) prepare("CreateUser", {{"UserName", name}, {"Tags", tags}});
        for (const char* name : {"group", "second", "bare"}) prepare("CreateGroup", {{"GroupName", name}});
        for (const char* name : {"user", "other"}) {
            prepare("AddUserToGroup", {{"GroupName", "group"}, {"UserName", name}});
            prepare("AddUserToGroup", {{"GroupName", "second"}, {"UserName", name}});
        }
        add_policies("User", "user");
        add_policies("Group", "group");
        prepare("PutUserPermissionsBoundary", {{"UserName", "user"}, {"PermissionsBoundary", policy_arn + "policy"}});
        prepare("CreateLoginProfile", {{"UserName", "user"}, {"Password", "Passw0rd!"}});
    }

    void prepare_credentials() {
        const Json user{{"UserName", "user"}};
        const auto twice = [&](std::string_view operation, const std::string& id, Json input) {
            input["UserName"] = "user";
            prepare(operation, input);
            keep(id, prepare(operation, input));
        };
        twice("CreateAccessKey", "AccessKeyId", {});
        twice("UploadSSHPublicKey", "SSHPublicKeyId", {{"SSHPublicKeyBody", "ssh-rsa AAAA"}});
        prepare("UploadSigningCertificate", {{"UserName", "user"}, {"CertificateBody", certificate}});
        keep("CertificateId",
             prepare("UploadSigningCertificate", {{"UserName", "user"}, {"CertificateBody", certificate}}));
        twice("CreateServiceSpecificCredential", "ServiceSpecificCredentialId",
              {{"ServiceName", "codecommit.amazonaws.com"}});
        prepare("CreateServiceSpecificCredential", {{"UserName", "other"}, {"ServiceName", "logs.amazonaws.com"}});
    }

    void prepare_providers(const Json& tags) {
        for (const char* name : {"provider.example.com", "second.example.com"})
            prepare("CreateOpenIDConnectProvider", {{"Url", std::string("https://") + name},
                                                    {"ClientIDList", {"client"}},
                                                    {"ThumbprintList", {std::string(40, 'a')}},
                                                    {"Tags", tags}});
        prepare("CreateSAMLProvider", {{"Name", "provider"}, {"SAMLMetadataDocument", metadata}, {"Tags", tags}});
        for (const char* name : {"certificate", "second"})
            prepare("UploadServerCertificate", {{"ServerCertificateName", name},
                                                {"CertificateBody", certificate},
                                                {"PrivateKey", "key"},
                                                {"Tags", tags}});
    }

    void prepare_devices(const Json& tags) {
        for (const char* name : {"device", "second", "free"})
            prepare("CreateVirtualMFADevice", {{"VirtualMFADeviceName", name}, {"Tags", tags}});
        for (const char* name : {"device", "second"})
            prepare("EnableMFADevice", {{"UserName", "user"},
                                        {"SerialNumber", mfa_arn + name},
                                        {"AuthenticationCode1", "123456"},
                                        {"AuthenticationCode2", "654321"}});
    }

    void prepare_account() {
        prepare("CreateAccountAlias", {{"AccountAlias", "alias"}});
        prepare("UpdateAccountPasswordPolicy", {});
        prepare("GenerateCredentialReport", {});
    }

    /// Keeps an id of a response for later requests.
    void keep(const std::string& member, const std::string& response) { ids[member] = element_of(response, member); }
};

Json Iam_World::sample(std::string_view operation) {
    reads_only = std::regex_search(operation.begin(), operation.end(), std::regex("^(Get|List|Simulate)"));
    // A user changes its own password.
    access_key_id = operation == "ChangePassword" ? ids.at("AccessKeyId") : "";
    Json all{{"RoleName", "role"},
             {"UserName", "user"},
             {"GroupName", "group"},
             {"InstanceProfileName", "profile"},
             {"ServerCertificateName", "certificate"},
             {"VirtualMFADeviceName", "fresh"},
             {"Name", "fresh"},
             {"SerialNumber", mfa_arn + "device"},
             {"SAMLProviderArn", saml_arn + "provider"},
             {"OpenIDConnectProviderArn", oidc_arn + "provider.example.com"},
             {"AWSServiceName", "autoscaling.amazonaws.com"},
             {"AccountAlias", "alias"},
             {"ClientID", "client"},
             {"ServiceName", "bedrock.amazonaws.com"},
             {"Status", "Active"},
             {"AuthenticationCode1", "123456"},
             {"AuthenticationCode2", "654321"},
             {"OldPassword", "Passw0rd!"},
             {"NewPassword", "Passw0rd?"},
             {"CertificateBody", certificate},
             {"PrivateKey", "key"},
             {"SSHPublicKeyBody", "ssh-rsa AAAA"},
             {"Encoding", "SSH"},
             {"SAMLMetadataDocument", metadata},
             {"Url", "https://fresh.example.com"},
             {"ThumbprintList", {std::string(40, 'a')}},
             {"PolicyArn", policy_arn + "policy"},
             {"PolicyName", "inline"},
             {"PolicyDocument", document},
             {"AssumeRolePolicyDocument", trust_document("")},
             {"PermissionsBoundary", policy_arn + "policy"},
             {"Description", "of the role"},
             {"VersionId", "v2"},
             {"Tags", {{{"Key", "k"}, {"Value", "x"}}}},
             {"TagKeys", {"k"}},
             {"ActionNames", {"s3:GetObject", "s3:PutObject"}},
             {"PolicySourceArn", user_arn + "user"},
             {"PolicyInputList", {document, conditional("Allow", R"("my:key":"v")")}}};
    all.update(Json(ids));
    const Json bare_user{{"UserName", "bare"}}, password{{"UserName", "user"}, {"Password", "Passw0rd?"}};
    const Json of_user{{"UserName", "user"}};
    const Json special{{"CreateRole", {{"RoleName", "fresh"}}},
                       {"CreateUser", {{"UserName", "fresh"}}},
                       {"CreateGroup", {{"GroupName", "fresh"}}},
                       {"CreateInstanceProfile", {{"InstanceProfileName", "fresh"}}},
                       {"CreatePolicy", {{"PolicyName", "fresh"}}},
                       {"UploadServerCertificate", {{"ServerCertificateName", "fresh"}}},
                       {"AttachRolePolicy", {{"PolicyArn", policy_arn + "spare"}}},
                       {"AttachUserPolicy", {{"PolicyArn", policy_arn + "spare"}}},
                       {"AttachGroupPolicy", {{"PolicyArn", policy_arn + "spare"}}},
                       {"AddUserToGroup", bare_user},
                       {"AddRoleToInstanceProfile", {{"InstanceProfileName", "bare"}}},
                       {"CreateLoginProfile", {{"UserName", "bare"}, {"Password", "Passw0rd?"}}},
                       {"UpdateLoginProfile", password},
                       {"DeleteLoginProfile", of_user},
                       {"GetLoginProfile", of_user},
                       {"GetMFADevice", of_user},
                       {"SimulatePrincipalPolicy", {{"PolicyInputList", all["PolicyInputList"]}}},
                       {"CreateAccessKey", bare_user},
                       {"DeleteAccessKey", of_user},
                       {"UpdateAccessKey", of_user},
                       {"ListAccessKeys", of_user},
                       {"ListMFADevices", of_user},
                       {"ListSSHPublicKeys", of_user},
                       {"ListSigningCertificates", of_user},
                       {"ListServiceSpecificCredentials", of_user},
                       {"DeactivateMFADevice", of_user},
                       {"EnableMFADevice", {{"SerialNumber", mfa_arn + "free"}}},
                       {"DeleteVirtualMFADevice", {{"SerialNumber", mfa_arn + "free"}}},
                       {"UploadSSHPublicKey", bare_user},
                       {"UploadSigningCertificate", bare_user},
                       {"UpdateSigningCertificate", of_user},
                       {"DeleteSigningCertificate", of_user},
                       {"CreateServiceSpecificCredential", bare_user},
                       {"UpdateServiceSpecificCredential", of_user},
                       {"ResetServiceSpecificCredential", of_user},
                       {"DeleteServiceSpecificCredential", of_user},
                       {"DeleteUser", bare_user},
                       {"DeleteGroup", {{"GroupName", "bare"}}},
                       {"DeleteRole", {{"RoleName", "bare"}}},
                       {"DeleteInstanceProfile", {{"InstanceProfileName", "bare"}}},
                       {"DeletePolicy", {{"PolicyArn", policy_arn + "spare"}}},
                       {"DeleteServiceLinkedRole", {{"RoleName", "AWSServiceRoleForElasticBeanstalk"}}},
                       {"UpdateAssumeRolePolicy", {{"PolicyDocument", trust_document("")}}}};
    return required_of(model, operation, all, special);
}

std::vector<std::pair<std::string_view, Json>> Iam_World::state() const {
    if (reads_only) return {};
    const Json role{{"RoleName", "role"}}, policy{{"PolicyArn", policy_arn + "policy"}}, user{{"UserName", "user"}};
    const Json version{{"PolicyArn", policy_arn + "fresh"}, {"VersionId", "v1"}};
    const Json third{{"PolicyArn", policy_arn + "policy"}, {"VersionId", "v3"}};
    const Json provider{{"OpenIDConnectProviderArn", oidc_arn + "provider.example.com"}};
    const Json fresh_provider{{"OpenIDConnectProviderArn", oidc_arn + "fresh.example.com"}};
    return {{"GetRole", role},
            {"GetRole", {{"RoleName", "fresh"}}},
            {"GetRole", {{"RoleName", "bare"}}},
            {"GetRole", {{"RoleName", "AWSServiceRoleForAutoScaling"}}},
            {"GetPolicy", policy},
            {"GetPolicy", {{"PolicyArn", policy_arn + "fresh"}}},
            {"ListPolicyVersions", policy},
            {"GetPolicyVersion", version},
            {"GetPolicyVersion", third},
            {"GetAccountAuthorizationDetails", {{"Filter", {"User", "Role", "Group", "LocalManagedPolicy"}}}},
            {"ListGroupsForUser", {{"UserName", "bare"}}},
            {"GetLoginProfile", user},
            {"GetLoginProfile", {{"UserName", "bare"}}},
            {"ListAccessKeys", user},
            {"ListAccessKeys", {{"UserName", "bare"}}},
            {"ListSSHPublicKeys", user},
            {"ListSigningCertificates", user},
            {"ListServiceSpecificCredentials", {{"AllUsers", true}}},
            {"ListInstanceProfiles", Json::object()},
            {"GetInstanceProfile", {{"InstanceProfileName", "profile"}}},
            {"GetOpenIDConnectProvider", provider},
            {"GetOpenIDConnectProvider", fresh_provider},
            {"GetSAMLProvider", {{"SAMLProviderArn", saml_arn + "provider"}}},
            {"GetSAMLProvider", {{"SAMLProviderArn", saml_arn + "fresh"}}},
            {"GetServerCertificate", {{"ServerCertificateName", "certificate"}}},
            {"GetServerCertificate", {{"ServerCertificateName", "fresh"}}},
            {"ListServerCertificates", Json::object()},
            {"ListVirtualMFADevices", Json::object()},
            {"ListMFADeviceTags", {{"SerialNumber", mfa_arn + "device"}}},
            {"ListAccountAliases", Json::object()},
            {"GetAccountPasswordPolicy", Json::object()},
            {"GetAccountSummary", Json::object()}};
}

TEST(Iam_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Iam_World>(aws::iam_model(), iam_cases, 150, {{"MaxSessionDuration", 7200}});
}

// ---- STS ------------------------------------------------------------------------------------------------------------

std::string token_of(const std::string& subject) {
    return "e30." + base::base64_encode(R"({"iss":"https://issuer","sub":")" + subject + "\"}") + ".c2ln";
}

std::string assertion_of(const std::string& subject) {
    return base::base64_encode("<Assertion><Subject><NameID>" + subject +
                               "</NameID></Subject><AttributeStatement><Attribute "
                               "Name=\"https://aws.amazon.com/SAML/Attributes/RoleSessionName\"><AttributeValue>session"
                               "</AttributeValue></Attribute></AttributeStatement></Assertion>");
}

/// Operations about messages and tokens that the engine does not issue: they fail with AWS's error, whatever the input.
const std::set<std::string_view> always_failing{"DecodeAuthorizationMessage", "GetDelegatedAccessToken",
                                                "GetWebIdentityToken"};

const Member_Case sts_cases[] = {
    {"RoleArn", Use::acted_on, role_arn + "absent"},
    {"PolicyArns.arn", Use::acted_on, "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"},
    {"TaskPolicyArn.arn", Use::acted_on, "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    {"TargetPrincipal", Use::acted_on, "no account"},
    {"PrincipalArn", Use::acted_on, saml_arn + "absent"},
    {"SAMLAssertion", Use::acted_on, assertion_of("another")},
    {"Name", Use::acted_on, "another"},
    {"Policy", Use::acted_on, R"({"no":"policy"})"},
    {"DurationSeconds", Use::no_effect, 901, "", "GetWebIdentityToken"},
    {"DurationSeconds", Use::acted_on, 899, "", "AssumeRoot"},
    {"DurationSeconds", Use::acted_on, 901},
    {"Tags.Key", Use::no_effect, "k", "", "GetWebIdentityToken"},
    {"Tags.Value", Use::no_effect, "v", "", "GetWebIdentityToken"},
    {"Tags.Key", Use::acted_on, std::string(100, 'k')},  // counts for PackedPolicySize
    {"Tags.Value", Use::acted_on, std::string(100, 'v')},
    {"TransitiveTagKeys", Use::acted_on, {"absent"}},
    {"ExternalId", Use::acted_on, "expected", "", "", {{"RoleArn", role_arn + "guarded"}}},
    {"SerialNumber", Use::acted_on, mfa_arn + "absent"},
    {"TokenCode", Use::acted_on, "123456"},
    {"ProviderArn", Use::rejected, nullptr, "AssumeRole with ProvidedContexts"},
    {"ContextAssertion", Use::rejected, nullptr, "AssumeRole with ProvidedContexts"},
    {"MinimumSessionTokenSize", Use::acted_on, 4000},
    {"WebIdentityToken", Use::acted_on, token_of("another")},
    {"AccessKeyId", Use::acted_on, "111122223333"},
    {"EncodedMessage", Use::no_effect},
    {"TradeInToken", Use::no_effect},
    {"Audience", Use::no_effect},
    {"SigningAlgorithm", Use::no_effect, "ES384"},
    {"Scope", Use::no_effect},
    {"SubjectMode", Use::no_effect},
};

struct Sts_World : World {
    Iam iam{context};
    Sts sts{context, iam};
    Model_Api iam_api{loop, aws::iam_model(), iam_operations(iam)};
    std::string session_key_id, session_token_of_root;

    Sts_World() : World(aws::sts_model()) {
        start(sts_operations(sts));
        for (const auto& [name, condition] :
             {std::pair{"role", ""}, std::pair{"guarded", R"("StringEquals":{"sts:ExternalId":["expected"]})"}})
            prepare_iam("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", trust_document(condition)}});
        prepare_iam("CreateSAMLProvider", {{"Name", "provider"}, {"SAMLMetadataDocument", metadata}});
        const std::string session = prepare("GetSessionToken", Json::object());
        session_key_id = element_of(session, "AccessKeyId");
        session_token_of_root = element_of(session, "SessionToken");
    }
    void prepare_iam(std::string_view operation, const Json& input) {
        const aws::Service& iam_model = aws::iam_model();
        test_support::send_to(iam_api, {},
                              test_support::model_request(iam_model, *iam_model.find_operation(operation), input),
                              [](const wire::Response& response) { EXPECT_EQ(response.status, 200); });
        loop.run();
    }

    Json sample(std::string_view operation) override {
        const bool needs_session = operation == "GetScopedCredentials";
        access_key_id = needs_session ? session_key_id : "";
        session_token = needs_session ? session_token_of_root : "";
        const Json all{{"RoleArn", role_arn + "role"},
                       {"RoleSessionName", "session"},
                       {"WebIdentityToken", token_of("user")},
                       {"SAMLAssertion", assertion_of("user")},
                       {"PrincipalArn", saml_arn + "provider"},
                       {"TargetPrincipal", "111122223333"},
                       {"TaskPolicyArn", {{"arn", "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}}},
                       {"Name", "user"},
                       {"EncodedMessage", "message"},
                       {"TradeInToken", "token"},
                       {"Audience", {"audience"}},
                       {"SigningAlgorithm", "RS256"},
                       {"AccessKeyId", "000000000000"}};
        return required_of(model, operation, all, Json::object());
    }
    std::string_view status_of_sample(std::string_view operation) const override {
        return always_failing.contains(operation) ? "4" : "2";
    }
    std::vector<std::pair<std::string_view, Json>> state() const override { return {}; }
};

TEST(Sts_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Sts_World>(aws::sts_model(), sts_cases, 12);
}

// ---- SQS ------------------------------------------------------------------------------------------------------------

const std::string queues = "http://127.0.0.1:4566/000000000000/", queue_arns = "arn:aws:sqs:us-east-1:000000000000:";
const std::string only_binary = "must use field 'Binary'", only_string = "must use field 'String'";
const std::string no_lists = "Message attribute list values", unknown = "Unknown Attribute ";
const Json with_text{{"StringValue", "text"}};

const Member_Case sqs_cases[] = {
    {"MaxResults", Use::acted_on, 11, "", "ListMessageMoveTasks"},
    {"QueueUrl", Use::acted_on, queues + "absent"},
    {"QueueName", Use::acted_on, "absent"},
    {"QueueOwnerAWSAccountId", Use::acted_on, "111122223333"},
    {"QueueNamePrefix", Use::acted_on, "zzz"},
    {"NextToken", Use::acted_on, "zzz"},
    {"MaxResults", Use::acted_on, 1},
    {"TagKeys", Use::acted_on, {"absent"}},
    {"AttributeNames", Use::acted_on, {"QueueArn"}, "", "GetQueueAttributes"},
    {"Attributes.Policy", Use::stored,
     R"({ "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}})"},
    {"Attributes.VisibilityTimeout", Use::stored, "31", R"("VisibilityTimeout":"31")"},
    {"Attributes.MaximumMessageSize", Use::stored, "2048", R"("MaximumMessageSize":"2048")"},
    {"Attributes.MessageRetentionPeriod", Use::stored, "3601", R"("MessageRetentionPeriod":"3601")"},
    {"Attributes.DelaySeconds", Use::stored, "11", R"("DelaySeconds":"11")"},
    {"Attributes.ReceiveMessageWaitTimeSeconds", Use::stored, "17", R"("ReceiveMessageWaitTimeSeconds":"17")"},
    {"Attributes.KmsDataKeyReusePeriodSeconds",
     Use::stored,
     "301",
     R"("KmsDataKeyReusePeriodSeconds":"301")",
     "",
     {{"KmsMasterKeyId", "key"}}},
    {"Attributes.RedriveAllowPolicy", Use::stored, R"({"redrivePermission":"denyAll"})"},
    {"Attributes.FifoQueue", Use::rejected, "false", unknown + "FifoQueue"},
    {"Attributes.ContentBasedDeduplication", Use::rejected, "true", unknown + "ContentBasedDeduplication"},
    {"Attributes.DeduplicationScope", Use::rejected, "queue", "specify the DeduplicationScope only"},
    {"Attributes.FifoThroughputLimit", Use::rejected, "perQueue", "specify the FifoThroughputLimit only"},
    {"Attributes.SqsManagedSseEnabled", Use::stored, "false", R"("SqsManagedSseEnabled":"false")"},
    {"Attributes.RedrivePolicy", Use::stored,
     R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":9})"},
    {"Attributes.All", Use::rejected, nullptr, unknown + "All"},
    {"ReceiptHandle", Use::acted_on, "bad"},
    {"VisibilityTimeout", Use::acted_on, 0, "", "ReceiveMessage"},
    {"VisibilityTimeout", Use::acted_on, 60},
    {"MaxNumberOfMessages", Use::acted_on, 2},
    {"WaitTimeSeconds", Use::acted_on, 5, "", "", {{"QueueUrl", queues + "more"}}},
    {"AttributeNames", Use::acted_on, {"All"}},
    {"MessageSystemAttributeNames", Use::acted_on, {"All"}},
    {"MessageAttributeNames", Use::acted_on, {"All"}},
    {"DelaySeconds", Use::acted_on, 5},
    {"StringListValues", Use::rejected, nullptr, no_lists},
    {"BinaryListValues", Use::rejected, nullptr, no_lists},
    {"MessageAttributes.BinaryValue", Use::stored, nullptr, "", "", {{"DataType", "Binary"}}},
    {"MessageAttributes.DataType", Use::stored, "String.custom", "", "", with_text},
    {"AWSTraceHeader.BinaryValue", Use::rejected, nullptr, only_string},
    {"AWSTraceHeader.DataType", Use::rejected, "Number", "invalid message attribute type", "", with_text},
    {"MessageDeduplicationId", Use::rejected},
    {"ReceiveRequestAttemptId", Use::rejected},
    {"Label", Use::acted_on, "absent"},
    {"AWSAccountIds", Use::acted_on, {"444455556666"}},
    {"Actions", Use::acted_on, {"SendMessage"}},
    {"SourceArn", Use::acted_on, "absent"},
    {"DestinationArn", Use::acted_on, "absent"},
    {"MaxNumberOfMessagesPerSecond", Use::acted_on, 501},
    {"TaskHandle", Use::acted_on, "bad"},
};

struct Sqs_World : World {
    Sqs sqs{context};
    Sqs_Front front{context, sqs};
    std::string handle, task;

    Sqs_World() : World(aws::sqs_model()) {
        start(sqs_operations(front));
        prepare("CreateQueue", {{"QueueName", "dead"}});
        const Json to_dead{
            {"RedrivePolicy",
             R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":7})"}};
        for (const char* name : {"more", "work"})
            prepare("CreateQueue", {{"QueueName", name}, {"Attributes", to_dead}, {"tags", {{"k", "v"}}}});
        for (int number = 0; number < 3; ++number)
            prepare("SendMessage", {{"QueueUrl", queues + "work"},
                                    {"MessageBody", "body"},
                                    {"MessageAttributes", {{"own", {{"DataType", "String"}, {"StringValue", "x"}}}}}});
        const std::string received = prepare("ReceiveMessage", {{"QueueUrl", queues + "work"}});
        handle = Json::parse(received.substr(received.find('{')))["Messages"][0]["ReceiptHandle"];
        prepare("AddPermission", {{"QueueUrl", queues + "work"},
                                  {"Label", "first"},
                                  {"AWSAccountIds", {"111122223333"}},
                                  {"Actions", {"*"}}});
        prepare("CreateQueue", {{"QueueName", "fixed"}});
        prepare("CreateQueue",
                {{"QueueName", "again"},
                 {"Attributes",
                  {{"RedrivePolicy",
                    R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:fixed","maxReceiveCount":7})"}}}});
        for (int number = 0; number < 3; ++number)  // with one message a second, the task runs
            prepare("SendMessage", {{"QueueUrl", queues + "fixed"}, {"MessageBody", "body"}});
        task =
            sqs.move_tasks()
                .start({.source_arn = queue_arns + "fixed", .destination_arn = queue_arns + "again", .per_second = 1})
                .value()
                ->handle();
    }

    Json sample(std::string_view operation) override {
        const std::string queue = operation == "ListDeadLetterSourceQueues" ? "dead" : "work";
        const Json of_message{{"Id", "one"}, {"ReceiptHandle", handle}}, sent{{"Id", "one"}, {"MessageBody", "more"}};
        const Json all{{"QueueUrl", queues + queue},
                       {"QueueName", "work"},
                       {"ReceiptHandle", handle},
                       {"MessageBody", "more"},
                       {"TagKeys", {"k"}},
                       {"Tags", {{"k", "w"}}},
                       {"VisibilityTimeout", 0},
                       {"Entries", {of_message}},
                       {"Attributes", {{"DelaySeconds", "0"}}},
                       {"Label", "label"},
                       {"AWSAccountIds", {"111122223333"}},
                       {"Actions", {"*"}},
                       {"SourceArn", queue_arns + "dead"},
                       {"TaskHandle", task}};
        const Json special{{"CreateQueue", {{"QueueName", "fresh"}}},
                           {"SendMessageBatch", {{"Entries", {sent}}}},
                           {"RemovePermission", {{"Label", "first"}}},
                           {"ListMessageMoveTasks", {{"SourceArn", queue_arns + "fixed"}}}};
        return required_of(model, operation, all, special);
    }

    std::vector<std::pair<std::string_view, Json>> state() const override {
        const Json work{{"QueueUrl", queues + "work"}}, fresh{{"QueueUrl", queues + "fresh"}};
        const Json all{{"AttributeNames", {"All"}}};
        const auto with_all = [&](Json input) {
            input.update(all);
            return input;
        };
        Json received = with_all(work);
        received.update({{"MessageAttributeNames", {"All"}}, {"MaxNumberOfMessages", 10}, {"WaitTimeSeconds", 0}});
        return {{"ListQueues", Json::object()},
                {"GetQueueAttributes", with_all(work)},
                {"GetQueueAttributes", with_all(fresh)},
                {"ListQueueTags", work},
                {"ListQueueTags", fresh},
                {"ReceiveMessage", received}};
    }
};

TEST(Sqs_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Sqs_World>(aws::sqs_model(), sqs_cases, 23, {{"DataType", "String"}});
}

// ---- CloudWatch Logs ------------------------------------------------------------------------------------------------

const std::string group_arn = "arn:aws:logs:us-east-1:000000000000:log-group:";
constexpr std::int64_t now_ms = 55LL * 365 * 24 * 3'600'000;  // Fake_Clock

const std::string lambda_arn = "arn:aws:lambda:us-east-1:000000000000:function:";
const std::string any_policy = R"({"a": 1})", index_policy = R"({"Fields":["x"]})";
const std::string token(36, 't');

const Member_Case logs_cases[] = {
    {"parameters.name", Use::stored, "param_one"},
    {"parameters.defaultValue", Use::stored, "by default", "", "", {{"name", "p"}}},
    {"parameters.description", Use::stored, "about it", "", "", {{"name", "p"}}},
    {"deliveryDestinationType", Use::acted_on, "CWL", "", "PutDeliveryDestination"},
    {"logGroupName", Use::acted_on, "absent"},
    {"logGroupIdentifier", Use::acted_on, "absent"},
    {"logStreamName", Use::acted_on, "absent"},
    {"resourceArn", Use::acted_on, group_arn + "absent"},
    {"resourceIdentifier", Use::acted_on, group_arn + "absent"},
    {"logGroupClass", Use::stored, "DELIVERY", "", "CreateLogGroup"},
    {"logGroupClass", Use::acted_on, "STANDARD"},
    {"deletionProtectionEnabled", Use::acted_on, false, "", "PutLogGroupDeletionProtection"},
    {"accountIdentifiers", Use::acted_on, {"111122223333"}},
    {"includeLinkedAccounts", Use::no_effect, true},  // no accounts are linked
    {"logGroupNamePrefix", Use::acted_on, "zzz"},
    {"logGroupNamePattern", Use::acted_on, "zzz"},
    {"logGroupIdentifiers", Use::acted_on, {group_arn + "other"}},
    {"nextToken", Use::acted_on, "zzz"},
    {"limit", Use::acted_on, 1},
    {"logStreamNamePrefix", Use::acted_on, "zzz"},
    {"orderBy", Use::acted_on, "LastEventTime"},
    {"descending", Use::acted_on, true},
    {"logStreamNames", Use::acted_on, {"second"}},
    {"logStreamNamePrefixes", Use::acted_on, {"second"}},
    {"startTime", Use::acted_on, now_ms},
    {"endTime", Use::acted_on, 1},
    {"filterPattern", Use::acted_on, "zzz"},
    {"startFromHead", Use::acted_on, true, "", "GetLogEvents", {{"limit", 1}}},
    {"startFromHead", Use::acted_on, false},
    {"interleaved", Use::no_effect, true},          // ignored since 2019
    {"unmask", Use::no_effect, true},               // nothing is masked: data protection policies are stored only
    {"sequenceToken", Use::no_effect, "49590302"},  // ignored since 2023
    {"timestamp", Use::acted_on, now_ms - 1},
    {"keyAttributes", Use::rejected, {{"Type", "Service"}, {"Name", "n"}}, "rejectedEntityInfo"},
    {"entity.attributes", Use::rejected, {{"a", "b"}}, "rejectedEntityInfo"},
    {"retentionInDays", Use::stored, 7},
    {"tags", Use::acted_on, {"absent"}, "", "UntagLogGroup"},
    {"tagKeys", Use::acted_on, {"absent"}},
    {"dataSources.name", Use::no_effect},  // the list is rejected
    {"dataSources.type", Use::no_effect},
    {"logGroupTags.key", Use::acted_on, "k", "", "", {{"values", {"v"}}}},
    {"logGroupTags.values", Use::acted_on, {"absent"}, "", "", {{"key", "k"}}},
    // filters
    {"filterName", Use::acted_on, "absent", "", "DeleteMetricFilter"},
    {"filterName", Use::acted_on, "absent", "", "DeleteSubscriptionFilter"},
    {"filterNamePrefix", Use::acted_on, "zzz"},
    {"metricName", Use::acted_on, "zzz", "", "DescribeMetricFilters"},
    {"metricNamespace", Use::acted_on, "zzz", "", "DescribeMetricFilters"},
    {"defaultValue", Use::stored, 3, "\"defaultValue\":3"},
    {"logEventMessages", Use::acted_on, {"ERROR"}},
    {"destinationArn", Use::acted_on, lambda_arn + "absent"},
    {"distribution", Use::stored, "Random"},
    // policies
    {"policyName", Use::acted_on, "absent", "", "DeleteResourcePolicy"},
    {"policyName", Use::acted_on, "absent", "", "DescribeAccountPolicies"},
    {"policyName", Use::acted_on, "absent", "", "DeleteAccountPolicy"},
    {"policyDocument", Use::stored, index_policy, "", "PutIndexPolicy"},
    {"policyDocument", Use::stored, any_policy},
    {"expectedRevisionId", Use::acted_on, "other"},
    {"policyScope", Use::acted_on, "RESOURCE"},
    {"policyType", Use::acted_on, "RETENTION_POLICY"},
    {"scope", Use::no_effect, "ALL"},  // the only value
    {"indexCategories", Use::acted_on, {"DEFAULT"}},
    // destinations and deliveries
    {"destinationName", Use::acted_on, "absent", "", "PutDestinationPolicy"},
    {"destinationName", Use::acted_on, "absent", "", "DeleteDestination"},
    {"DestinationNamePrefix", Use::acted_on, "zzz"},
    {"accessPolicy", Use::stored, any_policy},
    {"forceUpdate", Use::no_effect, true},  // no subscription filter uses a destination
    {"name", Use::acted_on, "absent", "", "GetDeliverySource"},
    {"name", Use::acted_on, "absent", "", "DeleteDeliverySource"},
    {"name", Use::acted_on, "absent", "", "GetDeliveryDestination"},
    {"name", Use::acted_on, "absent", "", "DeleteDeliveryDestination"},
    {"logType", Use::acted_on, "OTHER"},
    {"resourceArns", Use::acted_on, {"absent"}},
    {"destinationResourceArn", Use::stored, "arn:aws:s3:::another"},
    {"names", Use::acted_on, {"absent"}},
    {"deliveryDestinationName", Use::acted_on, "absent"},
    {"deliveryDestinationPolicy", Use::stored, any_policy},
    {"deliverySourceName", Use::acted_on, "absent"},
    {"deliveryDestinationArn", Use::acted_on, group_arn + "absent"},
    {"fieldDelimiter", Use::stored, ";"},
    {"deliverySourceNames", Use::acted_on, {"absent"}},
    {"id", Use::acted_on, "absent"},
    // queries
    {"queryLanguage", Use::acted_on, "SQL", "", "DescribeQueryDefinitions"},
    {"queryLanguage", Use::acted_on, "SQL", "", "DescribeQueries"},
    {"queryDefinitionId", Use::acted_on, "absent"},
    {"queryDefinitionNamePrefix", Use::acted_on, "zzz"},
    {"clientToken", Use::acted_on, token},
    {"maxResults", Use::acted_on, 1},
    {"maxItems", Use::acted_on, 1},
    {"queryId", Use::acted_on, "absent"},
    {"status", Use::acted_on, "Failed"},
    {"queryString", Use::acted_on, "fields a"},
    {"logGroupNames", Use::acted_on, {"other"}, "", "StartQuery"},
    {"logRecordPointer", Use::acted_on, "absent"},
    {"time", Use::acted_on, 1},
    // export tasks
    {"taskId", Use::acted_on, "absent"},
    {"statusCode", Use::acted_on, "FAILED"},
    {"destination", Use::acted_on, "absent"},
    {"to", Use::stored, 2, "\"to\":2"},
};

struct Logs_World : World {
    Logs logs{context};
    S3 s3{context};
    Log_Queries queries{logs};
    Log_Exports exports{logs, s3};
    Function_Registry functions{context};
    test_support::Fake_Invocations invocations;
    std::string query, pointer;

    Logs_World() : World(aws::logs_model()) {
        Operations operations = logs_operations(logs);
        operations.add(log_query_operations(queries));
        operations.add(log_export_operations(exports));
        start(std::move(operations));
        add_groups();
        add_function();
        add_filters();
        add_policies();
        add_deliveries();
        add_queries();
    }

    void add_groups() {
        s3.create_bucket({}, "bucket", "").value();
        prepare("CreateLogGroup", {{"logGroupName", "group"}, {"tags", {{"k", "v"}}}});
        prepare("CreateLogGroup", {{"logGroupName", "other"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
        for (const auto& [stream, age_ms] : {std::pair{"first", 1000}, std::pair{"second", 2000}}) {
            prepare("CreateLogStream", {{"logGroupName", "group"}, {"logStreamName", stream}});
            Json events = Json::array();
            for (const char* message : {"one", "two"})
                events.push_back({{"timestamp", now_ms - age_ms}, {"message", message}});
            prepare("PutLogEvents", {{"logGroupName", "group"}, {"logStreamName", stream}, {"logEvents", events}});
        }
    }

    /// Adds a function that Logs may invoke.
    void add_function() {
        auto function = std::make_shared<Function>();
        function->name = "function";
        function->arn = lambda_arn + "function";
        Function_Record& record = functions.add(function);
        record.statements[""] = {{{"Effect", "Allow"},
                                  {"Principal", {{"Service", "logs.amazonaws.com"}}},
                                  {"Action", "lambda:InvokeFunction"},
                                  {"Resource", "*"}}};
        logs.subscriptions().connect(functions, invocations);
    }

    void add_filters() {
        const Json metrics{{{"metricName", "m"}, {"metricNamespace", "n"}, {"metricValue", "1"}}};
        for (const char* name : {"first", "second"}) {
            const Json filter{{"logGroupName", "group"}, {"filterName", name}, {"filterPattern", "ERROR"}};
            Json metric_filter = filter, subscription = filter;
            metric_filter["metricTransformations"] = metrics;
            prepare("PutMetricFilter", metric_filter);
            subscription["destinationArn"] = lambda_arn + "function";
            prepare("PutSubscriptionFilter", subscription);
            prepare("PutDestination", {{"destinationName", name}, {"targetArn", "t"}, {"roleArn", "r"}});
        }
    }

    void add_policies() {
        for (const char* name : {"first", "second"}) {
            prepare("PutResourcePolicy", {{"policyName", name}, {"policyDocument", "{}"}});
            prepare("PutAccountPolicy",
                    {{"policyName", name}, {"policyDocument", "{}"}, {"policyType", "DATA_PROTECTION_POLICY"}});
        }
        prepare("PutDataProtectionPolicy", {{"logGroupIdentifier", "group"}, {"policyDocument", "{}"}});
        prepare("PutIndexPolicy", {{"logGroupIdentifier", "group"}, {"policyDocument", R"({"Fields":["f"]})"}});
    }

    void add_deliveries() {
        const std::string prefix = "arn:aws:cloudfront::000000000000:distribution/";
        for (const char* name : {"first", "second", "unused"}) {
            prepare("PutDeliverySource", {{"name", name}, {"resourceArn", prefix + name}, {"logType", "ACCESS_LOGS"}});
            prepare("PutDeliveryDestination",
                    {{"name", name},
                     {"deliveryDestinationConfiguration", {{"destinationResourceArn", "arn:aws:s3:::bucket"}}}});
        }
        for (const char* name : {"first", "second"})  // with ids that are not random
            logs.resources().put({.account = {},
                                  .kind = "delivery",
                                  .name = name,
                                  .members = {{"id", name},
                                              {"arn", log_resource_arn({}, "delivery", name)},
                                              {"deliverySourceName", name},
                                              {"deliveryDestinationType", "S3"}}});
        for (const char* name : {"first", "second"})
            logs.resources().put({.account = {},
                                  .kind = "export-task",
                                  .name = name,
                                  .members = {{"taskId", name}, {"status", {{"code", "PENDING"}}}}});
    }

    void add_queries() {
        for (const char* name : {"first", "second"}) {
            const std::string started = prepare(
                "StartQuery",
                {{"logGroupName", "group"}, {"startTime", 0}, {"endTime", now_ms}, {"queryString", "fields @message"}});
            query = Json::parse(started.substr(started.find('{')))["queryId"];
            prepare("PutQueryDefinition",
                    {{"name", name}, {"queryString", "fields a"}, {"clientToken", token.substr(5) + name}});
        }
        prepare("PutQueryDefinition", {{"name", "q"}, {"queryString", "fields a"}, {"clientToken", token}});
        pointer = queries.results({}, query, 0, 100).value()["results"][0].back()["value"];
    }

    std::string definition() {
        const auto all = logs.resources().list({}, log_kinds::query_definition);
        return (*std::ranges::find_if(all, [](const auto* each) { return each->members["name"] == "q"; }))->name;
    }

    Json sample(std::string_view operation) override {
        const Json all{
            {"logGroupName", "group"},
            {"logStreamName", "first"},
            {"logEvents", {{{"timestamp", now_ms}, {"message", "three"}}}},
            {"logGroupIdentifiers", {group_arn + "group"}},
            {"logGroupIdentifier", "group"},
            {"deletionProtectionEnabled", true},
            {"retentionInDays", 30},
            {"resourceArn", group_arn + "group"},
            {"tags", {{"k", "w"}}},
            {"tagKeys", {"k"}},
            {"kmsKeyId", "key"},
            {"filterName", "first"},
            {"filterPattern", "ERROR"},
            {"logEventMessages", {"ERROR one", "two"}},
            {"metricTransformations", {{{"metricName", "m"}, {"metricNamespace", "n"}, {"metricValue", "2"}}}},
            {"destinationArn", lambda_arn + "function"},
            {"policyName", "first"},
            {"policyDocument", R"({"Fields":["g"]})"},
            {"policyType", "DATA_PROTECTION_POLICY"},
            {"destinationName", "first"},
            {"targetArn", "t"},
            {"roleArn", "r"},
            {"accessPolicy", "{}"},
            {"name", "unused"},
            {"logType", "ACCESS_LOGS"},
            {"deliveryDestinationName", "first"},
            {"deliveryDestinationPolicy", "{}"},
            {"deliverySourceName", "unused"},
            {"deliveryDestinationArn", log_resource_arn({}, "delivery-destination", "unused")},
            {"id", "first"},
            {"queryString", "fields b"},
            {"queryDefinitionId", definition()},
            {"startTime", 0},
            {"endTime", now_ms},
            {"queryId", query},
            {"logRecordPointer", pointer},
            {"taskId", "first"},
            {"from", 0},
            {"to", now_ms},
            {"destination", "bucket"}};
        const Json group{{"logGroupName", "group"}}, in_group{{"logGroupIdentifiers", {"group"}}};
        const Json special{
            {"AssociateKmsKey", group},
            {"CreateLogGroup", {{"logGroupName", "fresh"}}},
            {"CreateLogStream", {{"logStreamName", "fresh"}}},
            {"DescribeLogStreams", group},
            {"DisassociateKmsKey", group},
            {"FilterLogEvents", group},
            {"GetLogEvents", group},
            {"GetLogGroupFields", group},
            {"PutDestination", {{"destinationName", "fresh"}}},
            {"DeleteResourcePolicy", {{"policyName", "first"}}},
            {"PutDeliveryDestination",
             {{"name", "fresh"},
              {"deliveryDestinationConfiguration", {{"destinationResourceArn", "arn:aws:s3:::bucket"}}}}},
            {"PutDeliverySource",
             {{"name", "fresh"}, {"resourceArn", "arn:aws:cloudfront::000000000000:distribution/fresh"}}},
            {"PutResourcePolicy", {{"policyName", "first"}, {"policyDocument", "{}"}}},
            {"PutSubscriptionFilter", {{"logGroupName", "other"}}},
            {"StartQuery", {{"logGroupName", "group"}, {"queryString", "fields @message"}}},
            {"UntagLogGroup", {{"tags", {"k"}}}}};
        return required_of(model, operation, all, special);
    }

    std::string_view status_of_sample(std::string_view operation) const override {
        return operation == "StopQuery" ? "4" : "2";  // the query has ended
    }

    std::string outcome(const aws::Operation& operation, const Json& input) override {
        std::string text = World::outcome(operation, input);
        std::multiset<std::string> results;  // the order of the ids is random
        for (const Json& each : queries.describe({}, "", ""))
            results.insert(queries.results({}, each["queryId"], 0, 100).value().dump());
        for (const auto& result : results) text += result;
        const Listed_Objects exported = s3.list_objects({}, "bucket", {}).value();
        for (const auto& object : exported.objects)  // without the id of the task, which is random
            text += object->key.substr(0, object->key.find('/')) + object->key.substr(object->key.rfind('/') + 1);
        return text + "\n\n";
    }

    std::vector<std::pair<std::string_view, Json>> state() const override {
        const Json group{{"logGroupName", "group"}}, none = Json::object();
        const auto tags_of = [](std::string_view kind) -> std::pair<std::string_view, Json> {
            return {"ListTagsForResource", {{"resourceArn", log_resource_arn({}, kind, "fresh")}}};
        };
        return {{"DescribeLogGroups", none},
                {"DescribeLogStreams", group},
                {"FilterLogEvents", group},
                {"ListTagsLogGroup", group},
                {"ListTagsLogGroup", {{"logGroupName", "fresh"}}},
                {"DescribeMetricFilters", none},
                {"DescribeSubscriptionFilters", group},
                {"DescribeSubscriptionFilters", {{"logGroupName", "other"}}},
                {"DescribeResourcePolicies", none},
                {"DescribeAccountPolicies", {{"policyType", "DATA_PROTECTION_POLICY"}}},
                {"GetDataProtectionPolicy", {{"logGroupIdentifier", "group"}}},
                {"DescribeIndexPolicies", {{"logGroupIdentifiers", {"group"}}}},
                {"DescribeDestinations", none},
                tags_of("destination"),
                {"DescribeDeliverySources", none},
                {"DescribeDeliveryDestinations", none},
                {"GetDeliveryDestinationPolicy", {{"deliveryDestinationName", "first"}}},
                {"DescribeDeliveries", none},
                {"DescribeQueryDefinitions", none},
                {"DescribeExportTasks", none}};
    }
};

TEST(Logs_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    check_all<Logs_World>(aws::logs_model(), logs_cases, 72);
}

}  // namespace
}  // namespace osbot_aws::services
