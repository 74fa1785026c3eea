// Texts in the headers and the query of S3 requests: ranges, conditions, sources of copies, tags, tokens and checksums.
#include "fuzz.hpp"
#include "services/s3/s3_checksum.hpp"
#include "services/s3/s3_conditions.hpp"
#include "services/s3/s3_copy.hpp"
#include "services/s3/s3_integrity.hpp"
#include "services/s3/s3_object_headers.hpp"
#include "services/s3/s3_ranges.hpp"
#include "services/s3/s3_tags.hpp"

using namespace osbot_aws;

namespace {

void check_range(std::string_view text) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
        const auto range = services::range_of(text, size);
        if (!range || !*range) continue;
        require((*range)->size > 0 && (*range)->first < size && (*range)->size <= size - (*range)->first);
    }
}

void check_conditions(const std::string& text) {
    const services::S3_Object object{
        .key = "k", .size = 1, .etag = "5d41402abc4b2a76b9719d911017c592", .modified_ms = 1};
    for (const char* name : {"IfMatch", "IfNoneMatch", "IfModifiedSince", "IfUnmodifiedSince"}) {
        const Json input{{name, text}};
        (void)services::failed_read_condition(aws::Fields(input), "", object, base::Time());
    }
    const bool named = services::names_etag(text, object.etag);
    require(!named || text.find('*') != std::string::npos || text.find(object.etag) != std::string::npos);
}

services::Call call_with(const char* member, const std::string& text) {
    return {.account = {},
            .input = {{"Bucket", "bucket"}, {"Key", "key"}, {member, text}},
            .request = {},
            .request_id = {}};
}

void check_put(const std::string& text) {
    auto source = call_with("CopySource", text);
    if (const auto found = services::copy_source(source)) require(!found->bucket.empty());
    auto tagged = call_with("Tagging", text);
    if (const auto tags = services::tags_of_header(tagged)) require(tags->size() <= 10);
    auto described = call_with("StorageClass", text);
    (void)services::described_object(described);
    services::S3_Integrity integrity({{"Content-MD5", text}, {"x-amz-checksum-crc32", text}, {"x-amz-trailer", text}},
                                     {});
    integrity.update(text);
    (void)integrity.check({{"x-amz-checksum-crc32c", text}});
}

void check_token(const std::string& text) {
    const std::string token = services::continuation_token(text);
    const auto position = services::position_of_token(call_with("ContinuationToken", token));
    require(position && *position == text);
    (void)services::position_of_token(call_with("ContinuationToken", text));
}

}  // namespace

std::vector<std::string> seeds() {
    return {"bytes=0-18446744073709551615", "bytes=18446744073709551614-",
            "bytes=-18446744073709551615",  repeated(3000, "\"5d41402abc4b2a76b9719d911017c592\", "),
            repeated(10, "a=b&") + "c=d",   std::string(1024, 'k'),
            std::string(1025, 'k')};
}

void run_target(std::string_view bytes) {
    const std::string text(bytes);
    check_range(bytes);
    check_conditions(text);
    check_put(text);
    if (!text.empty()) check_token(text);
    require_linear_time(bytes, [](std::string_view longer) { check_conditions(std::string(longer)); });
}
