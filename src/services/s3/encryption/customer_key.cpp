#include "services/s3/encryption/customer_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t customer_key_bytes = 32, salt_digits = 32;
const std::string sse_header = "x-amz-server-side-encryption";
// Of stored objects, not of responses: the salt and the hash in hex.
const std::string customer_hash_header = "x-amz-server-side-encryption-customer-key-hash";

// S3 names this header in all of these errors. Source: https://github.com/localstack/localstack, services/s3/utils.py,
// validate_sse_c
Error refuse_key(const Call& call, const char* message) { return refuse_argument(call, message, sse_header, "null"); }

std::string salted_hash(const std::string& salt, const std::string& key) {
    return base::hex_encode(base::hmac_sha256_raw(salt, key));
}

std::string md5_base64(const std::string& bytes) {
    base::Md5 md5;
    md5.update(bytes);
    return base::base64_encode(md5.finish_raw());
}

/// Returns the key of a request, or nullopt if it has none.
Result<std::optional<std::string>> key_of_request(const Call& call, std::string_view prefix) {
    const auto text = [&](const char* member) { return call.fields().text_or(fmt::format("{}{}", prefix, member)); };
    const std::string algorithm = text("SSECustomerAlgorithm"), encoded = text("SSECustomerKey"),
                      md5 = text("SSECustomerKeyMD5");
    if (algorithm.empty() && encoded.empty() && md5.empty()) return std::optional<std::string>();
    if (algorithm.empty())
        return refuse_key(call,
                          "Requests specifying Server Side Encryption with Customer provided keys must provide a "
                          "valid encryption algorithm.");
    if (encoded.empty())
        return refuse_key(call,
                          "Requests specifying Server Side Encryption with Customer provided keys must provide an "
                          "appropriate secret key.");
    if (algorithm != "AES256")
        return refuse(call,
                      {"InvalidEncryptionAlgorithmError",
                       "The Encryption request you specified is not valid. Supported value: AES256.", 400},
                      {{"ArgumentName", sse_header}, {"ArgumentValue", algorithm}});
    auto key = base::base64_decode(encoded);
    // S3 compares the MD5 before it checks the length: https://github.com/aws/aws-sdk-go/issues/1726
    if (key && md5 != md5_base64(*key))
        return refuse_key(call, "The calculated MD5 hash of the key did not match the hash that was provided.");
    if (!key || key->size() != customer_key_bytes)
        return refuse_key(call, "The secret key was invalid for the specified algorithm.");
    return std::optional(std::move(*key));
}

/// Returns true if the key is that of the object.
bool is_key_of(const std::string& key, const S3_Object& object) {
    const std::string& stored = object.headers.at(customer_hash_header);
    const std::string salt = stored.substr(0, salt_digits);
    return base::equal_constant_time(stored.substr(salt.size()), salted_hash(salt, key));
}

/// The errors of a request whose key is not that of the object.
struct Key_Errors {
    Error missing, other, not_applicable;
};

Result<void> check_key(const Call& call, const S3_Object& object, std::string_view prefix, const Key_Errors& errors) {
    OSBOT_TRY(const auto key, key_of_request(call, prefix));
    if (!has_customer_key(object)) return key ? Result<void>(errors.not_applicable) : Result<void>();
    if (!key) return errors.missing;
    if (!is_key_of(*key, object)) return errors.other;
    return {};
}

Error invalid_key(const char* message) { return {"InvalidRequest", message, 400}; }

}  // namespace

bool has_customer_key(const S3_Object& object) { return object.headers.contains(customer_hash_header); }

Result<void> set_customer_key(const Call& call, S3_Object& object) {
    OSBOT_TRY(const auto key, key_of_request(call, ""));
    if (!key) return {};
    if (const auto other = call.fields().text("ServerSideEncryption"))
        return refuse_argument(call,
                               "Server Side Encryption with Customer provided key is incompatible with the encryption "
                               "method specified",
                               sse_header, *other);
    const std::string salt = base::random_hex(salt_digits);
    object.headers[customer_hash_header] = salt + salted_hash(salt, *key);
    return {};
}

Result<void> check_customer_key(const Call& call, const S3_Object& object, std::string_view prefix) {
    return check_key(
        call, object, prefix,
        {.missing = invalid_key("The object was stored using a form of Server Side Encryption. The correct "
                                "parameters must be provided to retrieve the object."),
         .other = {"AccessDenied",
                   "Requests specifying Server Side Encryption with Customer provided keys must provide the correct "
                   "secret key.",
                   403},
         .not_applicable = invalid_key("The encryption parameters are not applicable to this object.")});
}

Result<void> check_customer_key_of_part(const Call& call, const S3_Object& upload) {
    return check_key(
        call, upload, "",
        {.missing = invalid_key("The multipart upload initiate requested encryption. Subsequent part requests "
                                "must include the appropriate encryption parameters."),
         .other = invalid_key("The provided encryption parameters did not match the ones used originally."),
         .not_applicable = invalid_key("The multipart upload initiate did not request encryption. Subsequent "
                                       "part requests must not include encryption parameters.")});
}

Result<void> check_optional_customer_key(const Call& call, const S3_Object& upload) {
    const auto members = {"SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"};
    const bool has_key = std::ranges::any_of(members, [&](const char* member) { return call.fields().has(member); });
    return has_key ? check_customer_key_of_part(call, upload) : Result<void>();
}

}  // namespace osbot_aws::services
