#include "server/s3_tags.hpp"

#include <algorithm>
#include <set>

#include "base/utf8.hpp"

namespace osbot_aws::server {
namespace {

using engine::S3_Tags;
using wire::add_element;

constexpr std::size_t object_tags_max = 10, bucket_tags_max = 50;
constexpr std::size_t key_characters_max = 128, value_characters_max = 256;

Error invalid_tag(std::string message) { return {"InvalidTag", std::move(message), 400}; }

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Returns true for letters, digits and spaces of any language, and some symbols.
bool is_tag_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || std::isalnum(byte) != 0 || std::string_view(" \t+-=._:/@").find(c) != std::string::npos;
    });
}

Result<void> check_tag(const std::string& key, const std::string& value) {
    if (key.empty() || characters(key) > key_characters_max || !is_tag_text(key))
        return invalid_tag("The TagKey you have provided is invalid");
    if (characters(value) > value_characters_max || !is_tag_text(value))
        return invalid_tag("The TagValue you have provided is invalid");
    if (key.starts_with("aws:")) return invalid_tag("System tags cannot be added/updated by requester");
    return {};
}

Result<void> check_tags(const S3_Tags& tags) {
    std::set<std::string> keys;
    for (const auto& [key, value] : tags) {
        if (auto checked = check_tag(key, value); !checked) return checked;
        if (!keys.insert(key).second) return invalid_tag("Cannot provide multiple Tags with the same key");
    }
    return {};
}

Result<void> check_object_tags(const S3_Tags& tags) {
    if (tags.size() > object_tags_max) return Error{"BadRequest", "Object tags cannot be greater than 10", 400};
    return check_tags(tags);
}

Result<S3_Tags> tags_of_document(S3_Call& call) {
    const auto document = document_of(call);
    if (!document) return document.error();
    const auto set = document->document_element().child("TagSet");
    if (std::string_view(document->document_element().name()) != "Tagging" || !set) return wire::malformed_xml();
    S3_Tags tags;
    for (const auto& tag : set.children("Tag")) {
        if (!tag.child("Key") || !tag.child("Value")) return wire::malformed_xml();
        tags.emplace_back(tag.child_value("Key"), tag.child_value("Value"));
    }
    return tags;
}

wire::Response tagging_response(const S3_Tags& tags) {
    pugi::xml_document document;
    auto set = wire::add_root(document, "Tagging", s3_xmlns).append_child("TagSet");
    for (const auto& [key, value] : tags) {
        auto tag = set.append_child("Tag");
        add_element(tag, "Key", key);
        add_element(tag, "Value", value);
    }
    return xml_response(document);
}

}  // namespace

Result<S3_Tags> tags_of_header(S3_Call& call) {
    const auto header = call.header("x-amz-tagging");
    const auto tags = wire::parse_query(header);
    std::set<std::string> keys;
    if (!std::ranges::all_of(tags, [&](const auto& tag) {
            return !tag.first.empty() && base::is_utf8(tag.first) && base::is_utf8(tag.second) &&
                   keys.insert(tag.first).second;
        })) {
        return call.refuse_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag "
            "name "
            "duplicates.",
            "x-amz-tagging", header);
    }
    if (auto checked = check_object_tags(tags); !checked) return checked.error();
    return tags;
}

Result<wire::Response> bucket_tagging(engine::S3& s3, S3_Call& call) {
    const auto bucket = s3.bucket(call.account, call.bucket);
    if (!bucket) return bucket.error();
    if (call.request.method == "GET") {
        if ((*bucket)->tags.empty())
            return call.refuse({"NoSuchTagSet", "The TagSet does not exist", 404}, {{"BucketName", call.bucket}});
        return tagging_response((*bucket)->tags);
    }
    S3_Tags tag_set;
    if (call.request.method == "PUT") {
        auto tags = tags_of_document(call);
        if (!tags) return tags.error();
        if (tags->size() > bucket_tags_max) return invalid_tag("Bucket tag count cannot be greater than 50");
        if (auto checked = check_tags(*tags); !checked) return checked.error();
        tag_set = std::move(*tags);
    }
    if (auto done = s3.tag_bucket(call.account, call.bucket, std::move(tag_set)); !done) return done.error();
    return empty_response(204);
}

Result<wire::Response> object_tagging(engine::S3& s3, S3_Call& call) {
    const auto object = s3.object(call.account, call.bucket, call.key);
    if (!object) return object.error();
    if (call.request.method == "GET") return tagging_response((*object)->tags);
    const bool puts = call.request.method == "PUT";
    S3_Tags tag_set;
    if (puts) {
        auto tags = tags_of_document(call);
        if (!tags) return tags.error();
        if (auto checked = check_object_tags(*tags); !checked) return checked.error();
        tag_set = std::move(*tags);
    }
    if (auto done = s3.tag_object(call.account, call.bucket, call.key, std::move(tag_set)); !done) return done.error();
    return empty_response(puts ? 200 : 204);
}

}  // namespace osbot_aws::server
