// IAM's operations for server certificates.
#include <chrono>

#include "base/time_text.hpp"
#include "services/iam/api/entity.hpp"
#include "services/iam/api/tables.hpp"
#include "services/iam/certificate.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t certificates_max = 20;
constexpr std::chrono::hours unread_validity{365 * 24};  // of a body that the engine cannot read

Json server_metadata(const Server_Certificate& certificate) {
    return {{"Path", certificate.path},
            {"ServerCertificateName", certificate.name},
            {"ServerCertificateId", certificate.id},
            {"Arn", certificate.arn},
            {"UploadDate", certificate.uploaded_at},
            {"Expiration", certificate.expires_at}};
}

Error certificate_taken(const std::string& name) {
    return {"EntityAlreadyExists", fmt::format("The Server Certificate with name {} already exists.", name), 409};
}

/// Stores body and chain. The private key is not stored: no operation returns it.
Result<Json> upload_server_certificate(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    Server_Certificate created;
    OSBOT_TRY(start_entity(iam, call, "serverCertificateName", created.uploaded_at, created));
    created.body = fields.text_or("CertificateBody");
    created.chain = fields.text_or("CertificateChain");
    if (fields.text_or("PrivateKey") == created.body)
        return Error{"KeyPairMismatch", "The private key is the certificate: upload the key of the certificate.", 400};
    auto& certificates = iam.all<Server_Certificate>();
    if (certificates.find_ignoring_case(call.account, created.name) != nullptr) return certificate_taken(created.name);
    if (certificates.of(call.account).size() >= certificates_max)
        return iam_limit("ServerCertificatesPerAccount", certificates_max);
    created.id = new_iam_id("ASCA");
    created.arn = arn_of(call.account.partition(), "server-certificate", created);
    const auto facts = read_certificate(created.body);
    created.expires_at = facts ? facts->expires_at : base::iso8601_z(iam.context().now() + unread_validity);
    const Server_Certificate& stored = certificates.put(std::move(created));
    Json json{{"ServerCertificateMetadata", server_metadata(stored)}};
    add_tags_unless_empty(json, stored.tags);
    return json;
}

Result<Json> get_server_certificate(Iam& iam, const Call& call) {
    return named<Server_Certificate>(iam, call).transform([](const Server_Certificate* found) {
        Json json{{"ServerCertificateMetadata", server_metadata(*found)},
                  {"CertificateBody", found->body},
                  {"Tags", iam_tags_json(found->tags)}};
        if (!found->chain.empty()) json["CertificateChain"] = found->chain;
        return Json{{"ServerCertificate", std::move(json)}};
    });
}

Result<Json> list_server_certificates(Iam& iam, const Call& call) {
    return iam_page(call, "ServerCertificateMetadataList", iam.all<Server_Certificate>().of(call.account),
                    server_metadata);
}

Result<Json> update_server_certificate(Iam& iam, const Call& call) {
    auto& certificates = iam.all<Server_Certificate>();
    OSBOT_TRY(const Server_Certificate* found, named<Server_Certificate>(iam, call));
    Server_Certificate changed = *found;
    changed.name = call.fields().text_or("NewServerCertificateName", changed.name);
    changed.path = call.fields().text_or("NewPath", changed.path);
    if (auto error = bad_iam_name(changed.name, "newServerCertificateName")) return *error;
    if (auto error = bad_iam_path(changed.path)) return *error;
    const auto* other = certificates.find_ignoring_case(call.account, changed.name);
    if (other != nullptr && other != found) return certificate_taken(changed.name);
    changed.arn = arn_of(wire::partition_in(found->arn), "server-certificate", changed);
    certificates.erase(*found);
    certificates.put(std::move(changed));
    return Json::object();
}

Result<Json> delete_server_certificate(Iam& iam, const Call& call) {
    OSBOT_TRY(const Server_Certificate* found, named<Server_Certificate>(iam, call));
    iam.all<Server_Certificate>().erase(*found);
    return Json::object();
}

}  // namespace

Operations iam_certificate_operations(Iam& iam) {
    return {iam,
            {{"DeleteServerCertificate", &delete_server_certificate},
             {"GetServerCertificate", &get_server_certificate},
             {"ListServerCertificateTags", &list_entity_tags<Server_Certificate>},
             {"ListServerCertificates", &list_server_certificates},
             {"TagServerCertificate", &tag_entity<Server_Certificate>},
             {"UntagServerCertificate", &untag_entity<Server_Certificate>},
             {"UpdateServerCertificate", &update_server_certificate},
             {"UploadServerCertificate", &upload_server_certificate}}};
}

}  // namespace osbot_aws::services
