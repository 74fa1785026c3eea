#include "services/s3/s3_acls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/s3_versions.hpp"
#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {
namespace {

constexpr const char* acl_name = "acl";
constexpr std::size_t grants_max = 100;
constexpr std::size_t canonical_id_digits = 64;

constexpr const char* all_users = "http://acs.amazonaws.com/groups/global/AllUsers";
constexpr const char* authenticated_users = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
constexpr const char* log_delivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// A predefined ACL: the grants in addition to that of the owner.
struct Canned_Acl {
    std::string_view name;
    std::vector<std::pair<const char*, const char*>> grants;  ///< group and permission
};
const std::array<Canned_Acl, 8> canned_acls{
    Canned_Acl{"private", {}},
    Canned_Acl{"public-read", {{all_users, "READ"}}},
    Canned_Acl{"public-read-write", {{all_users, "READ"}, {all_users, "WRITE"}}},
    Canned_Acl{"authenticated-read", {{authenticated_users, "READ"}}},
    Canned_Acl{"log-delivery-write", {{log_delivery, "WRITE"}, {log_delivery, "READ_ACP"}}},
    Canned_Acl{"aws-exec-read", {}},
    Canned_Acl{"bucket-owner-read", {}},
    Canned_Acl{"bucket-owner-full-control", {}}};

struct Grant_Header {
    const char *member, *header, *permission;
};
constexpr Grant_Header grant_headers[] = {{"GrantFullControl", "x-amz-grant-full-control", "FULL_CONTROL"},
                                          {"GrantRead", "x-amz-grant-read", "READ"},
                                          {"GrantReadACP", "x-amz-grant-read-acp", "READ_ACP"},
                                          {"GrantWrite", "x-amz-grant-write", "WRITE"},
                                          {"GrantWriteACP", "x-amz-grant-write-acp", "WRITE_ACP"}};

bool is_canonical_id(std::string_view text) {
    return text.size() == canonical_id_digits && base::consists_of(base::lower_case(text), base::is_hex_digit);
}

bool is_group(std::string_view uri) { return uri == all_users || uri == authenticated_users || uri == log_delivery; }

Json grant_json(Json grantee, const std::string& permission) {
    return {{"Grantee", std::move(grantee)}, {"Permission", permission}};
}

Json group_json(const std::string& uri) { return {{"Type", "Group"}, {"URI", uri}}; }

Json owner_grants(const Account& owner) {
    Json grantee = owner_json(owner);
    grantee["Type"] = "CanonicalUser";
    return Json::array({grant_json(std::move(grantee), "FULL_CONTROL")});
}

Json canned_grants(const Canned_Acl& canned, const Account& owner) {
    Json grants = owner_grants(owner);
    for (const auto& [group, permission] : canned.grants) grants.push_back(grant_json(group_json(group), permission));
    return grants;
}

// ---- the headers of a request ----

bool has_grant_header(const aws::Fields& fields) {
    return std::ranges::any_of(grant_headers, [&](const Grant_Header& each) { return fields.has(each.member); });
}

Result<const Canned_Acl*> canned_of(const Call& call) {
    const auto name = call.fields().text_or("ACL", "private");
    const auto found =
        std::ranges::find(canned_acls, std::string_view(name.empty() ? "private" : name), &Canned_Acl::name);
    if (found == canned_acls.end()) return refuse_argument(call, "", "x-amz-acl", name);
    return &*found;
}

/// Since October 2025, S3 has no grants to e-mail addresses any more.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html, EmailAddress
Error email_grantee() {
    return {"MethodNotAllowed", "The specified method is not allowed against this resource.", 405};
}

/// Reads one grantee of a header: `id="..."` or `uri="..."`. The case of the type does not matter: the examples of the
/// AWS CLI write `emailaddress`.
Result<Json> grantee_of(const Call& call, const Grant_Header& header, std::string_view text) {
    std::string_view value = text;
    const std::string type = base::lower_case(base::take_until(value, '='));
    value = base::trimmed(value, "\"");
    if (type == "uri") {
        if (!is_group(value)) return refuse_argument(call, "Invalid group uri", "uri", value);
        return group_json(std::string(value));
    }
    if (type == "id") {
        if (!is_canonical_id(value)) return refuse_argument(call, "Invalid id", "id", value);
        return Json{{"Type", "CanonicalUser"}, {"ID", std::string(value)}};
    }
    if (type == "emailaddress") return email_grantee();
    return refuse_argument(call, "Argument format not recognized", header.header, text);
}

Result<Json> header_grants(const Call& call) {
    Json grants = Json::array();
    for (const Grant_Header& header : grant_headers) {
        const std::string text = call.fields().text_or(header.member);
        std::string_view rest = text;
        while (!rest.empty()) {
            OSBOT_TRY(auto grantee, grantee_of(call, header, base::trimmed(base::take_until(rest, ','), " ")));
            grants.push_back(grant_json(std::move(grantee), header.permission));
        }
    }
    if (grants.size() > grants_max)
        return Error{"InvalidRequest", fmt::format("An ACL cannot have more than {} grants.", grants_max), 400};
    return grants;
}

/// Returns the grants in the headers of a request.
Result<Json> requested_grants(const Call& call) {
    if (call.fields().has("ACL") && has_grant_header(call.fields()))
        return Error{"InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed", 400};
    if (has_grant_header(call.fields())) return header_grants(call);
    OSBOT_TRY(const auto* const canned, canned_of(call));
    return canned_grants(*canned, call.account);
}

// ---- what a bucket permits ----

bool grants_to_public(const Json& grants) {
    return std::any_of(grants.begin(), grants.end(), [](const Json& grant) {
        const auto uri = aws::Fields(aws::Fields(grant).object("Grantee")).text_or("URI");
        return uri == all_users || uri == authenticated_users;
    });
}

/// The ownership setting that a new or existing bucket has. nullopt: the bucket does not exist.
std::optional<std::string> ownership_of(const S3& s3, const Call& call, bool creates_bucket) {
    if (creates_bucket) return call.fields().text_or("ObjectOwnership", "BucketOwnerEnforced");
    const auto bucket = s3.bucket(call.account, bucket_of(call));
    return bucket ? std::optional(object_ownership(**bucket)) : std::nullopt;
}

Error not_supported(bool creates_bucket) {
    if (creates_bucket)
        return {"InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", 400};
    return {"AccessControlListNotSupported", "The bucket does not allow ACLs", 400};
}

/// Checks the grants against the settings of the bucket.
Result<void> check_permitted(const S3& s3, const Call& call, const Json& grants, bool creates_bucket) {
    const auto ownership = ownership_of(s3, call, creates_bucket);
    if (!ownership) return {};
    const bool is_owners = grants == owner_grants(call.account);
    if (*ownership == "BucketOwnerEnforced" && !is_owners) return not_supported(creates_bucket);
    const auto bucket = s3.bucket(call.account, bucket_of(call));
    if (!creates_bucket && grants_to_public(grants) && bucket && blocks_public(**bucket, "BlockPublicAcls"))
        return access_denied();
    return {};
}

// ---- PutBucketAcl, PutObjectAcl ----

Error malformed_acl() {
    return {"MalformedACLError",
            "The XML you provided was not well-formed or did not validate against our published schema", 400};
}

Result<void> check_grant(const Call& call, const aws::Fields& grant) {
    const aws::Fields grantee(grant.object("Grantee"));
    const auto type = grantee.text_or("Type");
    if (!grant.has("Permission") || (type != "Group" && type != "CanonicalUser" && type != "AmazonCustomerByEmail"))
        return malformed_acl();
    if (type == "AmazonCustomerByEmail") return email_grantee();
    if (type == "Group" && !is_group(grantee.text_or("URI")))
        return refuse_argument(call, "Invalid group uri", "Group/URI", grantee.text_or("URI"));
    if (type == "CanonicalUser" && !is_canonical_id(grantee.text_or("ID")))
        return refuse_argument(call, "Invalid id", "CanonicalUser/ID", grantee.text_or("ID"));
    return {};
}

Result<Json> body_grants(const Call& call, const char* operation) {
    const aws::Fields policy(call.fields().object("AccessControlPolicy"));
    if (!policy.has("Owner") || !policy.has("Grants")) return malformed_acl();
    if (!has_valid_values(operation, "AccessControlPolicy", policy.json())) return malformed_acl();
    const auto owner = aws::Fields(policy.object("Owner")).text_or("ID");
    if (!is_canonical_id(owner)) return refuse_argument(call, "Invalid id", "CanonicalUser/ID", owner);
    if (owner != aws::Fields(owner_json(call.account)).text_or("ID")) return access_denied();
    if (policy.list("Grants").size() > grants_max) return malformed_acl();
    for (const Json& grant : policy.list("Grants")) OSBOT_TRY(check_grant(call, aws::Fields(grant)));
    return policy.list("Grants");
}

/// Returns the grants that a request to put an ACL has in its headers or in its body.
Result<Json> grants_to_put(const S3& s3, const Call& call, const char* operation) {
    const bool has_headers = call.fields().has("ACL") || has_grant_header(call.fields());
    const bool has_body = !call.request.body.bytes().empty();
    if (!has_headers && !has_body)
        return refuse(call, {"MissingSecurityHeader", "Your request was missing a required header", 400},
                      {{"MissingHeaderName", "x-amz-acl"}});
    if (has_headers && has_body) return Error{"UnexpectedContent", "This request does not support content", 400};
    OSBOT_TRY(auto grants, has_body ? body_grants(call, operation) : requested_grants(call));
    OSBOT_TRY(check_permitted(s3, call, grants, false));
    return grants;
}

Result<Json> put_bucket_acl(S3& s3, const Call& call) {
    OSBOT_TRY(s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(auto grants, grants_to_put(s3, call, "PutBucketAcl"));
    return no_output(s3.set_setting(call.account, bucket_of(call), acl_name, Json{{"Grants", std::move(grants)}}));
}

Result<Json> put_object_acl(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, requested_object(s3, call));
    OSBOT_TRY(const auto grants, grants_to_put(s3, call, "PutObjectAcl"));
    S3_Object changed = *object;
    changed.acl = base::dump_json_lossy(grants);
    OSBOT_TRY(s3.update_object(call.account, bucket_of(call), changed));
    const std::string before = object->acl.empty() ? base::dump_json_lossy(owner_grants(call.account)) : object->acl;
    if (changed.acl != before) notify(s3, call, "ObjectAcl:Put", changed);
    Json output = Json::object();
    add_version(output, s3, call, changed);
    return output;
}

/// Returns the output of GetBucketAcl and GetObjectAcl. If ACLs are disabled, only the owner has a grant.
Json acl_output(const S3_Bucket& bucket, const Json& grants) {
    const bool is_disabled = object_ownership(bucket) == "BucketOwnerEnforced";
    return {{"Owner", owner_json(bucket.owner)},
            {"Grants", is_disabled || !grants.is_array() ? owner_grants(bucket.owner) : grants}};
}

Json grants_of(const S3_Bucket& bucket) {
    const Json* stored = bucket.setting(acl_name);
    return stored == nullptr ? Json() : aws::Fields(*stored).list("Grants");
}

Result<Json> get_bucket_acl(S3& s3, const Call& call) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    return acl_output(*bucket, grants_of(*bucket));
}

Result<Json> get_object_acl(S3& s3, const Call& call) {
    OSBOT_TRY(const auto object, requested_object(s3, call));
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    return acl_output(*bucket, object->acl.empty() ? Json() : base::parse_json(object->acl));
}

}  // namespace

Result<void> check_acl_headers(const S3& s3, const Call& call) {
    if (!call.fields().has("ACL") && !has_grant_header(call.fields())) return {};
    OSBOT_TRY(const auto grants, requested_grants(call));
    return check_permitted(s3, call, grants, !call.fields().has("Key"));
}

Result<std::string> acl_of_new_object(const Call& call) {
    if (!call.fields().has("ACL") && !has_grant_header(call.fields())) return std::string();
    OSBOT_TRY(const auto grants, requested_grants(call));
    return grants == owner_grants(call.account) ? std::string() : base::dump_json_lossy(grants);
}

Result<void> set_acl_of_new_bucket(S3& s3, const Call& call) {
    OSBOT_TRY(auto grants, requested_grants(call));
    if (grants == owner_grants(call.account)) return {};
    return s3.set_setting(call.account, bucket_of(call), acl_name, Json{{"Grants", std::move(grants)}});
}

bool grants_to_others(const S3_Bucket& bucket) {
    const Json grants = grants_of(bucket);
    return !grants.is_null() && grants != owner_grants(bucket.owner);
}

Operations s3_acl_operations(S3& s3) {
    return {s3,
            {{"GetBucketAcl", &get_bucket_acl},
             {"GetObjectAcl", &get_object_acl},
             {"PutBucketAcl", &put_bucket_acl},
             {"PutObjectAcl", &put_object_acl}}};
}

}  // namespace osbot_aws::services
