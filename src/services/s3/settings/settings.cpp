// The settings of buckets: a table of configuration documents, and the functions for all of them.
#include "services/s3/settings/settings.hpp"

#include <algorithm>

#include "aws/models/models.hpp"
#include "base/json.hpp"
#include "services/s3/notifications/notifications.hpp"
#include "services/s3/s3_operations.hpp"
#include "services/s3/settings/lifecycle.hpp"
#include "services/s3/settings/policy.hpp"
#include "services/s3/settings/setting_rules.hpp"

namespace osbot_aws::services {

// ---- the table ----

const S3_Setting cors_setting{.name = "cors",
                              .put_operation = "PutBucketCors",
                              .payload = "CORSConfiguration",
                              .check = &check_cors,
                              .missing_code = "NoSuchCORSConfiguration",
                              .missing_message = "The CORS configuration does not exist"};
const S3_Setting lifecycle_setting{.name = "lifecycle",
                                   .put_operation = "PutBucketLifecycleConfiguration",
                                   .payload = "LifecycleConfiguration",
                                   .check = &check_lifecycle,
                                   .missing_code = "NoSuchLifecycleConfiguration",
                                   .missing_message = "The lifecycle configuration does not exist"};
const S3_Setting website_setting{.name = "website",
                                 .put_operation = "PutBucketWebsite",
                                 .payload = "WebsiteConfiguration",
                                 .check = &check_website,
                                 .missing_code = "NoSuchWebsiteConfiguration",
                                 .missing_message = "The specified bucket does not have a website configuration"};
const S3_Setting replication_setting{.name = "replication",
                                     .put_operation = "PutBucketReplication",
                                     .payload = "ReplicationConfiguration",
                                     .check = &check_replication,
                                     .is_payload_of_output = true,
                                     .missing_code = "ReplicationConfigurationNotFoundError",
                                     .missing_message = "The replication configuration was not found"};
const S3_Setting lock_setting{.name = "object-lock",
                              .put_operation = "PutObjectLockConfiguration",
                              .payload = "ObjectLockConfiguration",
                              .check = &check_object_lock,
                              .is_payload_of_output = true,
                              .missing_code = "ObjectLockConfigurationNotFoundError",
                              .missing_message = "Object Lock configuration does not exist for this bucket"};
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
const S3_Setting encryption_setting{
    .name = "encryption",
    .put_operation = "PutBucketEncryption",
    .payload = "ServerSideEncryptionConfiguration",
    .check = &check_encryption,
    .is_payload_of_output = true,
    .initial =
        R"({"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]})",
    .deletes_default = true};
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
const S3_Setting ownership_setting{.name = "ownership",
                                   .put_operation = "PutBucketOwnershipControls",
                                   .payload = "OwnershipControls",
                                   .check = &check_ownership,
                                   .is_payload_of_output = true,
                                   .missing_code = "OwnershipControlsNotFoundError",
                                   .missing_message = "The bucket ownership controls were not found",
                                   .initial = R"({"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]})",
                                   .deletes_default = true};
const S3_Setting public_access_setting{
    .name = "public-access-block",
    .put_operation = "PutPublicAccessBlock",
    .payload = "PublicAccessBlockConfiguration",
    .check = &check_public_access,
    .is_payload_of_output = true,
    .missing_code = "NoSuchPublicAccessBlockConfiguration",
    .missing_message = "The public access block configuration was not found",
    .initial =
        R"({"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true})",
    .deletes_default = true};
const S3_Setting logging_setting{
    .name = "logging", .put_operation = "PutBucketLogging", .payload = "BucketLoggingStatus", .check = &check_logging};
const S3_Setting notification_setting{.name = "notification",
                                      .put_operation = "PutBucketNotificationConfiguration",
                                      .payload = "NotificationConfiguration",
                                      .check = &check_notification,
                                      .has_own_enumerations = true};
const S3_Setting payment_setting{.name = "request-payment",
                                 .put_operation = "PutBucketRequestPayment",
                                 .payload = "RequestPaymentConfiguration",
                                 .initial = R"({"Payer":"BucketOwner"})"};
const S3_Setting accelerate_setting{.name = "accelerate",
                                    .put_operation = "PutBucketAccelerateConfiguration",
                                    .payload = "AccelerateConfiguration",
                                    .check = &check_accelerate,
                                    .has_own_enumerations = true};

const S3_Setting_List analytics_settings{.name = "analytics",
                                         .put_operation = "PutBucketAnalyticsConfiguration",
                                         .payload = "AnalyticsConfiguration",
                                         .list_member = "AnalyticsConfigurationList"};
const S3_Setting_List tiering_settings{.name = "intelligent-tiering",
                                       .put_operation = "PutBucketIntelligentTieringConfiguration",
                                       .payload = "IntelligentTieringConfiguration",
                                       .list_member = "IntelligentTieringConfigurationList"};
const S3_Setting_List inventory_settings{.name = "inventory",
                                         .put_operation = "PutBucketInventoryConfiguration",
                                         .payload = "InventoryConfiguration",
                                         .list_member = "InventoryConfigurationList",
                                         .check = &check_inventory};
const S3_Setting_List metrics_settings{.name = "metrics",
                                       .put_operation = "PutBucketMetricsConfiguration",
                                       .payload = "MetricsConfiguration",
                                       .list_member = "MetricsConfigurationList",
                                       .put_status = 204};

namespace {

constexpr std::size_t documents_max = 1000;  ///< of a bucket, in each of its lists
constexpr std::size_t listed_documents_max = 100;

// ---- a document ----

bool fits_model(const aws::Service& model, const aws::Shape& shape, const Json& value) {
    if (shape.type == aws::Type::structure)
        return std::ranges::all_of(model.members_of(shape), [&](const aws::Member& member) {
            const auto found = value.find(member.name);
            return found == value.end() || fits_model(model, model.shape(member), *found);
        });
    if (shape.type == aws::Type::list)
        return std::all_of(value.begin(), value.end(), [&](const Json& item) {
            return fits_model(model, model.shape(model.item_of(shape)), item);
        });
    const aws::Rule* rule = model.rule_of(shape);
    if (shape.type != aws::Type::string || rule == nullptr || rule->value_count == 0) return true;
    return std::ranges::any_of(model.values_of(*rule), [&](const char* allowed) { return value == allowed; });
}

Result<Json> put_setting(S3& s3, const Call& call, const S3_Setting& setting) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(auto document,
              document_of_request(call, setting.put_operation, setting.payload, setting.has_own_enumerations));
    if (setting.check != nullptr) OSBOT_TRY(setting.check({s3, call, *bucket}, document));
    Json output = Json::object();
    // PutBucketLifecycleConfiguration is the only operation that returns a part of its document.
    if (const auto size = document.find(transition_size_member); size != document.end())
        output[transition_size_member] = *size;
    OSBOT_TRY(s3.set_setting(call.account, bucket_of(call), setting.name, std::move(document)));
    return output;
}

Result<Json> get_setting(S3& s3, const Call& call, const S3_Setting& setting) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    Json document = document_of(*bucket, setting);
    if (document.is_null() && setting.missing_code != nullptr)
        return refuse(call, {setting.missing_code, setting.missing_message, 404}, {{"BucketName", bucket_of(call)}});
    if (document.is_null()) return Json::object();
    if (setting.is_payload_of_output) return Json{{setting.payload, std::move(document)}};
    return document;
}

Result<Json> delete_setting(S3& s3, const Call& call, const S3_Setting& setting) {
    return no_output(
        s3.set_setting(call.account, bucket_of(call), setting.name, setting.deletes_default ? Json(false) : Json()));
}

template <const S3_Setting& setting>
Result<Json> put(S3& s3, const Call& call) {
    return put_setting(s3, call, setting);
}
template <const S3_Setting& setting>
Result<Json> get(S3& s3, const Call& call) {
    return get_setting(s3, call, setting);
}
template <const S3_Setting& setting>
Result<Json> remove(S3& s3, const Call& call) {
    return delete_setting(s3, call, setting);
}

// ---- documents with IDs ----

Json documents_of(const S3_Bucket& bucket, const S3_Setting_List& settings) {
    const Json* found = bucket.setting(settings.name);
    return found == nullptr ? Json::object() : *found;
}

Error no_configuration() { return {"NoSuchConfiguration", "The specified configuration does not exist.", 404}; }

Result<Output> put_listed(S3& s3, const Call& call, const S3_Setting_List& settings) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    OSBOT_TRY(auto document, document_of_request(call, settings.put_operation, settings.payload));
    const std::string id = call.fields().text_or("Id");
    if (settings.check != nullptr) OSBOT_TRY(settings.check({s3, call, *bucket}, document));
    if (aws::Fields(document).text_or("Id") != id) return wire::malformed_xml();
    Json documents = documents_of(*bucket, settings);
    if (documents.size() == documents_max && !documents.contains(id))
        return Error{"TooManyConfigurations",
                     "You are attempting to create a new configuration but have already reached the "
                     "1,000-configuration limit.",
                     400};
    documents[id] = std::move(document);
    OSBOT_TRY(s3.set_setting(call.account, bucket_of(call), settings.name, std::move(documents)));
    Output output(Json::object());
    output.status = settings.put_status;
    return output;
}

Result<Json> get_listed(S3& s3, const Call& call, const S3_Setting_List& settings) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const Json documents = documents_of(*bucket, settings);
    const auto found = documents.find(call.fields().text_or("Id"));
    if (found == documents.end()) return no_configuration();
    return Json{{settings.payload, *found}};
}

Result<Json> delete_listed(S3& s3, const Call& call, const S3_Setting_List& settings) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    Json documents = documents_of(*bucket, settings);
    if (documents.erase(call.fields().text_or("Id")) == 0) return no_configuration();
    if (documents.empty()) documents = nullptr;
    return no_output(s3.set_setting(call.account, bucket_of(call), settings.name, std::move(documents)));
}

Result<Json> list_listed(S3& s3, const Call& call, const S3_Setting_List& settings) {
    OSBOT_TRY(const auto bucket, s3.bucket(call.account, bucket_of(call)));
    const bool continues = call.fields().has("ContinuationToken");
    OSBOT_TRY(const auto after, continues ? position_of_token(call) : std::string());
    Json output{{"IsTruncated", false}, {settings.list_member, Json::array()}};
    Json& list = output[settings.list_member];
    if (continues) output["ContinuationToken"] = call.fields().text_or("ContinuationToken");
    const Json documents = documents_of(*bucket, settings);
    for (const auto& [id, document] : documents.items()) {
        if (id <= after) continue;
        if (list.size() == listed_documents_max) {
            output["IsTruncated"] = true;
            output["NextContinuationToken"] = continuation_token(aws::Fields(list.back()).text_or("Id"));
            break;
        }
        list.push_back(document);
    }
    return output;
}

template <const S3_Setting_List& settings>
Result<Output> put_one(S3& s3, const Call& call) {
    return put_listed(s3, call, settings);
}
template <const S3_Setting_List& settings>
Result<Json> get_one(S3& s3, const Call& call) {
    return get_listed(s3, call, settings);
}
template <const S3_Setting_List& settings>
Result<Json> remove_one(S3& s3, const Call& call) {
    return delete_listed(s3, call, settings);
}
template <const S3_Setting_List& settings>
Result<Json> list_all(S3& s3, const Call& call) {
    return list_listed(s3, call, settings);
}

}  // namespace

Json document_of(const S3_Bucket& bucket, const S3_Setting& setting) {
    if (const Json* stored = bucket.setting(setting.name)) return stored->is_object() ? *stored : Json();
    return setting.initial == nullptr ? Json() : base::parse_json(setting.initial);
}

bool has_valid_values(std::string_view operation, std::string_view member, const Json& document) {
    const auto& model = aws::s3_model();
    const aws::Member* found = model.find_member(model.shape(model.find_operation(operation)->input), member);
    return fits_model(model, model.shape(*found), document);
}

Result<Json> document_of_request(const Call& call, const char* operation, const char* member,
                                 bool has_own_enumerations) {
    if (!call.fields().has(member)) return Error{"MissingRequestBodyError", "Request Body is empty", 400};
    Json document = call.fields().object(member);
    if (!has_own_enumerations && !has_valid_values(operation, member, document)) return wire::malformed_xml();
    return document;
}

std::string object_ownership(const S3_Bucket& bucket) {
    const Json document = document_of(bucket, ownership_setting);
    if (document.is_null()) return "";
    return aws::Fields(aws::Fields(document).list("Rules").at(0)).text_or("ObjectOwnership");
}

bool blocks_public(const S3_Bucket& bucket, std::string_view kind) {
    const Json* stored = bucket.setting(public_access_setting.name);
    return stored != nullptr && stored->is_object() && aws::Fields(*stored).flag(kind);
}

Operations s3_setting_operations(S3& s3) {
    Operations all{s3,
                   {{"DeleteBucketAnalyticsConfiguration", &remove_one<analytics_settings>},
                    {"DeleteBucketCors", &remove<cors_setting>},
                    {"DeleteBucketEncryption", &remove<encryption_setting>},
                    {"DeleteBucketIntelligentTieringConfiguration", &remove_one<tiering_settings>},
                    {"DeleteBucketInventoryConfiguration", &remove_one<inventory_settings>},
                    {"DeleteBucketLifecycle", &remove<lifecycle_setting>},
                    {"DeleteBucketMetricsConfiguration", &remove_one<metrics_settings>},
                    {"DeleteBucketOwnershipControls", &remove<ownership_setting>},
                    {"DeleteBucketReplication", &remove<replication_setting>},
                    {"DeleteBucketWebsite", &remove<website_setting>},
                    {"DeletePublicAccessBlock", &remove<public_access_setting>},
                    {"GetBucketAccelerateConfiguration", &get<accelerate_setting>},
                    {"GetBucketAnalyticsConfiguration", &get_one<analytics_settings>},
                    {"GetBucketCors", &get<cors_setting>},
                    {"GetBucketEncryption", &get<encryption_setting>},
                    {"GetBucketIntelligentTieringConfiguration", &get_one<tiering_settings>},
                    {"GetBucketInventoryConfiguration", &get_one<inventory_settings>},
                    {"GetBucketLifecycleConfiguration", &get<lifecycle_setting>},
                    {"GetBucketLogging", &get<logging_setting>},
                    {"GetBucketMetricsConfiguration", &get_one<metrics_settings>},
                    {"GetBucketNotificationConfiguration", &get<notification_setting>},
                    {"GetBucketOwnershipControls", &get<ownership_setting>},
                    {"GetBucketReplication", &get<replication_setting>},
                    {"GetBucketRequestPayment", &get<payment_setting>},
                    {"GetBucketWebsite", &get<website_setting>},
                    {"GetObjectLockConfiguration", &get<lock_setting>},
                    {"GetPublicAccessBlock", &get<public_access_setting>},
                    {"ListBucketAnalyticsConfigurations", &list_all<analytics_settings>},
                    {"ListBucketIntelligentTieringConfigurations", &list_all<tiering_settings>},
                    {"ListBucketInventoryConfigurations", &list_all<inventory_settings>},
                    {"ListBucketMetricsConfigurations", &list_all<metrics_settings>},
                    {"PutBucketAccelerateConfiguration", &put<accelerate_setting>},
                    {"PutBucketAnalyticsConfiguration", &put_one<analytics_settings>},
                    {"PutBucketCors", &put<cors_setting>},
                    {"PutBucketEncryption", &put<encryption_setting>},
                    {"PutBucketIntelligentTieringConfiguration", &put_one<tiering_settings>},
                    {"PutBucketInventoryConfiguration", &put_one<inventory_settings>},
                    {"PutBucketLifecycleConfiguration", &put<lifecycle_setting>},
                    {"PutBucketLogging", &put<logging_setting>},
                    {"PutBucketMetricsConfiguration", &put_one<metrics_settings>},
                    {"PutBucketNotificationConfiguration", &put<notification_setting>},
                    {"PutBucketOwnershipControls", &put<ownership_setting>},
                    {"PutBucketReplication", &put<replication_setting>},
                    {"PutBucketRequestPayment", &put<payment_setting>},
                    {"PutBucketWebsite", &put<website_setting>},
                    {"PutObjectLockConfiguration", &put<lock_setting>},
                    {"PutPublicAccessBlock", &put<public_access_setting>}}};
    all.add(s3_policy_operations(s3));
    return all;
}

}  // namespace osbot_aws::services
