#include "services/s3/forms/form_upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/fields.hpp"
#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "aws/routes.hpp"
#include "base/characters.hpp"
#include "base/http_fields.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "services/s3/forms/form_policy.hpp"
#include "services/s3/s3_cors.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::services {
namespace {

/// Fields that become headers of the request with the same name. The others begin with x-amz-.
constexpr std::array<std::string_view, 5> plain_headers{"cache-control", "content-type", "content-disposition",
                                                        "content-encoding", "expires"};
// Fields of the signature, and headers that would make another request of the upload, or of its body.
constexpr std::array<std::string_view, 8> removed_fields{"x-amz-algorithm",      "x-amz-credential",
                                                         "x-amz-signature",      "x-amz-security-token",
                                                         "x-amz-content-sha256", "x-amz-decoded-content-length",
                                                         "x-amz-trailer",        "x-amz-sdk-checksum-algorithm"};
constexpr std::string_view copy_prefix = "x-amz-copy-source";
constexpr std::string_view file_name_mark = "${filename}";

Error invalid_form(aws::Error_Details& details, std::string message, std::string name, std::string value) {
    details = {{"ArgumentName", std::move(name)}, {"ArgumentValue", std::move(value)}};
    return {"InvalidArgument", std::move(message), 400};
}

/// A form, and the object that it uploads.
struct Upload_Form {
    S3_Form form;
    std::string bucket, key;
};

constexpr std::size_t value_bytes_max = 20 * 1024;  ///< of a field after the replacement

/// Errors: MaxPostPreDataLengthExceededError.
Result<std::string> with_file_name(std::string_view text, const std::string& file_name) {
    std::string replaced;
    while (!text.empty()) {
        const auto at = std::min(text.find(file_name_mark), text.size());
        replaced.append(text.substr(0, at));
        text.remove_prefix(at);
        if (base::take_prefix(text, file_name_mark)) replaced.append(file_name);
        if (replaced.size() > value_bytes_max)
            return Error{"MaxPostPreDataLengthExceededError",
                         "Your POST request fields preceding the upload file were too large.", 400};
    }
    return replaced;
}

Result<S3_Form> read_form(const wire::Request& request, aws::Error_Details& details) {
    const auto type = request.headers["Content-Type"];
    if (!type.starts_with("multipart/form-data")) {
        details = {{"Condition", "Bucket POST must be of the enclosure-type multipart/form-data"}};
        return Error{"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412};
    }
    OSBOT_TRY(auto form, parse_form(type, request.body.bytes()));
    for (auto& [name, value] : form.fields) { OSBOT_TRY(value, with_file_name(value, form.file_name)); }
    if (form.text("key").empty())
        return invalid_form(details,
                            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
                            "order of the fields.",
                            "key", "");
    if (!form.has_file) return invalid_form(details, "POST requires exactly one file upload per request.", "file", "0");
    return form;
}

Result<Upload_Form> checked_form(const S3& s3, const wire::Request& request, aws::Error_Details& details) {
    OSBOT_TRY(auto form, read_form(request, details));
    const std::string bucket = bucket_of_request(request);
    if (s3.bucket_of_any_account(bucket) == nullptr) {
        details = {{"BucketName", bucket}};
        return Error{"NoSuchBucket", "The specified bucket does not exist", 404};
    }
    OSBOT_TRY(check_policy(form, bucket, s3.context().keys, s3.context().now(), details));
    std::string key = form.text("key");
    return Upload_Form{std::move(form), bucket, std::move(key)};
}

/// Converts the tags of a form, an XML document, to the form of the header x-amz-tagging.
Result<std::string> tagging_of(const std::string& document) {
    OSBOT_TRY(const auto parsed, wire::parse_xml(document));
    std::string header;
    for (const pugi::xml_node tag : parsed.child("Tagging").child("TagSet").children("Tag"))
        header += fmt::format("{}{}={}", header.empty() ? "" : "&", wire::percent_encode(tag.child_value("Key")),
                              wire::percent_encode(tag.child_value("Value")));
    if (header.empty()) return wire::malformed_xml();
    return header;
}

bool becomes_header(const std::string& field) {
    const bool is_amz = field.starts_with("x-amz-") && !field.starts_with(copy_prefix) &&
                        std::ranges::find(removed_fields, field) == removed_fields.end();
    return is_amz || std::ranges::find(plain_headers, field) != plain_headers.end();
}

Result<wire::Headers> headers_of(const S3_Form& form, aws::Error_Details& details) {
    wire::Headers headers;
    for (const auto& [field, value] : form.fields) {
        if (!becomes_header(field) || headers.find(field) != nullptr) continue;
        if (field == "content-encoding" && value.find("aws-chunked") != std::string::npos) continue;
        if (!base::is_field_name(field) || !base::is_field_value(value))
            return invalid_form(details, "Header value cannot be represented using ISO-8859-1.", field, value);
        headers.add(field, value);
    }
    if (const auto acl = form.text("acl"); !acl.empty()) headers.add("x-amz-acl", acl);
    if (!form.has("tagging")) return headers;
    OSBOT_TRY(auto tagging, tagging_of(form.text("tagging")));
    headers.add("x-amz-tagging", std::move(tagging));
    return headers;
}

Account account_of(const S3_Form& form, const Account& account) {
    return {account_of_key(key_of_form(form)).value_or(account.id), account.region};
}

// ---- the response ----

bool is_link(const std::string& text) {
    return (text.starts_with("http://") || text.starts_with("https://")) && base::is_field_value(text);
}

std::string location_of(const Upload_Form& upload, const wire::Request& request) {
    const auto host = request.headers["Host"];
    const bool names_bucket = !aws::s3_bucket_of_host(host).empty();
    return fmt::format("http://{}/{}{}", host.empty() ? "localhost" : host, names_bucket ? "" : upload.bucket + "/",
                       wire::percent_encode(upload.key, true));
}

std::string redirect_of(const std::string& link, const Upload_Form& upload, std::string_view etag) {
    return fmt::format("{}{}bucket={}&key={}&etag={}", link, link.find('?') == std::string::npos ? '?' : '&',
                       wire::percent_encode(upload.bucket), wire::percent_encode(upload.key),
                       wire::percent_encode(etag));
}

std::string post_document(const Upload_Form& upload, const std::string& location, std::string_view etag) {
    pugi::xml_document document;
    const pugi::xml_node root = wire::add_root(document, "PostResponse");
    wire::add_element(root, "Location", location);
    wire::add_element(root, "Bucket", upload.bucket);
    wire::add_element(root, "Key", upload.key);
    wire::add_element(root, "ETag", etag);
    return wire::xml_text(document);
}

/// Converts the response of PutObject.
wire::Response form_response(const Upload_Form& upload, const std::string& location, wire::Response response) {
    if (response.status != 200) return response;
    const std::string etag(response.headers["ETag"]);
    const std::string redirect = upload.form.has("success_action_redirect")
                                     ? upload.form.text("success_action_redirect")
                                     : upload.form.text("redirect");
    const auto status = base::parse_number<int>(upload.form.text("success_action_status")).value_or(204);
    if (is_link(redirect)) {
        response.status = 303;
        response.headers.set("Location", redirect_of(redirect, upload, etag));
        return response;
    }
    response.status = status == 200 || status == 201 ? status : 204;
    response.headers.set("Location", location);
    if (response.status != 201) return response;
    response.headers.set("Content-Type", "application/xml");
    response.body = post_document(upload, location, etag);
    return response;
}

wire::Response refusal_of_form(const Error& error, const aws::Error_Details& details) {
    return aws::write_error(aws::s3_model(), error, base::random_hex(16), details);
}

/// Returns the request of PutObject, and moves the file to it.
Result<Service_Request> put_request(const Service_Request& sent, Upload_Form& upload, aws::Error_Details& details) {
    OSBOT_TRY(auto headers, headers_of(upload.form, details));
    wire::Request request{"PUT", fmt::format("/{}/{}", upload.bucket, wire::percent_encode(upload.key, true)),
                          std::move(headers), std::move(upload.form.file)};
    aws::Route route = aws::find_route(aws::s3_model(), request);
    request.method = "POST";  // the event of the upload is ObjectCreated:Post
    return Service_Request{account_of(upload.form, sent.account), std::move(route), std::move(request)};
}

}  // namespace

bool is_form_upload(const Service_Request& sent) {
    return sent.route.operation == nullptr && sent.request.method == "POST" && sent.request.query().empty();
}

std::optional<Form_Put> put_request_of_form(const S3& s3, Service_Request sent, Reply& reply) {
    aws::Error_Details details;
    auto upload = checked_form(s3, sent.request, details);
    if (!upload) return reply(refusal_of_form(upload.error(), details)), std::nullopt;
    auto request = put_request(sent, *upload, details);
    if (!request) return reply(refusal_of_form(request.error(), details)), std::nullopt;
    Form_Put put{std::move(*request)};
    if (upload->form.has("policy")) {
        put.access_key_id = key_of_form(upload->form);
        put.session_token = upload->form.text("x-amz-security-token");
    }
    const std::string location = location_of(*upload, sent.request);
    reply = [reply, upload = std::move(*upload), location](wire::Response response) {
        reply(form_response(upload, location, std::move(response)));
    };
    return put;
}

}  // namespace osbot_aws::services
