// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
#include "services/access/access_rules.hpp"
#include "services/s3/s3_copy.hpp"

namespace osbot_aws::services {
namespace {

Resources all_buckets(const Access_Input& input) { return {bucket_arn(input.call.account, "*")}; }
Resources bucket_arns(const Access_Input& input) {
    return {bucket_arn(input.state.s3, input.call.account, input.text("Bucket"))};
}
std::string arn_of_object(const Access_Input& input, const std::string& bucket, const std::string& key) {
    return object_arn(input.state.s3, input.call.account, bucket, key);
}
Resources object_arns(const Access_Input& input) {
    return {Resource(arn_of_object(input, bucket_of(input.call), key_of(input.call)), input.text("VersionId"))};
}
/// The object whose ETag is compared with that of a condition: the caller must be allowed to read it.
/// Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html, example 2,
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html
Resources object_with_etag(const Access_Input& input) {
    return input.text("IfMatch") == "*" ? Resources() : object_arns(input);
}
Resources current_object(const Access_Input& input) {
    return input.call.fields().has("VersionId") ? Resources() : object_arns(input);
}

/// The source of a copy, if it names a version, or if it does not. The operation rejects a malformed one.
Resources source_object_arns(const Access_Input& input, bool of_version) {
    const auto source = copy_source(input.call);
    if (!source || source->version.empty() == of_version) return {};
    return {Resource(arn_of_object(input, source->bucket, source->key), source->version)};
}
Resources current_source(const Access_Input& input) { return source_object_arns(input, false); }
Resources source_version(const Access_Input& input) { return source_object_arns(input, true); }

Resources replication_role(const Access_Input& input) {
    return {aws::Fields(input.call.fields().object("ReplicationConfiguration")).text_or("Role", "*")};
}

constexpr Resource_Group s3_groups[] = {
    {&all_buckets, "ListBuckets ListDirectoryBuckets"},
    {&bucket_arns,
     "CreateBucket CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration CreateSession DeleteBucket "
     "DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption "
     "DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration DeleteBucketLifecycle "
     "DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration DeleteBucketMetricsConfiguration "
     "DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite "
     "DeletePublicAccessBlock GetBucketAbac GetBucketAccelerateConfiguration GetBucketAcl "
     "GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption GetBucketIntelligentTieringConfiguration "
     "GetBucketInventoryConfiguration GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging "
     "GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration "
     "GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus "
     "GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite "
     "GetObjectLockConfiguration GetPublicAccessBlock HeadBucket ListBucketAnalyticsConfigurations "
     "ListBucketIntelligentTieringConfigurations ListBucketInventoryConfigurations ListBucketMetricsConfigurations "
     "ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2 PutBucketAbac PutBucketAccelerateConfiguration "
     "PutBucketAcl PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption "
     "PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration PutBucketLifecycleConfiguration "
     "PutBucketLogging PutBucketMetricsConfiguration PutBucketNotificationConfiguration PutBucketOwnershipControls "
     "PutBucketPolicy PutBucketReplication PutBucketRequestPayment PutBucketTagging PutBucketVersioning "
     "PutBucketWebsite PutObjectLockConfiguration PutPublicAccessBlock "
     "UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration "
     "UpdateBucketMetadataJournalTableConfiguration"},
    {&object_arns,
     "AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject "
     "DeleteObjectAnnotation DeleteObjectTagging GetObject GetObjectAcl GetObjectAnnotation GetObjectAttributes "
     "GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent HeadObject ListObjectAnnotations "
     "ListParts PutObject PutObjectAcl PutObjectAnnotation PutObjectLegalHold PutObjectRetention PutObjectTagging "
     "RenameObject RestoreObject SelectObjectContent UpdateObjectEncryption UploadPart UploadPartCopy"},
    {&any_resource, "WriteGetObjectResponse"},
};

constexpr Renamed_Action s3_renamed[] = {
    {"CompleteMultipartUpload", "PutObject"},
    {"CopyObject", "PutObject"},
    {"CreateBucketMetadataConfiguration", "CreateBucketMetadataTableConfiguration"},
    {"CreateMultipartUpload", "PutObject"},
    {"DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"},
    {"DeleteBucketCors", "PutBucketCORS"},
    {"DeleteBucketEncryption", "PutEncryptionConfiguration"},
    {"DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"},
    {"DeleteBucketInventoryConfiguration", "PutInventoryConfiguration"},
    {"DeleteBucketLifecycle", "PutLifecycleConfiguration"},
    {"DeleteBucketMetadataConfiguration", "DeleteBucketMetadataTableConfiguration"},
    {"DeleteBucketMetricsConfiguration", "PutMetricsConfiguration"},
    {"DeleteBucketOwnershipControls", "PutBucketOwnershipControls"},
    {"DeleteBucketReplication", "PutReplicationConfiguration"},
    {"DeleteBucketTagging", "PutBucketTagging"},
    {"DeleteObject", "DeleteObjectVersion", "VersionId"},
    {"DeleteObjectTagging", "DeleteObjectVersionTagging", "VersionId"},
    {"DeletePublicAccessBlock", "PutBucketPublicAccessBlock"},
    {"GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"},
    {"GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"},
    {"GetBucketCors", "GetBucketCORS"},
    {"GetBucketEncryption", "GetEncryptionConfiguration"},
    {"GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"},
    {"GetBucketInventoryConfiguration", "GetInventoryConfiguration"},
    {"GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"},
    {"GetBucketMetadataConfiguration", "GetBucketMetadataTableConfiguration"},
    {"GetBucketMetricsConfiguration", "GetMetricsConfiguration"},
    {"GetBucketNotificationConfiguration", "GetBucketNotification"},
    {"GetBucketReplication", "GetReplicationConfiguration"},
    {"GetObject", "GetObjectVersion", "VersionId"},
    {"GetObjectAcl", "GetObjectVersionAcl", "VersionId"},
    {"GetObjectAttributes", "GetObjectVersionAttributes", "VersionId"},
    {"GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"},
    {"GetObjectTagging", "GetObjectVersionTagging", "VersionId"},
    {"GetPublicAccessBlock", "GetBucketPublicAccessBlock"},
    {"HeadBucket", "ListBucket"},
    {"HeadObject", "GetObjectVersion", "VersionId"},
    {"HeadObject", "GetObject"},
    {"ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration"},
    {"ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration"},
    {"ListBucketInventoryConfigurations", "GetInventoryConfiguration"},
    {"ListBucketMetricsConfigurations", "GetMetricsConfiguration"},
    {"ListBuckets", "ListAllMyBuckets"},
    {"ListMultipartUploads", "ListBucketMultipartUploads"},
    {"ListObjectVersions", "ListBucketVersions"},
    {"ListObjects", "ListBucket"},
    {"ListObjectsV2", "ListBucket"},
    {"ListParts", "ListMultipartUploadParts"},
    {"PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"},
    {"PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"},
    {"PutBucketCors", "PutBucketCORS"},
    {"PutBucketEncryption", "PutEncryptionConfiguration"},
    {"PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"},
    {"PutBucketInventoryConfiguration", "PutInventoryConfiguration"},
    {"PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"},
    {"PutBucketMetricsConfiguration", "PutMetricsConfiguration"},
    {"PutBucketNotificationConfiguration", "PutBucketNotification"},
    {"PutBucketReplication", "PutReplicationConfiguration"},
    {"PutObjectAcl", "PutObjectVersionAcl", "VersionId"},
    {"PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"},
    {"PutObjectTagging", "PutObjectVersionTagging", "VersionId"},
    {"PutPublicAccessBlock", "PutBucketPublicAccessBlock"},
    {"RenameObject", "PutObject"},
    {"SelectObjectContent", "GetObject"},
    {"UploadPart", "PutObject"},
    {"UploadPartCopy", "PutObject"},
};

constexpr std::string_view object_acl = "ACL GrantFullControl GrantRead GrantReadACP GrantWriteACP";
constexpr std::string_view bucket_acl = "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP";

constexpr Additional_Action s3_additional[] = {
    {"CompleteMultipartUpload", "IfMatch", "s3:GetObject", &object_with_etag},
    {"CopyObject", object_acl, "s3:PutObjectAcl", &object_arns},
    {"CopyObject", "CopySource", "s3:GetObject", &current_source},
    {"CopyObject", "CopySource", "s3:GetObjectVersion", &source_version},
    {"CopyObject", "ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold", &object_arns},
    {"CopyObject", "ObjectLockMode", "s3:PutObjectRetention", &object_arns},
    {"CopyObject", "Tagging", "s3:PutObjectTagging", &object_arns},
    {"CreateBucket", bucket_acl, "s3:PutBucketAcl", &bucket_arns},
    {"CreateBucket", "ObjectLockEnabledForBucket", "s3:PutBucketObjectLockConfiguration", &bucket_arns},
    {"CreateBucket", "ObjectLockEnabledForBucket", "s3:PutBucketVersioning", &bucket_arns},
    {"CreateBucket", "ObjectOwnership", "s3:PutBucketOwnershipControls", &bucket_arns},
    {"CreateMultipartUpload", object_acl, "s3:PutObjectAcl", &object_arns},
    {"CreateMultipartUpload", "ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold", &object_arns},
    {"CreateMultipartUpload", "ObjectLockMode", "s3:PutObjectRetention", &object_arns},
    {"CreateMultipartUpload", "Tagging", "s3:PutObjectTagging", &object_arns},
    {"DeleteObject", "BypassGovernanceRetention", "s3:BypassGovernanceRetention", &object_arns},
    {"DeleteObject", "IfMatch", "s3:GetObject", &object_with_etag},
    {"GetObjectAttributes", "Key", "s3:GetObject", &current_object},
    {"GetObjectAttributes", "VersionId", "s3:GetObjectVersion", &object_arns},
    {"PutBucketReplication", "ReplicationConfiguration", "iam:PassRole", &replication_role},
    {"PutObject", object_acl, "s3:PutObjectAcl", &object_arns},
    {"PutObject", "IfMatch", "s3:GetObject", &object_with_etag},
    {"PutObject", "ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold", &object_arns},
    {"PutObject", "ObjectLockMode", "s3:PutObjectRetention", &object_arns},
    {"PutObject", "Tagging", "s3:PutObjectTagging", &object_arns},
    {"PutObjectRetention", "BypassGovernanceRetention", "s3:BypassGovernanceRetention", &object_arns},
    {"UploadPartCopy", "CopySource", "s3:GetObject", &current_source},
    {"UploadPartCopy", "CopySource", "s3:GetObjectVersion", &source_version},
};

/// The operation asks for each object, and responds with those that its caller may not delete.
constexpr std::string_view s3_unchecked = "DeleteObjects";

}  // namespace

const Access_Rules& s3_access_rules() {
    static constexpr Access_Rules rules{"s3", s3_groups, s3_renamed, s3_additional, s3_unchecked};
    return rules;
}

}  // namespace osbot_aws::services
