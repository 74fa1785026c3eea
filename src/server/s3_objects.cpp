#include "server/s3_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "engine/s3/multipart.hpp"
#include "server/s3_body.hpp"
#include "server/s3_conditions.hpp"
#include "server/s3_object_headers.hpp"
#include "server/s3_ranges.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3;
using engine::S3_Object;
using wire::add_element;
using wire::Response;

// Query parameters of a request, such as a presigned link, that set response headers.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> overrides{
    {{"response-content-type", "Content-Type"},
     {"response-content-disposition", "Content-Disposition"},
     {"response-content-encoding", "Content-Encoding"},
     {"response-content-language", "Content-Language"},
     {"response-cache-control", "Cache-Control"},
     {"response-expires", "Expires"}}};

std::string last_modified(const S3_Object& object) { return base::http_date(base::from_unix_ms(object.modified_ms)); }

Response with_identity(int status, const S3_Object& object) {
    Response response;
    response.status = status;
    response.headers = {{"ETag", quoted_etag(object.etag)}, {"Last-Modified", last_modified(object)}};
    return response;
}

void add_headers(Response& response, const S3_Object& object, const S3_Call& call, bool with_checksums) {
    response.headers.set("Accept-Ranges", "bytes");
    response.headers.set("x-amz-server-side-encryption", "AES256");
    for (const auto& [name, value] : object.headers) {
        if (with_checksums || !name.starts_with(checksum_prefix)) response.headers.set(name, value);
    }
    if (!object.tags.empty()) response.headers.set("x-amz-tagging-count", std::to_string(object.tags.size()));
    for (const auto& [parameter, header] : overrides) {
        if (call.asks(parameter)) response.headers.set(header, call.text(parameter));
    }
}

/// Returns the range of the part in partNumber. An object that was not uploaded in parts has one part.
/// Errors: InvalidRequest, InvalidArgument, InvalidPartNumber.
Result<Byte_Range> range_of_part(S3_Call& call, const S3_Object& object) {
    const auto text = call.text("partNumber");
    if (!call.header("Range").empty()) {
        return Error{"InvalidRequest", "Cannot specify both Range header and partNumber query parameter", 400};
    }
    const auto number = base::parse_number<std::size_t>(text).value_or(0);
    if (number < 1 || number > engine::s3_part_number_max) {
        return call.refuse_argument(
            fmt::format("Part number must be an integer between 1 and {}, inclusive", engine::s3_part_number_max),
            "partNumber", text);
    }
    if (number > std::max<std::size_t>(object.parts.size(), 1)) {
        return call.refuse({"InvalidPartNumber", "The requested partnumber is not satisfiable", 416},
                           {{"ActualPartCount", std::to_string(std::max<std::size_t>(object.parts.size(), 1))},
                            {"PartNumberRequested", text}});
    }
    if (object.parts.empty()) return Byte_Range{0, object.size};
    Byte_Range range{0, object.parts[number - 1].blob->size()};
    for (std::size_t before = 0; before + 1 < number; ++before) range.first += object.parts[before].blob->size();
    return range;
}

/// Returns the requested range, or nullopt for the whole object.
Result<std::optional<Byte_Range>> requested_range(S3_Call& call, const S3_Object& object) {
    if (call.asks("partNumber")) {
        const auto part = range_of_part(call, object);
        if (!part) return part.error();
        return std::optional{*part};
    }
    const auto range = range_of(call.header("Range"), object.size);
    if (range) return *range;
    return call.refuse(range.error(), {{"RangeRequested", std::string(call.header("Range"))},
                                       {"ActualObjectSize", std::to_string(object.size)}});
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
constexpr std::array<std::string_view, 5> attribute_names{"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                          "ObjectSize"};

Result<std::set<std::string_view>> requested_attributes(S3_Call& call) {
    std::set<std::string_view> attributes;
    const auto names = call.header("x-amz-object-attributes");
    for (std::size_t at = 0; at < names.size();) {
        const auto end = std::min(names.find(',', at), names.size());
        auto name = names.substr(at, end - at);
        while (name.starts_with(' ')) name.remove_prefix(1);
        at = end + 1;
        if (name.empty()) continue;
        if (std::ranges::find(attribute_names, name) == attribute_names.end())
            return call.refuse_argument("Invalid attribute name specified.", "x-amz-object-attributes", name);
        attributes.insert(name);
    }
    if (attributes.empty()) {
        return Error{"InvalidRequest",
                     "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing "
                     "or empty",
                     400};
    }
    return attributes;
}

/// Adds the parts. Part details are listed only if the upload requested checksums.
void add_parts(pugi::xml_node element, const S3_Call& call, const S3_Object& object) {
    constexpr std::size_t parts_max = 1000;
    add_element(element, "PartsCount", std::to_string(object.parts.size()));
    if (object.parts.front().checksum.empty()) return;
    const auto number_in_header = [&](std::string_view header, std::size_t default_value) {
        return base::parse_number<std::size_t>(call.header(header)).value_or(default_value);
    };
    const auto marker = number_in_header("x-amz-part-number-marker", 0),
               count = std::min(number_in_header("x-amz-max-parts", parts_max), parts_max);
    const auto begin = std::min(marker, object.parts.size()), end = std::min(begin + count, object.parts.size());
    add_element(element, "PartNumberMarker", std::to_string(marker));
    add_element(element, "NextPartNumberMarker", std::to_string(end));
    add_element(element, "MaxParts", std::to_string(count));
    add_element(element, "IsTruncated", end < object.parts.size());
    for (auto at = begin; at < end; ++at) {
        auto part = element.append_child("Part");
        add_element(part, "PartNumber", std::to_string(at + 1));
        add_element(part, "Size", std::to_string(object.parts[at].blob->size()));
        add_element(part, checksum_name(object).c_str(), object.parts[at].checksum);
    }
}

}  // namespace

Result<Response> object_response(const S3& s3, engine::Context& context, S3_Call& call) {
    const auto found = s3.object(call.account, call.bucket, call.key);
    if (!found) return found.error();
    const auto& object = **found;
    if (const auto failed = failed_read_condition(call.request.headers, "", object)) {
        if (failed->changed) return precondition_failed(call, failed->name);
        return with_identity(304, object);
    }
    if (is_archived(object) && call.request.method == "GET") {
        return call.refuse({"InvalidObjectState", "The operation is not valid for the object's storage class", 403},
                           {{"StorageClass", std::string(storage_class(object))}});
    }
    const auto range = requested_range(call, object);
    if (!range) return range.error();
    auto response = with_identity(*range ? 206 : 200, object);
    add_headers(response, object, call, call.header("x-amz-checksum-mode") == "ENABLED" && !*range);
    const auto part = range->value_or(Byte_Range{0, object.size});
    if (call.asks("partNumber") && !object.parts.empty())
        response.headers.set("x-amz-mp-parts-count", std::to_string(object.parts.size()));
    if (*range && object.size > 0) {
        response.headers.set("Content-Range",
                             fmt::format("bytes {}-{}/{}", part.first, part.first + part.size - 1, object.size));
    }
    if (call.request.method == "HEAD")
        response.headers.set("Content-Length", std::to_string(part.size));
    else
        set_object_body(response, context, object, part);
    return response;
}

Result<Response> object_attributes(const S3& s3, S3_Call& call) {
    const auto attributes = requested_attributes(call);
    if (!attributes) return attributes.error();
    const auto found = s3.object(call.account, call.bucket, call.key);
    if (!found) return found.error();
    const auto& object = **found;
    pugi::xml_document document;
    auto root = wire::add_root(document, "GetObjectAttributesResponse", s3_xmlns);
    if (attributes->contains("ETag")) add_element(root, "ETag", object.etag);
    if (attributes->contains("Checksum") && has_checksum(object)) add_checksums(root.append_child("Checksum"), object);
    if (attributes->contains("ObjectParts") && !object.parts.empty())
        add_parts(root.append_child("ObjectParts"), call, object);
    if (attributes->contains("StorageClass")) add_element(root, "StorageClass", storage_class(object));
    if (attributes->contains("ObjectSize")) add_element(root, "ObjectSize", std::to_string(object.size));
    auto response = xml_response(document);
    response.headers.set("Last-Modified", last_modified(object));
    return response;
}

Result<Response> put_uploaded(S3& s3, S3_Call& call, const S3_Upload& upload) {
    const auto existing = s3.object(call.account, call.bucket, call.key);
    if (auto checked = check_write_conditions(call, existing ? existing->get() : nullptr); !checked)
        return checked.error();
    auto object = described_object(call);
    if (!object) return object.error();
    object->key = call.key;
    object->blob = upload.blob;
    object->size = upload.blob->size();
    object->etag = upload.sums.md5;
    Response response;
    response.headers = {{"ETag", quoted_etag(upload.sums.md5)}, {"x-amz-server-side-encryption", "AES256"}};
    auto checksums = upload.sums.declared;
    checksums.insert(upload.sums.added.begin(), upload.sums.added.end());
    checksums["x-amz-checksum-type"] = "FULL_OBJECT";
    for (const auto& [name, value] : checksums) {
        object->headers[name] = value;
        response.headers.set(name, value);
    }
    if (auto done = s3.put_object(call.account, call.bucket, std::move(*object)); !done) return done.error();
    return response;
}

}  // namespace osbot_aws::server
