// Messages: the API reference of each operation, and responses of S3 recorded by LocalStack in
// tests/aws/services/s3/test_s3_api.snapshot.json and test_s3.snapshot.json.
#include "services/s3/settings/setting_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "services/s3/s3_acls.hpp"
#include "wire/arn.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

Error invalid_request(std::string message) { return {"InvalidRequest", std::move(message), 400}; }

// ---- CORS ----

constexpr std::size_t cors_rules_max = 100;
constexpr std::array<std::string_view, 5> cors_methods{"GET", "PUT", "HEAD", "POST", "DELETE"};

Result<void> check_wildcards(const std::vector<std::string>& patterns, const char* element) {
    for (const std::string& pattern : patterns)
        if (std::ranges::count(pattern, '*') > 1)
            return invalid_request(fmt::format("{} \"{}\" can not have more than one wildcard.", element, pattern));
    return {};
}

Result<void> check_cors_rule(const aws::Fields& rule) {
    for (const std::string& method : rule.texts("AllowedMethods"))
        if (std::ranges::find(cors_methods, method) == cors_methods.end())
            return invalid_request(
                fmt::format("Found unsupported HTTP method in CORS config. Unsupported method is {}", method));
    OSBOT_TRY(check_wildcards(rule.texts("AllowedOrigins"), "AllowedOrigin"));
    OSBOT_TRY(check_wildcards(rule.texts("AllowedHeaders"), "AllowedHeader"));
    for (const std::string& header : rule.texts("ExposeHeaders"))
        if (header.find('*') != std::string::npos)
            return invalid_request(fmt::format(
                "ExposeHeader \"{}\" contains wildcard. We currently do not support wildcard for ExposeHeader.",
                header));
    return {};
}

// ---- websites ----

constexpr std::size_t routing_rules_max = 50;

Error refuse_website(const Call& call, const char* message, const char* name, const std::string& value) {
    return refuse_argument(call, message, name, value);
}

Result<void> check_protocol(const aws::Fields& redirect) {
    const auto protocol = redirect.text_or("Protocol", "http");
    if (protocol == "http" || protocol == "https") return {};
    return invalid_request(
        "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
        "automatically.");
}

Result<void> check_routing_rule(const aws::Fields& rule) {
    const aws::Fields redirect(rule.object("Redirect"));
    if (redirect.has("ReplaceKeyPrefixWith") && redirect.has("ReplaceKeyWith"))
        return invalid_request("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
    if (rule.has("Condition") && rule.object("Condition").empty())
        return invalid_request(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't "
            "be present.");
    return check_protocol(redirect);
}

Result<void> check_redirect_all(const Call& call, const Json& document) {
    if (document.size() > 1)
        return refuse_website(call, "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                              "RedirectAllRequestsTo", "not null");
    return check_protocol(aws::Fields(aws::Fields(document).object("RedirectAllRequestsTo")));
}

Result<void> check_documents(const Call& call, const aws::Fields& website) {
    if (!website.has("IndexDocument"))
        return refuse_website(call,
                              "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
                              "IndexDocument", "null");
    const auto suffix = aws::Fields(website.object("IndexDocument")).text_or("Suffix");
    if (suffix.empty() || suffix.find('/') != std::string::npos)
        return refuse_website(call, "The IndexDocument Suffix is not well formed", "IndexDocument", suffix);
    if (website.has("ErrorDocument") && aws::Fields(website.object("ErrorDocument")).text_or("Key").empty())
        return wire::malformed_xml();
    return {};
}

// ---- logging ----

Result<void> check_log_target(const S3_Setting_Request& request, const std::string& name) {
    const auto invalid_target = [&](const char* message) {
        return refuse(request.call, {"InvalidTargetBucketForLogging", message, 400}, {{"TargetBucket", name}});
    };
    const S3_Bucket* target = request.s3.bucket_of_any_account(name);
    if (target == nullptr) return invalid_target("The target bucket for logging does not exist");
    // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
    if (target->owner.id != request.call.account.id)
        return invalid_target("The owner for the bucket to be logged and the target bucket must be the same.");
    const std::string& region = request.bucket.owner.region;
    if (target->owner.region == region) return {};
    aws::Error_Details details;
    if (region != "us-east-1") details.emplace_back("SourceBucketLocation", region);
    details.emplace_back("TargetBucketLocation", target->owner.region);
    return refuse(request.call, {"CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403},
                  std::move(details));
}

}  // namespace

Result<void> check_cors(const S3_Setting_Request&, Json& document) {
    const Json& rules = aws::Fields(document).list("CORSRules");
    if (rules.empty() || rules.size() > cors_rules_max) return wire::malformed_xml();
    for (const Json& rule : rules) OSBOT_TRY(check_cors_rule(aws::Fields(rule)));
    return {};
}

Result<void> check_website(const S3_Setting_Request& request, Json& document) {
    const aws::Fields website(document);
    if (website.has("RedirectAllRequestsTo")) return check_redirect_all(request.call, document);
    OSBOT_TRY(check_documents(request.call, website));
    if (!website.has("RoutingRules")) return {};
    const Json& rules = website.list("RoutingRules");
    if (rules.empty() || rules.size() > routing_rules_max) return wire::malformed_xml();
    for (const Json& rule : rules) OSBOT_TRY(check_routing_rule(aws::Fields(rule)));
    return {};
}

Result<void> check_logging(const S3_Setting_Request& request, Json& document) {
    const aws::Fields status(document);
    if (!status.has("LoggingEnabled")) return {};
    return check_log_target(request, aws::Fields(status.object("LoggingEnabled")).text_or("TargetBucket"));
}

Result<void> check_accelerate(const S3_Setting_Request& request, Json& document) {
    if (request.bucket.name.find('.') != std::string::npos)
        return invalid_request("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
    const std::string status = aws::Fields(document).text_or("Status");
    if (status != "Enabled" && status != "Suspended") return wire::malformed_xml();
    // A bucket that never had it enabled has no status.
    if (status == "Suspended" && request.bucket.setting(accelerate_setting.name) == nullptr) document = nullptr;
    return {};
}

Result<void> check_encryption(const S3_Setting_Request& request, Json& document) {
    const Json& rules = aws::Fields(document).list("Rules");
    if (rules.size() != 1) return wire::malformed_xml();
    const aws::Fields rule(rules[0]);
    if (!rule.has("ApplyServerSideEncryptionByDefault")) return wire::malformed_xml();
    const aws::Fields by_default(rule.object("ApplyServerSideEncryptionByDefault"));
    if (by_default.has("KMSMasterKeyID") && by_default.text_or("SSEAlgorithm") == "AES256")
        return refuse(request.call,
                      {"InvalidArgument",
                       "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
                       "aws:kms:dsse",
                       400},
                      {{"ArgumentName", "ApplyServerSideEncryptionByDefault"}});
    if (!rule.has("BucketKeyEnabled")) document["Rules"][0]["BucketKeyEnabled"] = false;
    return {};
}

Result<void> check_ownership(const S3_Setting_Request& request, Json& document) {
    const Json& rules = aws::Fields(document).list("Rules");
    if (rules.size() != 1) return wire::malformed_xml();
    const bool is_enforced = aws::Fields(rules[0]).text_or("ObjectOwnership") == "BucketOwnerEnforced";
    if (!is_enforced || !grants_to_others(request.bucket)) return {};
    return Error{"InvalidBucketAclWithObjectOwnership",
                 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", 400};
}

Result<void> check_public_access(const S3_Setting_Request&, Json& document) {
    if (document.empty()) return invalid_request("Must specify at least one configuration.");
    for (const char* setting : {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"})
        if (!document.contains(setting)) document[setting] = false;
    return {};
}

// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
constexpr std::int64_t lock_days_max = 36500, lock_years_max = 100;

Result<void> check_object_lock(const S3_Setting_Request& request, Json& document) {
    if (request.bucket.versioning != "Enabled")
        return Error{"InvalidBucketState",
                     "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration", 409};
    const aws::Fields configuration(document);
    if (configuration.text_or("ObjectLockEnabled") != "Enabled") return wire::malformed_xml();
    if (!configuration.has("Rule")) return {};
    const aws::Fields retention(aws::Fields(configuration.object("Rule")).object("DefaultRetention"));
    if (retention.has("DefaultEventHold"))
        return wire::not_implemented("S3", "PutObjectLockConfiguration with DefaultEventHold");
    const auto days = retention.number("Days"), years = retention.number("Years");
    if (!retention.has("Mode") || days.has_value() == years.has_value()) return wire::malformed_xml();
    if (days.value_or(years.value_or(0)) <= 0)
        return Error{"InvalidArgument", "Default retention period must be a positive integer value.", 400};
    if (days.value_or(0) <= lock_days_max && years.value_or(0) <= lock_years_max) return {};
    return Error{"InvalidArgument", "Default retention period too large.", 400};
}

Result<void> check_replication(const S3_Setting_Request& request, Json& document) {
    if (request.bucket.versioning != "Enabled")
        return invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    if (aws::Fields(document).list("Rules").empty()) return wire::malformed_xml();
    for (Json& rule : document["Rules"]) {
        if (!rule.contains("ID")) rule["ID"] = base::random_alphanumeric(20);
        std::string target = aws::Fields(aws::Fields(rule).object("Destination")).text_or("Bucket");
        if (const auto arn = wire::Arn::parse(target); arn && arn->service == "s3") target = std::string(arn->resource);
        const S3_Bucket* destination = request.s3.bucket_of_any_account(target);
        if (destination == nullptr || destination->versioning != "Enabled")
            return invalid_request("Destination bucket must have versioning enabled.");
    }
    return {};
}

Result<void> check_inventory(const S3_Setting_Request& request, Json& document) {
    const aws::Fields configuration(document);
    if (configuration.text_or("Id") != request.call.fields().text_or("Id"))
        return Error{"IdMismatch", "Document ID does not match the specified configuration ID.", 400};
    const aws::Fields target(aws::Fields(configuration.object("Destination")).object("S3BucketDestination"));
    if (target.text_or("Bucket").starts_with("arn:")) return {};
    return Error{"InvalidS3DestinationBucket", "Invalid bucket ARN.", 400};
}

}  // namespace osbot_aws::services
