// IAM's operations for identity providers: OpenID Connect and SAML.
#include <chrono>

#include "base/random.hpp"
#include "base/time_text.hpp"
#include "services/iam/api/entity.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

// ---- OpenID Connect ----

constexpr std::size_t thumbprints_max = 5, client_ids_max = 100, providers_max = 100;

/// Returns the URL without scheme and query, as it is in the ARN. Errors: ValidationError.
Result<std::string> host_of(const std::string& url) {
    for (const std::string_view scheme : {"https://", "http://"})
        if (url.starts_with(scheme) && url.size() > scheme.size())
            return url.substr(scheme.size(), url.find('?') - scheme.size());
    return Error{"ValidationError", "Invalid Open ID Connect Provider URL", 400};
}

std::optional<Error> bad_thumbprints(const std::vector<std::string>& thumbprints) {
    if (thumbprints.size() <= thumbprints_max) return std::nullopt;
    return Error{"InvalidInput", "Thumbprint list must contain fewer than 5 entries.", 400};
}

Result<Json> create_oidc(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    Oidc_Provider created;
    created.account = call.account.id;
    OSBOT_TRY(created.url, host_of(fields.text_or("Url")));
    created.client_ids = fields.texts("ClientIDList");
    created.thumbprints = fields.texts("ThumbprintList");
    if (auto error = bad_thumbprints(created.thumbprints)) return *error;
    if (created.client_ids.size() > client_ids_max)
        return iam_limit("ClientIdsPerOpenIdConnectProvider", client_ids_max);
    OSBOT_TRY(add_iam_tags(created.tags, fields.pairs("Tags"), has_case_sensitive_tags<Oidc_Provider>));
    created.arn = call.account.global_arn("iam", "oidc-provider/" + created.url);
    auto& providers = iam.all<Oidc_Provider>();
    if (providers.find_ignoring_case(call.account, created.arn) != nullptr)
        return Error{"EntityAlreadyExists", fmt::format("Provider with url {} already exists.", fields.text_or("Url")),
                     409};
    if (providers.of(call.account).size() >= providers_max)
        return iam_limit("OpenIdConnectProvidersPerAccount", providers_max);
    created.created_at = iam.now();
    const Oidc_Provider& stored = providers.put(std::move(created));
    Json json{{"OpenIDConnectProviderArn", stored.arn}};
    add_tags_unless_empty(json, stored.tags);
    return json;
}

Result<Json> get_oidc(Iam& iam, const Call& call) {
    return named<Oidc_Provider>(iam, call).transform([](const Oidc_Provider* provider) {
        return Json{{"Url", provider->url},
                    {"ClientIDList", provider->client_ids},
                    {"ThumbprintList", provider->thumbprints},
                    {"CreateDate", provider->created_at},
                    {"Tags", iam_tags_json(provider->tags)}};
    });
}

Result<Json> list_oidc(Iam& iam, const Call& call) {
    Json list = Json::array();
    for (const auto& [arn, provider] : iam.all<Oidc_Provider>().of(call.account))
        list.push_back({{"Arn", provider.arn}});
    return Json{{"OpenIDConnectProviderList", std::move(list)}};
}

Result<Json> delete_oidc(Iam& iam, const Call& call) {
    const auto provider = named<Oidc_Provider>(iam, call);
    if (!provider)
        return Error{"NoSuchEntity",
                     fmt::format("OpenId connect Provider {} cannot be found.",
                                 call.fields().text_or("OpenIDConnectProviderArn")),
                     404};
    iam.all<Oidc_Provider>().erase(**provider);
    return Json::object();
}

Result<Json> update_thumbprints(Iam& iam, const Call& call) {
    const auto thumbprints = call.fields().texts("ThumbprintList");
    if (auto error = bad_thumbprints(thumbprints)) return *error;
    OSBOT_TRY(Oidc_Provider * provider, named<Oidc_Provider>(iam, call));
    provider->thumbprints = thumbprints;
    iam.all<Oidc_Provider>().save(*provider);
    return Json::object();
}

/// Succeeds if the client id is in the list already.
Result<Json> add_client_id(Iam& iam, const Call& call) {
    const std::string id = call.fields().text_or("ClientID");
    OSBOT_TRY(Oidc_Provider * provider, named<Oidc_Provider>(iam, call));
    auto& ids = provider->client_ids;
    if (std::ranges::find(ids, id) != ids.end()) return Json::object();
    if (ids.size() >= client_ids_max) return iam_limit("ClientIdsPerOpenIdConnectProvider", client_ids_max);
    ids.push_back(id);
    iam.all<Oidc_Provider>().save(*provider);
    return Json::object();
}

Result<Json> remove_client_id(Iam& iam, const Call& call) {
    OSBOT_TRY(Oidc_Provider * provider, named<Oidc_Provider>(iam, call));
    std::erase(provider->client_ids, call.fields().text_or("ClientID"));
    iam.all<Oidc_Provider>().save(*provider);
    return Json::object();
}

// ---- SAML ----

constexpr std::chrono::hours metadata_validity{100 * 365 * 24};  // of a document without validUntil
constexpr std::size_t private_keys_max = 2;

/// Returns the attribute validUntil of a metadata document, or a time far ahead, as AWS does.
std::string valid_until(const Iam& iam, const std::string& document) {
    constexpr std::string_view attribute = "validUntil=\"";
    const auto at = document.find(attribute);
    if (at != std::string::npos) {
        const auto begin = at + attribute.size();
        if (const auto time = base::parse_iso8601(document.substr(begin, document.find('"', begin) - begin)))
            return base::iso8601_z(*time);
    }
    return base::iso8601_z(iam.context().now() + metadata_validity);
}

std::optional<Error> add_private_key(Iam& iam, const Call& call, Saml_Provider& provider) {
    if (!call.fields().has("AddPrivateKey")) return std::nullopt;
    if (provider.private_keys.size() >= private_keys_max)
        return iam_limit("PrivateKeysPerSAMLProvider", private_keys_max);
    provider.private_keys.push_back({.id = base::upper_case(base::random_alphanumeric(22)), .added_at = iam.now()});
    return std::nullopt;
}

Result<Json> create_saml(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    Saml_Provider created;
    created.account = call.account.id;
    created.name = fields.text_or("Name");
    created.document = fields.text_or("SAMLMetadataDocument");
    created.encryption = fields.text_or("AssertionEncryptionMode", created.encryption);
    OSBOT_TRY(add_iam_tags(created.tags, fields.pairs("Tags"), has_case_sensitive_tags<Saml_Provider>));
    if (auto error = add_private_key(iam, call, created)) return *error;
    created.arn = call.account.global_arn("iam", "saml-provider/" + created.name);
    auto& providers = iam.all<Saml_Provider>();
    if (providers.find_ignoring_case(call.account, created.arn) != nullptr)
        return Error{"EntityAlreadyExists", fmt::format("SAMLProvider {} already exists.", created.name), 409};
    if (providers.of(call.account).size() >= providers_max) return iam_limit("SAMLProvidersPerAccount", providers_max);
    created.uuid = base::upper_case(base::random_alphanumeric(22));
    created.created_at = iam.now();
    created.valid_until = valid_until(iam, created.document);
    const Saml_Provider& stored = providers.put(std::move(created));
    Json json{{"SAMLProviderArn", stored.arn}};
    add_tags_unless_empty(json, stored.tags);
    return json;
}

Result<Json> get_saml(Iam& iam, const Call& call) {
    OSBOT_TRY(const Saml_Provider* provider, named<Saml_Provider>(iam, call));
    Json keys = Json::array();
    for (const Saml_Key& key : provider->private_keys) keys.push_back({{"KeyId", key.id}, {"Timestamp", key.added_at}});
    return Json{{"SAMLProviderUUID", provider->uuid},    {"SAMLMetadataDocument", provider->document},
                {"CreateDate", provider->created_at},    {"ValidUntil", provider->valid_until},
                {"Tags", iam_tags_json(provider->tags)}, {"AssertionEncryptionMode", provider->encryption},
                {"PrivateKeyList", std::move(keys)}};
}

Result<Json> list_saml(Iam& iam, const Call& call) {
    Json list = Json::array();
    for (const auto& [arn, provider] : iam.all<Saml_Provider>().of(call.account))
        list.push_back(
            {{"Arn", provider.arn}, {"ValidUntil", provider.valid_until}, {"CreateDate", provider.created_at}});
    return Json{{"SAMLProviderList", std::move(list)}};
}

Result<Json> update_saml(Iam& iam, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const Saml_Provider* provider, named<Saml_Provider>(iam, call));
    Saml_Provider changed = *provider;
    if (const auto document = fields.text("SAMLMetadataDocument")) {
        changed.document = *document;
        changed.valid_until = valid_until(iam, *document);
    }
    changed.encryption = fields.text_or("AssertionEncryptionMode", changed.encryption);
    if (const auto removed = fields.text("RemovePrivateKey");
        removed && std::erase_if(changed.private_keys, [&](const auto& key) { return key.id == *removed; }) == 0)
        return Error{"NoSuchEntity", fmt::format("The private key with ID {} cannot be found.", *removed), 404};
    if (auto error = add_private_key(iam, call, changed)) return *error;
    return Json{{"SAMLProviderArn", iam.all<Saml_Provider>().put(std::move(changed)).arn}};
}

Result<Json> delete_saml(Iam& iam, const Call& call) {
    OSBOT_TRY(const Saml_Provider* provider, named<Saml_Provider>(iam, call));
    iam.all<Saml_Provider>().erase(*provider);
    return Json::object();
}

}  // namespace

Operations iam_provider_operations(Iam& iam) {
    Operations all{iam,
                   {{"AddClientIDToOpenIDConnectProvider", &add_client_id},
                    {"CreateOpenIDConnectProvider", &create_oidc},
                    {"CreateSAMLProvider", &create_saml},
                    {"DeleteOpenIDConnectProvider", &delete_oidc},
                    {"DeleteSAMLProvider", &delete_saml},
                    {"GetOpenIDConnectProvider", &get_oidc},
                    {"GetSAMLProvider", &get_saml},
                    {"ListOpenIDConnectProviderTags", &list_entity_tags<Oidc_Provider>},
                    {"ListOpenIDConnectProviders", &list_oidc},
                    {"ListSAMLProviderTags", &list_entity_tags<Saml_Provider>},
                    {"ListSAMLProviders", &list_saml},
                    {"RemoveClientIDFromOpenIDConnectProvider", &remove_client_id},
                    {"TagOpenIDConnectProvider", &tag_entity<Oidc_Provider>},
                    {"TagSAMLProvider", &tag_entity<Saml_Provider>},
                    {"UntagOpenIDConnectProvider", &untag_entity<Oidc_Provider>},
                    {"UntagSAMLProvider", &untag_entity<Saml_Provider>},
                    {"UpdateOpenIDConnectProviderThumbprint", &update_thumbprints},
                    {"UpdateSAMLProvider", &update_saml}}};
    all.reject({{"CreateOpenIDConnectProvider", "ContextProvider"},  // of IAM Identity Center
                {"CreateOpenIDConnectProvider", "IdentityCenterInstanceArn"},
                {"CreateSAMLProvider", "ContextProvider"},
                {"CreateSAMLProvider", "IdentityCenterInstanceArn"},
                {"UpdateSAMLProvider", "ContextProvider"},
                {"UpdateSAMLProvider", "IdentityCenterInstanceArn"},
                {"UpdateSAMLProvider", "RemoveContextProvider"},
                {"UpdateSAMLProvider", "RemoveIdentityCenterInstance"}});
    return all;
}

}  // namespace osbot_aws::services
