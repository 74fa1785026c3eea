// Sends every member of the input of every S3 operation that the engine has, and proves what becomes of it: the engine
// acts on it, stores and returns it, or rejects the request and names it. None is dropped silently.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/time_text.hpp"
#include "services/s3/s3_api.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/member_check.hpp"
#include "support/routed.hpp"
#include "support/text.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Member_Case;
using test_support::Use;

const std::string past = "Thu, 01 Jan 2015 00:00:00 GMT", future = "Fri, 01 Jan 2100 00:00:00 GMT";
/// A date of If-Modified-Since is ignored if it is in the future.
const std::string present = base::http_date(test_support::Fake_Clock().time);
const std::string no_lock = "Object Lock Configuration";
const std::string no_acl = "ACLs";  // AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership
const std::string owner_id = "id=" + std::string(64, 'a');
const std::string bad_algorithm = "The algorithm type you specified in x-amz-checksum- header is invalid.";

// The first line that fits a member counts. A comment has the reason where the use is not obvious.
const Member_Case cases[] = {
    {"TagSet.Key", Use::stored},
    {"TagSet.Value", Use::stored},
    {"Tags.Key", Use::stored},
    {"Tags.Value", Use::stored},
    {"Objects.Key", Use::acted_on, "other"},
    {"Objects.VersionId", Use::acted_on, "1"},
    {"Objects.ETag", Use::acted_on, "other"},
    {"Objects.LastModifiedTime", Use::rejected, "2026-01-01T00:00:00Z", "DeleteObjects with LastModifiedTime"},
    {"Objects.Size", Use::rejected, 1, "DeleteObjects with Size"},
    {"Quiet", Use::acted_on, true},
    {"Parts.PartNumber", Use::acted_on, 2},
    {"Parts.ETag", Use::acted_on, "other"},
    {"Parts.ChecksumCRC32", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumCRC32C", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumCRC64NVME", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumSHA1", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumSHA256", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumSHA512", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumMD5", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumXXHASH64", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumXXHASH3", Use::rejected, "A", "InvalidPart"},
    {"Parts.ChecksumXXHASH128", Use::rejected, "A", "InvalidPart"},
    {"LocationConstraint", Use::acted_on, "eu-west-1"},
    {"Location.Name", Use::rejected, "a", "CreateBucket with Location"},
    {"Location.Type", Use::rejected, nullptr, "CreateBucket with Location"},
    {"Bucket.Type", Use::rejected, nullptr, "CreateBucket with Bucket"},
    {"Bucket.DataRedundancy", Use::rejected, nullptr, "CreateBucket with Bucket"},
    {"Bucket", Use::acted_on, "absent"},
    {"Key", Use::acted_on, "absent"},
    {"UploadId", Use::acted_on, "absent"},
    {"PartNumber", Use::acted_on, 10'001, "", "UploadPart"},
    {"PartNumber", Use::acted_on, 10'001, "", "UploadPartCopy"},
    {"CopySource", Use::acted_on, "bucket/absent"},
    {"ObjectAttributes", Use::acted_on, {"StorageClass"}},
    {"Body", Use::acted_on, "other"},
    {"ContentLength", Use::no_effect, 5},  // the HTTP server acts on it

    {"ExpectedBucketOwner", Use::acted_on, "999999999999"},
    {"ExpectedSourceBucketOwner", Use::acted_on, "999999999999"},
    {"VersionId", Use::acted_on, "other"},
    {"PartNumber", Use::acted_on, "1"},
    {"Range", Use::acted_on, "bytes=0-0"},
    {"IfMatch", Use::acted_on, "other"},
    {"IfNoneMatch", Use::acted_on, "*"},
    {"IfModifiedSince", Use::acted_on, present},
    {"IfUnmodifiedSince", Use::acted_on, past},
    {"CopySourceIfMatch", Use::acted_on, "other"},
    {"CopySourceIfNoneMatch", Use::acted_on, "*"},
    {"CopySourceIfModifiedSince", Use::acted_on, present},
    {"CopySourceIfUnmodifiedSince", Use::acted_on, past},
    {"CopySourceRange", Use::acted_on, "bytes=0-0"},
    {"MetadataDirective", Use::acted_on, "COPY"},
    {"TaggingDirective", Use::acted_on, "COPY"},
    {"ContentMD5", Use::acted_on, "AAAAAAAAAAAAAAAAAAAAAA=="},
    {"ChecksumAlgorithm", Use::acted_on, "SHA256"},
    {"ChecksumCRC32", Use::acted_on, "AAAAAA=="},
    {"ChecksumCRC32C", Use::acted_on, "AAAAAA=="},
    {"ChecksumCRC64NVME", Use::acted_on, "AAAAAAAAAAA="},
    {"ChecksumSHA1", Use::acted_on, "AAAA"},
    {"ChecksumSHA256", Use::acted_on, "AAAA"},
    {"ChecksumSHA512", Use::rejected, "AAAA", "actual checksum Type: sha512", "CompleteMultipartUpload"},
    {"ChecksumMD5", Use::rejected, "AAAA", "actual checksum Type: md5", "CompleteMultipartUpload"},
    {"ChecksumXXHASH64", Use::rejected, "AAAA", "actual checksum Type: xxhash64", "CompleteMultipartUpload"},
    {"ChecksumXXHASH3", Use::rejected, "AAAA", "actual checksum Type: xxhash3", "CompleteMultipartUpload"},
    {"ChecksumXXHASH128", Use::rejected, "AAAA", "actual checksum Type: xxhash128", "CompleteMultipartUpload"},
    {"ChecksumSHA512", Use::rejected, "AAAA", bad_algorithm},
    {"ChecksumMD5", Use::rejected, "AAAA", bad_algorithm},
    {"ChecksumXXHASH64", Use::rejected, "AAAA", bad_algorithm},
    {"ChecksumXXHASH3", Use::rejected, "AAAA", bad_algorithm},
    {"ChecksumXXHASH128", Use::rejected, "AAAA", bad_algorithm},
    {"ChecksumType", Use::acted_on, "COMPOSITE"},
    {"ChecksumMode", Use::acted_on, "ENABLED"},
    {"MpuObjectSize", Use::acted_on, "1"},
    {"ResponseCacheControl", Use::acted_on, "no-store"},
    {"ResponseContentDisposition", Use::acted_on, "inline"},
    {"ResponseContentEncoding", Use::acted_on, "gzip"},
    {"ResponseContentLanguage", Use::acted_on, "de"},
    {"ResponseContentType", Use::acted_on, "text/y"},
    {"ResponseExpires", Use::acted_on, "0"},
    {"MaxBuckets", Use::acted_on, "1"},
    {"BucketRegion", Use::acted_on, "eu-west-1"},
    {"ContinuationToken", Use::acted_on, "other"},
    {"Prefix", Use::acted_on, "zzz"},
    {"Delimiter", Use::acted_on, "/"},
    {"EncodingType", Use::acted_on, "url"},
    {"KeyMarker", Use::acted_on, "zzz"},
    {"UploadIdMarker", Use::acted_on, "zzz", "", "", {{"KeyMarker", "key"}}},
    {"MaxUploads", Use::acted_on, "0"},
    {"Marker", Use::acted_on, "zzz"},
    {"MaxKeys", Use::acted_on, "1"},
    {"StartAfter", Use::acted_on, "zzz"},
    {"OptionalObjectAttributes", Use::acted_on, "RestoreStatus"},
    {"FetchOwner", Use::acted_on, "true"},
    {"MaxParts", Use::acted_on, "0"},
    {"PartNumberMarker", Use::acted_on, "1"},

    {"CacheControl", Use::stored, "no-cache"},
    {"ContentDisposition", Use::stored, "attachment"},
    {"ContentEncoding", Use::stored, "br"},
    {"ContentLanguage", Use::stored, "fr"},
    {"ContentType", Use::stored, "text/x"},
    {"Expires", Use::stored, "Thu, 01 Jan 2026 01:02:03 GMT"},
    {"Metadata", Use::stored, {{"name", "one of metadata"}}},
    {"StorageClass", Use::stored, "STANDARD_IA"},
    {"Tagging", Use::stored, "colour=blue", "<Key>colour</Key><Value>blue</Value>"},
    {"WebsiteRedirectLocation", Use::stored, "/elsewhere"},

    // An object of a bucket without object lock
    {"ObjectLockLegalHoldStatus", Use::rejected, "ON", no_lock},
    {"ObjectLockMode", Use::rejected, "GOVERNANCE", no_lock},
    {"ObjectLockRetainUntilDate", Use::rejected, future, no_lock},
    {"ServerSideEncryption", Use::stored, "aws:kms"},
    {"SSEKMSKeyId", Use::stored, "my-key", "key/my-key", "", {{"ServerSideEncryption", "aws:kms"}}},
    {"BucketKeyEnabled", Use::stored, "true", "bucket-key-enabled: true", "", {{"ServerSideEncryption", "aws:kms"}}},
    {"ObjectLockEnabledForBucket", Use::acted_on, "true"},
    {"ObjectOwnership", Use::stored, "ObjectWriter"},
    {"Id", Use::acted_on, "two"},
    {"VersionIdMarker", Use::acted_on, "x"},
    {"TransitionDefaultMinimumObjectSize", Use::stored, "varies_by_storage_class"},
    {"Policy", Use::acted_on, "text"},

    {"ACL", Use::rejected, "public-read", no_acl},
    {"GrantFullControl", Use::rejected, owner_id, no_acl},
    {"GrantRead", Use::rejected, owner_id, no_acl},
    {"GrantReadACP", Use::rejected, owner_id, no_acl},
    {"GrantWrite", Use::rejected, owner_id, no_acl},
    {"GrantWriteACP", Use::rejected, owner_id, no_acl},
    {"AnnotationDirective", Use::rejected, "COPY"},
    {"BucketNamespace", Use::rejected, "account-regional"},
    // It only matters if the retention is shortened: tests/functional/test_s3_settings.py
    {"BypassGovernanceRetention", Use::no_effect, "true", "", "PutObjectRetention"},
    {"BypassGovernanceRetention", Use::rejected, "true"},
    {"CopySourceSSECustomerAlgorithm", Use::acted_on, "AES256"},
    {"CopySourceSSECustomerKey", Use::acted_on, "AAAA"},
    {"CopySourceSSECustomerKeyMD5", Use::acted_on, "AAAA"},
    {"IfMatchInitiatedTime", Use::rejected, past},
    {"IfMatchLastModifiedTime", Use::rejected, past},
    {"IfMatchSize", Use::rejected, "1"},
    {"ObjectLockEventHold", Use::rejected, "ON"},
    {"ObjectLockEventHoldDurationDays", Use::rejected, "1"},
    {"ObjectLockEventHoldDurationYears", Use::rejected, "1"},
    {"SSECustomerAlgorithm", Use::acted_on, "AES256"},
    {"SSECustomerKey", Use::acted_on, "AAAA"},
    {"SSECustomerKeyMD5", Use::acted_on, "AAAA"},
    {"SSEKMSEncryptionContext", Use::rejected, "e30="},
    {"WriteOffsetBytes", Use::rejected, "0"},

    {"MFA", Use::no_effect, "serial 123456"},       // only where MFA delete is on, which PutBucketVersioning rejects
    {"RequestPayer", Use::no_effect, "requester"},  // nothing is charged here
    {"SkipDestinationValidation", Use::no_effect, "true"},      // only of destinations, which the sample lacks
    {"ConfirmRemoveSelfBucketAccess", Use::no_effect, "true"},  // the engine does not evaluate policies
    {"Token", Use::no_effect, "token"},                         // of AWS's support, for buckets with objects
};

/// Returns the text without a part, which may be random.
std::string without(std::string text, const std::string& part) {
    for (auto at = text.find(part); !part.empty() && at != std::string::npos; at = text.find(part))
        text.erase(at, part.size());
    return text;
}

const std::string hello_etag = "5d41402abc4b2a76b9719d911017c592";  // of "hello"
const Json one_part{{"Parts", {{{"PartNumber", 1}, {"ETag", hello_etag}}}}};

/// The configuration documents of buckets, by the operations that put them.
const std::map<std::string, Json, std::less<>> documents = {
    {"PutBucketAccelerateConfiguration", {{"AccelerateConfiguration", {{"Status", "Enabled"}}}}},
    {"PutBucketAnalyticsConfiguration",
     {{"AnalyticsConfiguration",
       {{"Id", "one"},
        {"Filter", {{"Prefix", "a-p"}}},
        {"StorageClassAnalysis",
         {{"DataExport",
           {{"OutputSchemaVersion", "V_1"},
            {"Destination",
             {{"S3BucketDestination",
               {{"Format", "CSV"},
                {"BucketAccountId", "1"},
                {"Bucket", "arn:aws:s3:::b"},
                {"Prefix", "x-p"}}}}}}}}}}}}},
    {"PutBucketCors",
     {{"CORSConfiguration",
       {{"CORSRules",
         {{{"ID", "c-1"},
           {"AllowedHeaders", {"x-a"}},
           {"AllowedMethods", {"PUT"}},
           {"AllowedOrigins", {"http://a"}},
           {"ExposeHeaders", {"x-b"}},
           {"MaxAgeSeconds", 61}}}}}}}},
    {"PutBucketEncryption",
     {{"ServerSideEncryptionConfiguration",
       {{"Rules",
         {{{"ApplyServerSideEncryptionByDefault", {{"SSEAlgorithm", "aws:kms:dsse"}, {"KMSMasterKeyID", "k-1"}}},
           {"BucketKeyEnabled", true},
           {"BlockedEncryptionTypes", {{"EncryptionType", {"SSE-C"}}}}}}}}}}},
    {"PutBucketIntelligentTieringConfiguration",
     {{"IntelligentTieringConfiguration",
       {{"Id", "one"},
        {"Filter", {{"Tag", {{"Key", "t-k"}, {"Value", "t-v"}}}}},
        {"Status", "Disabled"},
        {"Tierings", {{{"Days", 91}, {"AccessTier", "ARCHIVE_ACCESS"}}}}}}}},
    {"PutBucketInventoryConfiguration",
     {{"InventoryConfiguration",
       {{"Id", "one"},
        {"Destination",
         {{"S3BucketDestination",
           {{"AccountId", "7"},
            {"Bucket", "arn:aws:s3:::i"},
            {"Format", "ORC"},
            {"Prefix", "i-p"},
            {"Encryption", {{"SSEKMS", {{"KeyId", "i-k"}}}}}}}}},
        {"IsEnabled", true},
        {"Filter", {{"Prefix", "f-p"}}},
        {"IncludedObjectVersions", "Current"},
        {"OptionalFields", {"ETag"}},
        {"Schedule", {{"Frequency", "Weekly"}}}}}}},
    {"PutBucketLifecycleConfiguration",
     {{"LifecycleConfiguration",
       {{"Rules",
         {{{"ID", "l-1"},
           {"Status", "Enabled"},
           {"Filter",
            {{"And",
              {{"Prefix", "l-p"},
               {"Tags", {{{"Key", "l-k"}, {"Value", "l-v"}}}},
               {"ObjectSizeGreaterThan", 11},
               {"ObjectSizeLessThan", 22}}}}},
           {"Expiration", {{"Days", 33}}},
           {"Transitions", {{{"Days", 12}, {"StorageClass", "GLACIER"}}}},
           {"NoncurrentVersionTransitions",
            {{{"NoncurrentDays", 44}, {"StorageClass", "GLACIER_IR"}, {"NewerNoncurrentVersions", 4}}}},
           {"NoncurrentVersionExpiration", {{"NoncurrentDays", 55}, {"NewerNoncurrentVersions", 6}}}},
          {{"ID", "l-2"},
           {"Status", "Disabled"},
           {"Prefix", "l-q"},
           {"Expiration", {{"Date", "2031-01-01T00:00:00Z"}}},
           {"AbortIncompleteMultipartUpload", {{"DaysAfterInitiation", 7}}}}}}}}}},
    {"PutBucketLogging",
     {{"BucketLoggingStatus",
       {{"LoggingEnabled",
         {{"TargetBucket", "set"},
          {"TargetPrefix", "g-p"},
          {"TargetObjectKeyFormat", {{"PartitionedPrefix", {{"PartitionDateSource", "EventTime"}}}}}}}}}}},
    {"PutBucketMetricsConfiguration", {{"MetricsConfiguration", {{"Id", "one"}, {"Filter", {{"Prefix", "m-p"}}}}}}},
    {"PutBucketNotificationConfiguration",
     {{"NotificationConfiguration", {{"EventBridgeConfiguration", Json::object()}}}}},
    {"PutBucketOwnershipControls",
     {{"OwnershipControls", {{"Rules", {{{"ObjectOwnership", "BucketOwnerPreferred"}}}}}}}},
    {"PutBucketReplication",
     {{"ReplicationConfiguration",
       {{"Role", "r-a"},
        {"Rules",
         {{{"ID", "r-1"},
           {"Priority", 3},
           {"Filter", {{"Prefix", "r-p"}}},
           {"Status", "Enabled"},
           {"DeleteMarkerReplication", {{"Status", "Disabled"}}},
           {"Destination", {{"Bucket", "arn:aws:s3:::set"}, {"StorageClass", "STANDARD_IA"}}}}}}}}}},
    {"PutBucketRequestPayment", {{"RequestPaymentConfiguration", {{"Payer", "Requester"}}}}},
    {"PutBucketWebsite",
     {{"WebsiteConfiguration",
       {{"IndexDocument", {{"Suffix", "w-i"}}},
        {"ErrorDocument", {{"Key", "w-e"}}},
        {"RoutingRules",
         {{{"Condition", {{"HttpErrorCodeReturnedEquals", "404"}, {"KeyPrefixEquals", "w-k"}}},
           {"Redirect",
            {{"HostName", "w-h"},
             {"HttpRedirectCode", "302"},
             {"Protocol", "https"},
             {"ReplaceKeyPrefixWith", "w-r"}}}}}}}}}},
    {"PutPublicAccessBlock",
     {{"PublicAccessBlockConfiguration", {{"BlockPublicAcls", true}, {"RestrictPublicBuckets", false}}}}},
};
/// Documents that are not in `documents`: their operations have functions of their own.
const std::map<std::string, Json, std::less<>> other_documents = {
    {"PutBucketAcl", {{"ACL", "private"}}},
    {"PutBucketPolicy",
     {{"Policy",
       R"({"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"arn:aws:s3:::set/*"}]})"}}},
    {"PutBucketVersioning", {{"VersioningConfiguration", {{"Status", "Enabled"}}}}},
    {"PutObjectAcl", {{"ACL", "private"}}},
    {"PutObjectLegalHold", {{"LegalHold", {{"Status", "OFF"}}}}},
    {"PutObjectLockConfiguration", {{"ObjectLockConfiguration", {{"ObjectLockEnabled", "Enabled"}}}}},
    {"RestoreObject", {{"Key", "archived"}, {"RestoreRequest", {{"Days", 1}}}}},
    {"PutObjectRetention", {{"Retention", {{"Mode", "GOVERNANCE"}, {"RetainUntilDate", "2100-01-01T00:00:00Z"}}}}},
};

/// Returns the bucket of the sample of an operation: `set` has all settings, `locked` has object lock.
std::string sample_bucket(std::string_view operation) {
    if (operation == "CreateBucket") return "new";
    if (operation.ends_with("LegalHold") || operation.ends_with("Retention") ||
        operation.ends_with("LockConfiguration"))
        return "locked";
    for (const char* own : {"BucketTagging", "BucketAcl", "BucketVersioning", "BucketLocation"})
        if (operation.ends_with(own)) return "bucket";
    const bool is_setting = operation.find("Bucket") != std::string_view::npos || operation.ends_with("AccessBlock");
    return is_setting && operation != "HeadBucket" && operation != "DeleteBucket" ? "set" : "bucket";
}

/// An engine with buckets, objects and an upload.
struct S3_World : test_support::Member_World {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    services::Context context{.loop = loop, .store = *store};
    services::S3 s3{context};
    S3_Api api{context, s3};
    std::string upload_id;

    S3_World() {
        send("PUT", "/bucket");
        send("PUT", "/second");
        for (const char* key : {"/bucket/key", "/bucket/source", "/bucket/a/b"})
            send("PUT", key, {{"x-amz-tagging", "of=source"}, {"x-amz-meta-of", "source"}}, "hello");
        send("PUT", "/bucket/archived", {{"x-amz-storage-class", "GLACIER"}}, "hello");
        send_input("RestoreObject", sample("RestoreObject"));
        upload_id = begin_upload("/bucket/key");
        const std::string parts = begin_upload("/bucket/parts", {{"x-amz-checksum-algorithm", "CRC32"}});
        complete("parts", parts);
        send_input("PutBucketTagging", sample("PutBucketTagging"));
        send("PUT", "/set");
        send("PUT", "/set?versioning", {},
             "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        for (const auto& [operation, document] : documents) send_input(operation, sample(operation));
        send_input("PutBucketPolicy", sample("PutBucketPolicy"));
        send("PUT", "/locked", {{"x-amz-bucket-object-lock-enabled", "true"}});
        send("PUT", "/locked/key", {}, "hello");
        for (const char* lock : {"PutObjectLegalHold", "PutObjectRetention"}) send_input(lock, sample(lock));
    }

    wire::Response send(wire::Request request) {
        std::optional<wire::Response> result;
        test_support::send_to(api, {}, std::move(request),
                              [&](wire::Response response) { result = std::move(response); });
        loop.run();
        return result.value();
    }
    wire::Response send(std::string method, std::string target, wire::Headers headers = {}, std::string body = "") {
        return send(wire::Request{std::move(method), std::move(target), std::move(headers), std::move(body)});
    }
    /// Starts an upload of one part. Returns its id.
    std::string begin_upload(const std::string& path, const wire::Headers& headers = {}) {
        const auto id =
            test_support::between(send("POST", path + "?uploads", headers).body.bytes(), "<UploadId>", "</UploadId>");
        send("PUT", path + "?partNumber=1&uploadId=" + id, {}, "hello");
        return id;
    }
    void complete(const std::string& key, const std::string& id) {
        send_input("CompleteMultipartUpload",
                   {{"Bucket", "bucket"}, {"Key", key}, {"UploadId", id}, {"MultipartUpload", one_part}});
    }
    wire::Response send_input(std::string_view operation, const Json& input) {
        const aws::Service& model = aws::s3_model();
        return send(test_support::model_request(model, *model.find_operation(operation), input));
    }
    static std::string text_of(const wire::Response& response) {
        std::string text = fmt::format("{}\n", response.status);
        for (const auto& [name, value] : response.headers)
            if (name != "x-amz-request-id" && name != "x-amz-id-2") text += fmt::format("{}: {}\n", name, value);
        const auto& body = response.body;
        text += body.file() ? fmt::format("{}+{}", body.file()->offset, body.file()->size) : body.bytes();
        return without(text, test_support::between(text, "<RequestId>", "</HostId>"));
    }

    Json sample(std::string_view operation) override {
        const Json all{{"Bucket", sample_bucket(operation)},
                       {"Id", "one"},
                       {"Key", operation == "GetObjectAttributes" ? "parts" : "key"},
                       {"UploadId", upload_id},
                       {"PartNumber", 1},
                       {"CopySource", "bucket/source"},
                       {"ObjectAttributes", {"ETag", "ObjectParts"}},
                       {"Delete", {{"Objects", {{{"Key", "key"}}}}}},
                       {"Tagging", {{"TagSet", {{{"Key", "a"}, {"Value", "1"}}}}}}};
        const Json special{{"DeleteBucket", {{"Bucket", "second"}}},
                           {"PutObject", {{"Body", "hello"}}},
                           {"UploadPart", {{"Body", "hello"}}},
                           {"CompleteMultipartUpload", {{"MultipartUpload", one_part}}},
                           {"CopyObject", {{"MetadataDirective", "REPLACE"}, {"TaggingDirective", "REPLACE"}}}};
        Json input = test_support::required_of(aws::s3_model(), operation, all, special);
        for (const auto* table : {&documents, &other_documents})
            if (const auto found = table->find(operation); found != table->end()) input.update(found->second);
        return input;
    }

    /// Sends a request. Returns the text of the response and of what the request changed.
    std::string outcome(const aws::Operation& operation, const Json& input) override {
        const std::string_view name = operation.name;
        auto request = test_support::model_request(aws::s3_model(), operation, input);
        if (name == "DeleteObjects" && request.headers.find("Content-MD5") == nullptr) {
            base::Md5 md5;
            md5.update(request.body.bytes());
            request.headers.set("Content-MD5", base::base64_encode(md5.finish_raw()));
        }
        const auto response = send(std::move(request));
        std::string text = text_of(response) + "\n\n";
        if (name == "CreateMultipartUpload" && response.status == 200) {
            const std::string id = test_support::between(text, "<UploadId>", "</UploadId>");
            text = without(text, id);
            send("PUT", "/bucket/key?partNumber=1&uploadId=" + id, {}, "hello");
            complete("key", id);
        }
        const wire::Headers with_checksums{{"x-amz-checksum-mode", "ENABLED"}};
        for (const auto& [method, target] : {std::pair{"HEAD", "/bucket/key"},
                                             {"GET", "/bucket/key?tagging"},
                                             {"GET", "/bucket?tagging"},
                                             {"HEAD", "/new"},
                                             {"GET", "/new?versioning"},
                                             {"GET", "/new?ownershipControls"},
                                             {"GET", "/new?tagging"}})
            text += text_of(send(method, target, with_checksums));
        return without(text, upload_id);
    }
};

TEST(S3_Members_Test, each_is_acted_on_or_stored_or_rejected) {
    test_support::Member_Check check(aws::s3_model(), cases, [] { return std::make_unique<S3_World>(); });
    const S3_World world;
    EXPECT_GT(world.api.operations().all().size(), 85U);
    std::set<std::string, std::less<>> whole{"AccessControlPolicy",     "VersioningConfiguration", "LegalHold",
                                             "ObjectLockConfiguration", "RestoreRequest",          "Retention"};
    for (const auto& [operation, document] : documents) whole.insert(document.begin().key());
    check.skip_documents(std::move(whole));
    for (const auto& [name, run] : world.api.operations().all()) check.check(*aws::s3_model().find_operation(name));
    check.expect_all_cases_used();
}

/// Adds the texts of all values of a document.
void add_texts(const Json& value, std::vector<std::string>& texts) {
    if (value.is_structured())
        for (const Json& item : value) add_texts(item, texts);
    else
        texts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
}

// A document is stored as the model reads it.
TEST(S3_Members_Test, documents_are_returned_with_all_members) {
    S3_World world;
    for (const auto& [operation, input] : documents) {
        SCOPED_TRACE(operation);
        EXPECT_EQ(world.send_input(operation, world.sample(operation)).status / 100, 2);
        const std::string get = "Get" + operation.substr(3);
        const auto returned = world.send_input(get, world.sample(get));
        EXPECT_EQ(returned.status, 200);
        std::vector<std::string> texts;
        add_texts(input.begin().value(), texts);
        for (const std::string& text : texts)
            EXPECT_THAT(std::string(returned.body.bytes()), testing::HasSubstr(">" + text + "<"));
    }
}

}  // namespace
}  // namespace osbot_aws::services
