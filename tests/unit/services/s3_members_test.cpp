// Sends every member of the input of every S3 operation that the engine has, and proves what becomes of it: the engine
// acts on it, stores and returns it, or rejects the request and names it. None is dropped silently.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "aws/models/models.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "services/s3/s3_api.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/routed.hpp"
#include "support/text.hpp"

namespace osbot_aws::services {
namespace {

enum class Use {
    address,    ///< belongs to every request of this test, which cannot exist without it
    acted_on,   ///< the outcome differs with this value
    stored,     ///< the outcome has the text
    rejected,   ///< the outcome has the text, an error that names the member or the feature
    no_effect,  ///< nor has it on AWS: the outcome is the same
    elsewhere,  ///< the HTTP server acts on it
};

struct Member_Case {
    std::string_view member;
    Use use;
    std::string_view value = {};
    std::string_view text = {};  ///< of the outcome, for stored (default: the value) and rejected (default: the name)
    std::string_view operation = {};  ///< only of this operation
};

constexpr std::string_view past = "Thu, 01 Jan 2015 00:00:00 GMT", future = "Fri, 01 Jan 2100 00:00:00 GMT";
constexpr std::string_view no_acl = "ACLs";  // AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership
constexpr std::string_view bad_algorithm = "The algorithm type you specified in x-amz-checksum- header is invalid.";

// The first line that fits a member counts. A comment has the reason where the use is not obvious.
constexpr Member_Case cases[] = {
    {"Bucket", Use::address},
    {"Key", Use::address},
    {"UploadId", Use::address},
    {"PartNumber", Use::address, "", "", "UploadPart"},
    {"PartNumber", Use::address, "", "", "UploadPartCopy"},
    {"CopySource", Use::address},
    {"ObjectAttributes", Use::address},
    {"Body", Use::address},
    {"Delete", Use::address},           // its members: see documents
    {"MultipartUpload", Use::address},  // see documents
    {"Tagging", Use::address, "", "", "PutBucketTagging"},
    {"Tagging", Use::address, "", "", "PutObjectTagging"},
    {"ContentLength", Use::elsewhere},

    {"ExpectedBucketOwner", Use::acted_on, "999999999999"},
    {"ExpectedSourceBucketOwner", Use::acted_on, "999999999999"},
    {"VersionId", Use::acted_on, "other"},
    {"PartNumber", Use::acted_on, "1"},
    {"Range", Use::acted_on, "bytes=0-0"},
    {"IfMatch", Use::acted_on, "other"},
    {"IfNoneMatch", Use::acted_on, "*"},
    {"IfModifiedSince", Use::acted_on, future},
    {"IfUnmodifiedSince", Use::acted_on, past},
    {"CopySourceIfMatch", Use::acted_on, "other"},
    {"CopySourceIfNoneMatch", Use::acted_on, "*"},
    {"CopySourceIfModifiedSince", Use::acted_on, future},
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
    {"CreateBucketConfiguration", Use::acted_on,
     "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"},
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
    {"UploadIdMarker", Use::acted_on, "zzz"},
    {"MaxUploads", Use::acted_on, "0"},
    {"Marker", Use::acted_on, "zzz"},
    {"MaxKeys", Use::acted_on, "1"},
    {"StartAfter", Use::acted_on, "zzz"},
    {"FetchOwner", Use::acted_on, "true"},
    {"MaxParts", Use::acted_on, "0"},
    {"PartNumberMarker", Use::acted_on, "1"},

    {"CacheControl", Use::stored, "no-cache"},
    {"ContentDisposition", Use::stored, "attachment"},
    {"ContentEncoding", Use::stored, "br"},
    {"ContentLanguage", Use::stored, "fr"},
    {"ContentType", Use::stored, "text/x"},
    {"Expires", Use::stored, "Thu, 01 Jan 2026 01:02:03 GMT"},
    {"Metadata", Use::stored, "one of metadata"},
    {"StorageClass", Use::stored, "STANDARD_IA"},
    {"Tagging", Use::stored, "colour=blue", "<Key>colour</Key><Value>blue</Value>"},
    {"WebsiteRedirectLocation", Use::stored, "/elsewhere"},

    {"ACL", Use::rejected, "public-read", no_acl},
    {"GrantFullControl", Use::rejected, "id=1", no_acl},
    {"GrantRead", Use::rejected, "id=1", no_acl},
    {"GrantReadACP", Use::rejected, "id=1", no_acl},
    {"GrantWrite", Use::rejected, "id=1", no_acl},
    {"GrantWriteACP", Use::rejected, "id=1", no_acl},
    {"AnnotationDirective", Use::rejected, "COPY"},
    {"BucketKeyEnabled", Use::rejected, "true"},
    {"BucketNamespace", Use::rejected, "account-regional"},
    {"BypassGovernanceRetention", Use::rejected, "true"},
    {"CopySourceSSECustomerAlgorithm", Use::rejected, "AES256"},
    {"CopySourceSSECustomerKey", Use::rejected, "AAAA"},
    {"CopySourceSSECustomerKeyMD5", Use::rejected, "AAAA"},
    {"IfMatchInitiatedTime", Use::rejected, past},
    {"IfMatchLastModifiedTime", Use::rejected, past},
    {"IfMatchSize", Use::rejected, "1"},
    {"ObjectLockEnabledForBucket", Use::rejected, "true"},
    {"ObjectLockEventHold", Use::rejected, "ON"},
    {"ObjectLockEventHoldDurationDays", Use::rejected, "1"},
    {"ObjectLockEventHoldDurationYears", Use::rejected, "1"},
    {"ObjectLockLegalHoldStatus", Use::rejected, "ON"},
    {"ObjectLockMode", Use::rejected, "GOVERNANCE"},
    {"ObjectLockRetainUntilDate", Use::rejected, future},
    {"ObjectOwnership", Use::rejected, "ObjectWriter"},
    {"SSECustomerAlgorithm", Use::rejected, "AES256"},
    {"SSECustomerKey", Use::rejected, "AAAA"},
    {"SSECustomerKeyMD5", Use::rejected, "AAAA"},
    {"SSEKMSEncryptionContext", Use::rejected, "e30="},
    {"SSEKMSKeyId", Use::rejected, "key"},
    {"ServerSideEncryption", Use::rejected, "aws:kms"},
    {"WriteOffsetBytes", Use::rejected, "0"},

    {"MFA", Use::no_effect, "serial 123456"},  // only where MFA delete is on: PutBucketVersioning is rejected
    {"RequestPayer", Use::no_effect,
     "requester"},  // only of Requester Pays buckets: PutBucketRequestPayment is rejected
    {"OptionalObjectAttributes", Use::no_effect,
     "RestoreStatus"},  // only of restored objects: RestoreObject is rejected
};

/// The members of a document in the body, by their paths.
struct Document_Case {
    std::string_view operation, path;
    Use use;
    std::string_view body = {}, text = {};
};

#define OBJECT(members) "<Delete><Object><Key>key</Key>" members "</Object></Delete>"
#define PART(members)                                                                                                \
    "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>5d41402abc4b2a76b9719d911017c592</ETag>" members \
    "</Part></CompleteMultipartUpload>"
constexpr Document_Case documents[] = {
    {"CreateBucket", "LocationConstraint", Use::acted_on,
     "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"},
    {"CreateBucket", "Location", Use::rejected,
     "<CreateBucketConfiguration><Location><Name>a</Name></Location></CreateBucketConfiguration>",
     "CreateBucket with Location"},
    {"CreateBucket", "Bucket", Use::rejected,
     "<CreateBucketConfiguration><Bucket><Type>Directory</Type></Bucket></CreateBucketConfiguration>",
     "CreateBucket with Bucket"},
    {"CreateBucket", "Tags", Use::stored,
     "<CreateBucketConfiguration><Tags><Tag><Key>colour</Key><Value>blue</Value></Tag></Tags></"
     "CreateBucketConfiguration>",
     "<Key>colour</Key><Value>blue</Value>"},
    {"DeleteObjects", "Quiet", Use::acted_on, "<Delete><Quiet>true</Quiet><Object><Key>key</Key></Object></Delete>"},
    {"DeleteObjects", "Objects.Key", Use::address},
    {"DeleteObjects", "Objects.VersionId", Use::acted_on, OBJECT("<VersionId>1</VersionId>")},
    {"DeleteObjects", "Objects.ETag", Use::acted_on, OBJECT("<ETag>other</ETag>")},
    {"DeleteObjects", "Objects.LastModifiedTime", Use::rejected,
     OBJECT("<LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>"), "DeleteObjects with LastModifiedTime"},
    {"DeleteObjects", "Objects.Size", Use::rejected, OBJECT("<Size>1</Size>"), "DeleteObjects with Size"},
    {"CompleteMultipartUpload", "Parts.PartNumber", Use::address},
    {"CompleteMultipartUpload", "Parts.ETag", Use::address},
    {"CompleteMultipartUpload", "Parts.ChecksumCRC32", Use::rejected, PART("<ChecksumCRC32>A</ChecksumCRC32>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumCRC32C", Use::rejected, PART("<ChecksumCRC32C>A</ChecksumCRC32C>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumCRC64NVME", Use::rejected,
     PART("<ChecksumCRC64NVME>A</ChecksumCRC64NVME>"), "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumSHA1", Use::rejected, PART("<ChecksumSHA1>A</ChecksumSHA1>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumSHA256", Use::rejected, PART("<ChecksumSHA256>A</ChecksumSHA256>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumSHA512", Use::rejected, PART("<ChecksumSHA512>A</ChecksumSHA512>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumMD5", Use::rejected, PART("<ChecksumMD5>A</ChecksumMD5>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumXXHASH64", Use::rejected, PART("<ChecksumXXHASH64>A</ChecksumXXHASH64>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumXXHASH3", Use::rejected, PART("<ChecksumXXHASH3>A</ChecksumXXHASH3>"),
     "InvalidPart"},
    {"CompleteMultipartUpload", "Parts.ChecksumXXHASH128", Use::rejected,
     PART("<ChecksumXXHASH128>A</ChecksumXXHASH128>"), "InvalidPart"},
    {"PutBucketTagging", "TagSet.Key", Use::address},
    {"PutBucketTagging", "TagSet.Value", Use::address},
    {"PutObjectTagging", "TagSet.Key", Use::address},
    {"PutObjectTagging", "TagSet.Value", Use::address},
};

/// The parts of an operation's request in addition to its method and address.
struct Base_Request {
    std::string_view operation, query = {}, header = {}, value = {}, body = {};
};

constexpr std::string_view tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
constexpr Base_Request base_requests[] = {
    {"AbortMultipartUpload", "uploadId=ID"},
    {"CompleteMultipartUpload", "uploadId=ID", "", "", PART("")},
    {"CopyObject", "", "x-amz-copy-source", "bucket/source"},
    {"DeleteObjects", "", "", "", OBJECT("")},
    {"GetObjectAttributes", "", "x-amz-object-attributes", "ETag,ObjectParts"},
    {"ListObjectsV2", "list-type=2"},
    {"ListParts", "uploadId=ID"},
    {"PutBucketTagging", "", "", "", tagging},
    {"PutObject", "", "", "", "hello"},
    {"PutObjectTagging", "", "", "", tagging},
    {"UploadPart", "partNumber=1&uploadId=ID", "", "", "hello"},
    {"UploadPartCopy", "partNumber=1&uploadId=ID", "x-amz-copy-source", "bucket/source"},
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
    return text;
}

/// An engine with two buckets, objects and an upload.
struct World {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    services::Context context{.loop = loop, .store = *store};
    services::S3 s3{context};
    S3_Api api{context, s3};
    std::string upload_id;

    World() {
        send("PUT", "/bucket");
        send("PUT", "/second");
        for (const char* key : {"/bucket/key", "/bucket/source", "/bucket/a/b"})
            send("PUT", key, {{"x-amz-tagging", "of=source"}, {"x-amz-meta-of", "source"}}, "hello");
        upload_id = begin_upload("/bucket/key");
        const std::string parts = begin_upload("/bucket/parts", {{"x-amz-checksum-algorithm", "CRC32"}});
        send("POST", "/bucket/parts?uploadId=" + parts, {}, PART(""));
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
    std::string text_of(const wire::Response& response) const {
        std::string text = fmt::format("{}\n", response.status);
        for (const auto& [name, value] : response.headers)
            if (name != "x-amz-request-id" && name != "x-amz-id-2") text += fmt::format("{}: {}\n", name, value);
        const auto& body = response.body;
        text += body.file() ? fmt::format("{}+{}", body.file()->offset, body.file()->size) : body.bytes();
        return replaced(text, test_support::between(text, "<RequestId>", "</HostId>"), "");
    }
    /// Sends a request. Returns the text of the response and of what the request changed.
    std::string outcome(const std::string& operation, wire::Request request) {
        const auto response = send(std::move(request));
        std::string text = text_of(response);
        if (operation == "CreateMultipartUpload" && response.status == 200) {
            const std::string id = test_support::between(text, "<UploadId>", "</UploadId>");
            text = replaced(text, id, "");
            send("PUT", "/bucket/key?partNumber=1&uploadId=" + id, {}, "hello");
            send("POST", "/bucket/key?uploadId=" + id, {}, PART(""));
        }
        const wire::Headers with_checksums{{"x-amz-checksum-mode", "ENABLED"}};
        for (const auto& [method, target] : {std::pair{"HEAD", "/bucket/key"},
                                             {"GET", "/bucket/key?tagging"},
                                             {"HEAD", "/new"},
                                             {"GET", "/new?tagging"}})
            text += text_of(send(method, target, with_checksums));
        return text;
    }
};

class S3_Members_Test : public testing::Test {
protected:
    static const aws::Service& model() { return aws::s3_model(); }

    static std::string target_of(const aws::Operation& operation) {
        const std::string_view name = operation.name;
        const auto target = replaced(operation.uri, "{Bucket}", name == "CreateBucket" ? "new" : "bucket");
        return replaced(target, "{Key+}", name == "GetObjectAttributes" ? "parts" : "key");
    }

    static void add_query(wire::Request& request, std::string_view query) {
        if (query.empty()) return;
        request.target += request.target.find('?') == std::string::npos ? '?' : '&';
        request.target += query;
    }

    static wire::Request base_request(const aws::Operation& operation) {
        wire::Request request{.method = operation.method, .target = target_of(operation)};
        if (std::string_view(operation.name) == "CopyObject")  // so that the request has what it stores
            request.headers = {{"x-amz-metadata-directive", "REPLACE"}, {"x-amz-tagging-directive", "REPLACE"}};
        for (const auto& base : base_requests) {
            if (base.operation != operation.name) continue;
            if (std::string_view(operation.uri).find(base.query) == std::string_view::npos)
                add_query(request, base.query);
            if (!base.header.empty()) request.headers.set(base.header, std::string(base.value));
            request.body = base.body;
        }
        return request;
    }

    static void add_member(wire::Request& request, const aws::Member& member, std::string_view value) {
        const std::string name(member.on_wire());
        switch (member.location) {
            case aws::Location::query:
                return add_query(request, fmt::format("{}={}", name, wire::percent_encode(std::string(value))));
            case aws::Location::headers:
                return request.headers.set(name + "name", std::string(value));
            case aws::Location::header:
                return request.headers.set(name, std::string(value));
            default:
                request.body = value;
        }
    }

    /// Returns an engine for a request: a new one, except for requests that change nothing.
    static World& world_for(const aws::Operation& operation, std::unique_ptr<World>& world) {
        const std::string_view method = operation.method;
        if (!world || (method != "GET" && method != "HEAD")) world = std::make_unique<World>();
        return *world;
    }

    /// Completes a request by what its final body and upload determine, and sends it.
    static std::string outcome(World& world, const aws::Operation& operation, wire::Request request) {
        request.target = replaced(request.target, "uploadId=ID", "uploadId=" + world.upload_id);
        if (std::string_view(operation.name) == "DeleteObjects" && request.headers.find("Content-MD5") == nullptr) {
            base::Md5 md5;
            md5.update(request.body.bytes());
            request.headers.set("Content-MD5", base::base64_encode(md5.finish_raw()));
        }
        auto text = world.outcome(operation.name, std::move(request));
        for (auto at = text.find(world.upload_id); at != std::string::npos; at = text.find(world.upload_id))
            text.erase(at, world.upload_id.size());
        return text;
    }

    static void check(Use use, const std::string& text, const std::string& without, const std::string& with) {
        switch (use) {
            case Use::acted_on:
                EXPECT_NE(with, without) << "the value has no effect";
                break;
            case Use::no_effect:
                EXPECT_EQ(with, without);
                break;
            case Use::stored:
            case Use::rejected:
                EXPECT_THAT(with, testing::HasSubstr(text));
                EXPECT_THAT(without, testing::Not(testing::HasSubstr(text)));
                break;
            case Use::address:
            case Use::elsewhere:
                break;
        }
    }

    static const Member_Case* case_of(const aws::Operation& operation, const aws::Member& member) {
        const auto* const found = std::ranges::find_if(cases, [&](const Member_Case& each) {
            return each.member == member.name && (each.operation.empty() || each.operation == operation.name);
        });
        return found == std::end(cases) ? nullptr : found;
    }

    /// Returns the text that the outcome has only with the member.
    static std::string text_of(const Member_Case& tested, const aws::Operation& operation, const aws::Member& member) {
        const bool is_rejected = tested.use == Use::rejected;
        if (is_rejected && std::string_view(operation.method) == "HEAD") return "501\n";  // has no body
        if (!tested.text.empty()) return std::string(tested.text);
        return is_rejected ? fmt::format(">{}<", member.on_wire()) : std::string(tested.value);
    }

    static void check_members(const aws::Operation& operation) {
        std::unique_ptr<World> world;
        const std::string without = outcome(world_for(operation, world), operation, base_request(operation));
        for (const aws::Member& member : model().members_of(model().shape(operation.input))) {
            SCOPED_TRACE(fmt::format("{}.{}", operation.name, member.name));
            const Member_Case* tested = case_of(operation, member);
            if (tested == nullptr) {
                ADD_FAILURE() << "add it to `cases`: what does the engine do with it?";
                continue;
            }
            if (tested->use == Use::address || tested->use == Use::elsewhere) continue;
            auto request = base_request(operation);
            add_member(request, member, tested->value);
            check(tested->use, text_of(*tested, operation, member), without,
                  outcome(world_for(operation, world), operation, std::move(request)));
        }
    }

    /// Adds the paths of the members of a document: "Quiet", "Objects.Key".
    static void add_paths(const aws::Shape& shape, const std::string& prefix, std::set<std::string>& paths) {
        for (const aws::Member& member : model().members_of(shape)) {
            const aws::Shape& inner = model().shape(member);
            const bool is_list = inner.type == aws::Type::list && prefix.empty();
            const std::string path = prefix + member.name;
            if (is_list && path != "Tags")
                add_paths(model().shape(model().item_of(inner)), path + ".", paths);
            else
                paths.insert(path);
        }
    }
};

TEST_F(S3_Members_Test, each_member_is_acted_on_or_stored_or_rejected) {
    const World world;
    ASSERT_GT(world.api.operations().all().size(), 30U);
    for (const auto& [name, run] : world.api.operations().all()) {
        const aws::Operation* operation = model().find_operation(name);
        ASSERT_NE(operation, nullptr) << name << " is not in the model";
        if (operation->input != aws::no_index) check_members(*operation);
    }
}

TEST_F(S3_Members_Test, each_member_of_a_document_is_acted_on_or_stored_or_rejected) {
    for (const auto& each : documents) {
        if (each.use == Use::address) continue;
        SCOPED_TRACE(fmt::format("{}: {}", each.operation, each.path));
        const aws::Operation& operation = *model().find_operation(each.operation);
        auto request = base_request(operation);
        World before, after;
        const std::string without = outcome(before, operation, request);
        request.body = each.body;
        check(each.use, std::string(each.text), without, outcome(after, operation, std::move(request)));
    }
}

TEST_F(S3_Members_Test, documents_lists_all_members) {
    std::set<std::string> listed, in_model;
    for (const auto& each : documents) listed.insert(fmt::format("{}: {}", each.operation, each.path));
    const World world;
    for (const auto& [name, run] : world.api.operations().all()) {
        const aws::Operation& operation = *model().find_operation(name);
        for (const aws::Member& member : model().members_of(model().shape(operation.input))) {
            const aws::Shape& shape = model().shape(member);
            if (member.location != aws::Location::payload || shape.type != aws::Type::structure) continue;
            std::set<std::string> paths;
            add_paths(shape, "", paths);
            for (const auto& path : paths) in_model.insert(fmt::format("{}: {}", name, path));
        }
    }
    EXPECT_EQ(listed, in_model);
}

}  // namespace
}  // namespace osbot_aws::services
