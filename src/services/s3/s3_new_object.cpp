#include "services/s3/s3_new_object.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "services/s3/encryption/customer_key.hpp"
#include "services/s3/lifecycle/lifecycle_rules.hpp"
#include "services/s3/s3_acls.hpp"
#include "services/s3/s3_locks.hpp"
#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {
namespace {

const std::string encryption_header = "x-amz-server-side-encryption",
                  key_header = "x-amz-server-side-encryption-aws-kms-key-id",
                  bucket_key_header = "x-amz-server-side-encryption-bucket-key-enabled";
constexpr std::array<std::string_view, 3> algorithms{"AES256", "aws:kms", "aws:kms:dsse"};

/// Returns the ARN of a key of KMS. `id`: an ARN, an ID or an alias; "": the key that AWS manages for S3, whose ID is
/// derived from the account and the region.
std::string key_arn(const S3_Bucket& bucket, const std::string& id) {
    if (id.starts_with("arn:")) return id;
    const Account& owner = bucket.owner;
    std::string resource = id.starts_with("alias/") ? id : "key/" + id;
    if (id.empty()) {
        const std::string hex = base::sha256_hex(fmt::format("aws/s3 {} {}", owner.id, owner.region));
        resource = fmt::format("key/{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                               hex.substr(15, 3), hex.substr(18, 12));
    }
    return owner.arn("kms", resource);
}

/// Sets the headers of an object that KMS encrypts.
void set_key(const S3_Bucket& bucket, const Call& call, const aws::Fields& rule, S3_Object& object) {
    const aws::Fields by_default(rule.object("ApplyServerSideEncryptionByDefault"));
    const auto requested = call.fields().text_or("SSEKMSKeyId");
    object.headers[key_header] = key_arn(bucket, requested.empty() ? by_default.text_or("KMSMasterKeyID") : requested);
    const bool has_bucket_key =
        call.fields().has("BucketKeyEnabled") ? call.fields().flag("BucketKeyEnabled") : rule.flag("BucketKeyEnabled");
    if (has_bucket_key) object.headers[bucket_key_header] = "true";
}

/// Returns true if the bucket rejects keys of clients.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
bool blocks_customer_keys(const aws::Fields& rule) {
    const auto blocked = aws::Fields(rule.object("BlockedEncryptionTypes")).texts("EncryptionType");
    return std::ranges::find(blocked, "SSE-C") != blocked.end();
}

Result<void> set_encryption(const S3_Bucket& bucket, const Call& call, S3_Object& object) {
    OSBOT_TRY(set_customer_key(call, object));
    const bool is_default = bucket.setting(encryption_setting.name) == nullptr;
    const bool has_key = has_customer_key(object);
    if (is_default && (has_key || (!call.fields().has("ServerSideEncryption") && !call.fields().has("SSEKMSKeyId"))))
        return {};
    const Json rules = aws::Fields(document_of(bucket, encryption_setting)).list("Rules");
    const Json first_rule = rules.empty() ? Json::object() : rules[0];
    const aws::Fields rule(first_rule);
    if (has_key) return blocks_customer_keys(rule) ? Result<void>(access_denied()) : Result<void>();
    auto algorithm = call.fields().text_or("ServerSideEncryption");
    if (!algorithm.empty() && std::ranges::find(algorithms, algorithm) == algorithms.end())
        return refuse_argument(call, "The encryption method specified is not supported", encryption_header, algorithm);
    if (call.fields().has("SSEKMSKeyId") && !algorithm.starts_with("aws:kms"))
        return refuse_argument(call,
                               "Server Side Encryption with AWS KMS managed key requires HTTP header "
                               "x-amz-server-side-encryption : aws:kms",
                               encryption_header, algorithm.empty() ? "null" : algorithm);
    if (algorithm.empty())
        algorithm = aws::Fields(rule.object("ApplyServerSideEncryptionByDefault")).text_or("SSEAlgorithm");
    if (algorithm.empty() || algorithm == "AES256") return {};  // the default is not stored
    object.headers[encryption_header] = algorithm;
    set_key(bucket, call, rule, object);
    return {};
}

}  // namespace

Result<void> apply_settings(const S3& s3, const Call& call, S3_Object& object) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(set_encryption(*bucket, call, object));
    OSBOT_TRY(set_lock(*bucket, call, object, s3.context().now()));
    OSBOT_TRY(auto acl, acl_of_new_object(call));
    object.acl = std::move(acl);
    return {};
}

void add_encryption(Json& output, const Call& call, const S3_Object& object) {
    if (has_customer_key(object)) {
        for (const char* member : {"SSECustomerAlgorithm", "SSECustomerKeyMD5"})
            if (auto value = call.fields().text(member)) output[member] = std::move(*value);
        return;
    }
    output["ServerSideEncryption"] = "AES256";
    for (const auto& [member, header] : {std::pair{"ServerSideEncryption", &encryption_header},
                                         {"SSEKMSKeyId", &key_header},
                                         {"BucketKeyEnabled", &bucket_key_header}})
        if (const auto found = object.headers.find(*header); found != object.headers.end())
            output[member] = found->second;
}

void add_expiration(Json& output, const S3& s3, const Call& call, const S3_Object& object) {
    const auto bucket = s3.bucket(call.account, bucket_of(call));
    if (!bucket) return;
    if (auto expiration = expiration_of(**bucket, object, s3.day())) output["Expiration"] = std::move(*expiration);
}

}  // namespace osbot_aws::services
