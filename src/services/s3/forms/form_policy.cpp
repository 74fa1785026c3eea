#include "services/s3/forms/form_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::array<std::string_view, 4> fields_of_version_4{"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                                              "x-amz-signature"};
constexpr std::array<std::string_view, 2> fields_of_version_2{"awsaccesskeyid", "signature"};
// Fields that need no condition.
constexpr std::array<std::string_view, 5> free_fields{"awsaccesskeyid", "signature", "x-amz-signature", "policy",
                                                      "file"};

Error form_denied(std::string message) { return {"AccessDenied", std::move(message), 403}; }
Error invalid_policy(const char* reason) {
    return {"InvalidPolicyDocument", fmt::format("Invalid Policy: {}", reason), 400};
}

// ---- the signature ----

/// Returns the name of a field as S3 writes it in errors: "X-Amz-Date", "AWSAccessKeyId".
std::string displayed(std::string_view field) {
    if (field == "awsaccesskeyid") return "AWSAccessKeyId";
    std::string name(field);
    bool upper = true;
    for (char& c : name) {
        if (upper && 'a' <= c && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        upper = c == '-';
    }
    return name;
}

template <std::size_t size>
Result<bool> has_all(const S3_Form& form, const std::array<std::string_view, size>& fields,
                     aws::Error_Details& details) {
    const auto has = [&](std::string_view field) { return form.has(field); };
    if (std::ranges::none_of(fields, has)) return false;
    const auto missing = std::ranges::find_if_not(fields, has);
    if (missing == fields.end()) return true;
    details = {{"ArgumentName", displayed(*missing)}, {"ArgumentValue", ""}};
    return Error{"InvalidArgument",
                 fmt::format("Bucket POST must contain a field named '{}'.  If it is specified, please check the order "
                             "of the fields.",
                             displayed(*missing)),
                 400};
}

std::string signature_of_version_4(const wire::Signature_Claim& claim, const std::string& secret,
                                   const std::string& policy) {
    return base::hex_encode(base::hmac_sha256_raw(wire::signing_key(claim, secret), policy));
}

Result<void> check_signature(const S3_Form& form, bool is_version_4, const Keys& keys, aws::Error_Details& details) {
    const std::string policy = form.text("policy"), access_key = key_of_form(form);
    const auto secret = keys.known_secret(access_key);
    if (!secret && !keys.checks_all()) return {};
    if (!secret) {
        details = {{"AWSAccessKeyId", access_key}};
        return Error{"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403};
    }
    wire::Signature_Claim claim{.date = form.text("x-amz-date")};
    if (is_version_4 && !wire::take_scope(form.text("x-amz-credential"), claim)) return form_denied("Access Denied");
    const std::string expected = is_version_4 ? signature_of_version_4(claim, *secret, policy)
                                              : base::base64_encode(base::hmac_sha1_raw(*secret, policy));
    const std::string signature = form.text(is_version_4 ? "x-amz-signature" : "signature");
    if (base::equal_constant_time(expected, signature)) return {};
    details = {{"AWSAccessKeyId", access_key}, {"StringToSign", policy}, {"SignatureProvided", signature}};
    return Error{"SignatureDoesNotMatch",
                 "The request signature we calculated does not match the signature you provided. Check your key and "
                 "signing method.",
                 403};
}

// ---- the conditions ----

/// The conditions of a policy, and the fields that they cover.
class Conditions {
public:
    Conditions(const S3_Form& form, const std::string& bucket, aws::Error_Details& details)
        : form_(form), bucket_(bucket), details_(details) {}

    Result<void> check(const Json& condition) {
        if (condition.is_object()) return check_simple(condition);
        if (!condition.is_array() || condition.size() != 3 || !condition[0].is_string())
            return invalid_policy("Invalid Condition: a condition is an object or a list of three values.");
        const std::string match = base::lower_case(condition[0].get_ref<const std::string&>());
        if (match == "content-length-range") return check_size(condition);
        if (!condition[1].is_string() || !condition[2].is_string())
            return invalid_policy("Invalid Condition: the field and the value of a condition are texts.");
        std::string field = base::lower_case(condition[1].get_ref<const std::string&>());
        const std::string& value = condition[2].get_ref<const std::string&>();
        const bool names_field = field.starts_with('$');
        if (names_field) field.erase(0, 1);
        covered_.insert(field);
        const bool is_met =
            match == "eq" ? value_of(field) == value : match == "starts-with" && starts_with(field, value);
        return names_field && is_met ? Result<void>() : failed(condition);
    }

    /// Checks that each field of the form has a condition.
    Result<void> check_extra_fields() const {
        for (const auto& [field, value] : form_.fields) {
            const bool is_free =
                std::ranges::find(free_fields, field) != free_fields.end() || field.starts_with("x-ignore-");
            if (!is_free && !covered_.contains(field))
                return form_denied(fmt::format("Invalid according to Policy: Extra input fields: {}", field));
        }
        return {};
    }

private:
    Result<void> check_simple(const Json& condition) {
        if (condition.size() != 1)
            return invalid_policy(
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
        const auto first = condition.begin();
        const std::string field = base::lower_case(first.key());
        covered_.insert(field);
        return first.value() == value_of(field) ? Result<void>() : failed(condition);
    }

    Result<void> check_size(const Json& condition) {
        const auto min = number_of(condition[1]), max = number_of(condition[2]);
        if (!min || !max) return invalid_policy("Invalid content-length-range: the sizes are integers.");
        const auto size = static_cast<std::int64_t>(form_.file.size());
        if (size >= *min && size <= *max) return {};
        const bool is_small = size < *min;
        details_ = {{"ProposedSize", std::to_string(size)},
                    {is_small ? "MinSizeAllowed" : "MaxSizeAllowed", std::to_string(is_small ? *min : *max)}};
        if (is_small)
            return Error{"EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400};
        return Error{"EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400};
    }

    static std::optional<std::int64_t> number_of(const Json& value) {
        if (value.is_number_integer()) return value.get<std::int64_t>();
        return value.is_string() ? base::parse_number<std::int64_t>(value.get_ref<const std::string&>()) : std::nullopt;
    }

    std::string value_of(const std::string& field) const { return field == "bucket" ? bucket_ : form_.text(field); }

    /// A Content-Type may be a list, whose items all must match.
    bool starts_with(const std::string& field, const std::string& prefix) const {
        const std::string text = value_of(field);
        if (field != "content-type" || text.find(',') == std::string::npos) return text.starts_with(prefix);
        std::string_view rest = text;
        while (!rest.empty())
            if (!base::trimmed(base::take_until(rest, ','), " ").starts_with(prefix)) return false;
        return true;
    }

    static Error failed(const Json& condition) {
        std::string text;
        if (condition.is_object()) {
            const auto first = condition.begin();
            text = base::dump_json_lossy(Json::array({"eq", "$" + first.key(), first.value()}));
        } else {
            text = base::dump_json_lossy(condition);
        }
        for (auto at = text.find("\",\""); at != std::string::npos; at = text.find("\",\"", at + 1))
            text.insert(at + 2, " ");
        return form_denied(fmt::format("Invalid according to Policy: Policy Condition failed: {}", text));
    }

    const S3_Form& form_;
    const std::string& bucket_;
    aws::Error_Details& details_;
    std::set<std::string> covered_;
};

Result<void> check_document(const Json& policy, const S3_Form& form, const std::string& bucket, base::Time now,
                            aws::Error_Details& details) {
    const auto expiration = policy.find("expiration"), conditions = policy.find("conditions");
    if (expiration == policy.end() || !expiration->is_string()) return invalid_policy("Policy missing expiration.");
    if (conditions == policy.end() || !conditions->is_array()) return invalid_policy("Policy missing conditions.");
    const auto& expires = expiration->get_ref<const std::string&>();
    const auto last = expires.ends_with('Z') ? base::parse_iso8601(expires) : std::nullopt;
    if (!last) return invalid_policy("Invalid 'expiration' value: it is a time such as 2030-01-31T12:00:00.000Z.");
    if (now > *last) return form_denied("Invalid according to Policy: Policy expired.");
    Conditions checks(form, bucket, details);
    for (const Json& condition : *conditions) OSBOT_TRY(checks.check(condition));
    return checks.check_extra_fields();
}

}  // namespace

std::string key_of_form(const S3_Form& form) {
    const std::string credential = form.text("x-amz-credential");
    return credential.empty() ? form.text("awsaccesskeyid") : credential.substr(0, credential.find('/'));
}

Result<void> check_policy(const S3_Form& form, const std::string& bucket, const Keys& keys, base::Time now,
                          aws::Error_Details& details) {
    if (!form.has("policy")) return {};
    OSBOT_TRY(const bool is_version_4, has_all(form, fields_of_version_4, details));
    OSBOT_TRY(const bool is_version_2, has_all(form, fields_of_version_2, details));
    if (!is_version_4 && !is_version_2) return form_denied("Access Denied");
    OSBOT_TRY(check_signature(form, is_version_4, keys, details));
    const auto text = base::base64_decode(form.text("policy"));
    const Json policy = base::parse_json(text.value_or(""));
    if (!policy.is_object()) return invalid_policy("Invalid JSON.");
    return check_document(policy, form, bucket, now, details);
}

}  // namespace osbot_aws::services
