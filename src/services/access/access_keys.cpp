#include "services/access/access_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "base/characters.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "services/iam/policies_of.hpp"
#include "services/iam/policy/resource_callers.hpp"
#include "services/s3/s3_versions.hpp"
#include "wire/arn.hpp"
#include "wire/lambda_names.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

constexpr const char* tls_version = "1.3";  // of the connections for which the engine stands in

void set(Condition_Keys& keys, std::string_view name, std::string value) {
    if (!value.empty()) keys[base::lower_case(name)] = {std::move(value)};
}

void add_tags(Condition_Keys& keys, std::string_view prefix, const auto& tags) {
    for (const auto& [key, value] : tags) keys[std::string(prefix) + base::lower_case(key)] = {value};
}

std::string_view principal_type(const Caller& caller) {
    switch (caller.kind) {
        case Caller::Kind::root:
            return "Account";
        case Caller::Kind::user:
            return "User";
        case Caller::Kind::role:
            return "AssumedRole";
        case Caller::Kind::federated:
            return "FederatedUser";
        default:
            return "Anonymous";
    }
}

// ---- keys of resources ----

/// `key`: the resource of the ARN, <bucket>/<key>
void add_object_keys(const Access_State& state, const Required_Action& required, std::string_view key,
                     Condition_Keys& keys) {
    set(keys, "s3:VersionId", required.version);
    set(keys, "s3:if-match", required.if_match);
    const S3_Bucket* bucket = state.s3.bucket_of_any_account(std::string(base::take_until(key, '/')));
    if (bucket == nullptr) return;
    keys["s3:resourceaccount"] = {bucket->owner.id};
    add_tags(keys, "aws:resourcetag/", bucket->tags);
    if (key.empty()) return;
    const auto object =
        state.s3.find_version(bucket->owner, bucket->name, std::string(key), version_of(required.version));
    if (object && *object) add_tags(keys, "s3:existingobjecttag/", (*object)->tags);
}

void add_function_keys(const Access_State& state, const std::string& arn, Condition_Keys& keys) {
    const auto name = wire::parse_function_name(arn);
    if (!name) return;
    const auto record = state.functions.record({std::string(name->account_id), std::string(name->region)}, arn);
    if (record) add_tags(keys, "aws:resourcetag/", (*record)->latest->tags);
}

/// The operations on event source mappings can be restricted by the function.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
void add_mapping_keys(const Access_State& state, const Required_Action& required, Condition_Keys& keys) {
    const std::string& arn = required.resource;
    const auto mapping = state.event_sources.find({account_in(arn), region_in(arn)}, arn.substr(arn.rfind(':') + 1));
    if (!mapping) return;
    add_tags(keys, "aws:resourcetag/", mapping->tags);
    if (required.action.ends_with("EventSourceMapping"))
        set(keys, "lambda:FunctionArn", arn_of(mapping->account, mapping->function_name));
}

void add_iam_tags(const Tags& tags, Condition_Keys& keys) {
    add_tags(keys, "aws:resourcetag/", tags);
    add_tags(keys, "iam:resourcetag/", tags);
}

void add_entity_keys(const Iam& iam, const std::string& arn, Condition_Keys& keys) {
    if (const Principal* principal = iam.principal_by_arn(arn)) return add_iam_tags(principal->tags, keys);
    if (const Policy* policy = iam.all<Policy>().find(scope_in(arn), arn)) add_iam_tags(policy->tags, keys);
}

// ---- keys of the services ----

/// A member of an input that is a condition key.
struct Member_Key {
    std::string_view service, member, key;
};
constexpr Member_Key member_keys[] = {
    {"iam", "AWSServiceName", "iam:awsservicename"},
    {"iam", "PermissionsBoundary", "iam:permissionsboundary"},
    {"iam", "PolicyArn", "iam:policyarn"},
    {"lambda", "CodeSigningConfigArn", "lambda:codesigningconfigarn"},
    {"lambda", "AuthType", "lambda:functionurlauthtype"},
    {"lambda", "FunctionUrlAuthType", "lambda:functionurlauthtype"},
    {"lambda", "Principal", "lambda:principal"},
    {"s3", "Delimiter", "s3:delimiter"},
    {"s3", "MaxKeys", "s3:max-keys"},
    {"sts", "ExternalId", "sts:externalid"},
    {"sts", "RoleSessionName", "sts:rolesessionname"},
    {"sts", "SourceIdentity", "sts:sourceidentity"},
};

/// The headers of S3 that are condition keys: s3:x-amz-acl.
constexpr std::array<std::string_view, 15> s3_headers{"x-amz-acl",
                                                      "x-amz-content-sha256",
                                                      "x-amz-copy-source",
                                                      "x-amz-grant-full-control",
                                                      "x-amz-grant-read",
                                                      "x-amz-grant-read-acp",
                                                      "x-amz-grant-write",
                                                      "x-amz-grant-write-acp",
                                                      "x-amz-metadata-directive",
                                                      "x-amz-object-ownership",
                                                      "x-amz-server-side-encryption",
                                                      "x-amz-server-side-encryption-aws-kms-key-id",
                                                      "x-amz-server-side-encryption-customer-algorithm",
                                                      "x-amz-storage-class",
                                                      "x-amz-website-redirect-location"};

/// A setting of object lock: in the header x-amz-<name>, or in the document of PutObjectRetention or
/// PutObjectLegalHold.
struct Lock_Setting {
    std::string_view name, document, member;
};
constexpr Lock_Setting lock_settings[] = {{"object-lock-legal-hold", "LegalHold", "Status"},
                                          {"object-lock-mode", "Retention", "Mode"},
                                          {"object-lock-retain-until-date", "Retention", "RetainUntilDate"}};

/// An operation that requires s3:PutObject. Only one that creates the object accepts If-Match and If-None-Match.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
struct Object_Write {
    std::string_view operation;
    bool creates_object;
};
constexpr Object_Write object_writes[] = {{"CompleteMultipartUpload", true},
                                          {"CopyObject", true},
                                          {"CreateMultipartUpload", false},
                                          {"PutObject", true},
                                          {"UploadPart", false},
                                          {"UploadPartCopy", false}};

std::string member_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_integer() ? std::to_string(value.get<std::int64_t>()) : "";
}

/// Returns the tags in a request of S3: in a header, or in the document of PutObjectTagging.
std::vector<std::pair<std::string, std::string>> object_tags(const aws::Fields& fields) {
    const auto found = fields.json().find("Tagging");
    if (found == fields.json().end()) return {};
    return found->is_string() ? wire::parse_query(found->get<std::string>()) : aws::Fields(*found).pairs("TagSet");
}

void add_lock_keys(const Access_Input& input, Condition_Keys& keys) {
    for (const auto& [name, document, member] : lock_settings) {
        const std::string_view header = input.call.request.headers[fmt::format("x-amz-{}", name)];
        set(keys, fmt::format("s3:{}", name),
            header.empty() ? aws::Fields(input.call.fields().object(document)).text_or(member) : std::string(header));
    }
    const auto until = keys.find("s3:object-lock-retain-until-date");
    const auto date = until == keys.end() ? std::nullopt : base::parse_iso8601(until->second.front());
    if (!date) return;
    // Part of a day counts as a day: a lock of ten days, which was computed a moment ago, has ten days remaining.
    const auto days = std::chrono::ceil<std::chrono::days>(*date - input.state.context.now());
    keys["s3:object-lock-remaining-retention-days"] = {std::to_string(days.count())};
}

/// Adds the keys of a conditional write or delete.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html
void add_write_keys(const aws::Operation& operation, const wire::Request& request, Condition_Keys& keys) {
    const std::string_view name = operation.name;
    const auto write = std::ranges::find(object_writes, name, &Object_Write::operation);
    const bool is_write = write != std::end(object_writes), creates_object = is_write && write->creates_object;
    if (is_write) keys["s3:objectcreationoperation"] = {creates_object ? "true" : "false"};
    if (creates_object) set(keys, "s3:if-none-match", std::string(request.headers["If-None-Match"]));
    if (creates_object || name == "DeleteObject") set(keys, "s3:if-match", std::string(request.headers["If-Match"]));
}

/// Adds the keys of the signature. Only those of links and of forms have an age, which is 0 in Version 2.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
void add_signature_keys(const aws::Operation& operation, const Access_Input& input, Condition_Keys& keys) {
    const wire::Request& request = input.call.request;
    const auto query = wire::parse_query(request.query());
    const bool is_form = std::string_view(operation.name) == "PutObject" && request.method == "POST";
    const bool is_version_2 = wire::query_value(query, "Signature").has_value();
    const bool is_link = is_version_2 || wire::query_value(query, "X-Amz-Signature");
    keys["s3:signatureversion"] = {is_version_2 ? "AWS" : "AWS4-HMAC-SHA256"};
    keys["s3:authtype"] = {is_form ? "POST" : is_link ? "REST-QUERY-STRING" : "REST-HEADER"};
    if (is_version_2) keys["s3:signatureage"] = {"0"};
    const auto date = wire::query_value(query, "X-Amz-Date").value_or(std::string(request.headers["X-Amz-Date"]));
    const auto signed_at = is_link || is_form ? wire::signature_time(date) : std::nullopt;
    if (signed_at)
        keys["s3:signatureage"] = {
            std::to_string(base::unix_ms(input.state.context.now()) - base::unix_ms(*signed_at))};
}

void add_s3_keys(const aws::Operation& operation, const Access_Input& input, Condition_Keys& keys) {
    const wire::Request& request = input.call.request;
    const aws::Fields fields = input.call.fields();
    for (const std::string_view header : s3_headers)
        set(keys, fmt::format("s3:{}", header), std::string(request.headers[header]));
    add_lock_keys(input, keys);
    add_write_keys(operation, request, keys);
    add_signature_keys(operation, input, keys);
    const bool is_listing = !fields.has("Key");
    if (is_listing) keys["s3:prefix"] = {fields.text_or("Prefix")};  // "": the whole bucket
    keys["s3:tlsversion"] = {tls_version};
    set(keys, "s3:LocationConstraint",
        aws::Fields(fields.object("CreateBucketConfiguration")).text_or("LocationConstraint"));
    for (const auto& [key, value] : object_tags(fields)) {
        keys["s3:requestobjecttag/" + base::lower_case(key)] = {value};
        keys["s3:requestobjecttagkeys"].push_back(key);
    }
}

void add_lambda_keys(const aws::Operation& operation, const Access_Input& input, Condition_Keys& keys) {
    if (auto layers = input.call.fields().texts("Layers"); !layers.empty()) keys["lambda:layer"] = std::move(layers);
    if (std::string_view(operation.name) != "CreateEventSourceMapping") return;
    const auto record = input.state.functions.record(input.call.account, input.text("FunctionName"));
    if (record) set(keys, "lambda:FunctionArn", (*record)->latest->arn);
}

void add_sts_keys(const aws::Operation&, const Access_Input& input, Condition_Keys& keys) {
    if (auto transitive = input.call.fields().texts("TransitiveTagKeys"); !transitive.empty())
        keys["sts:transitivetagkeys"] = std::move(transitive);
}

/// The services to which operations pass a role.
constexpr std::pair<std::string_view, std::string_view> passed_to[] = {{"iam", "ec2.amazonaws.com"},
                                                                       {"lambda", "lambda.amazonaws.com"},
                                                                       {"logs", "logs.amazonaws.com"},
                                                                       {"s3", "s3.amazonaws.com"}};

/// Adds the tags of the request: a list of keys and values, or a map.
void add_request_tags(const aws::Fields& fields, Condition_Keys& keys) {
    for (const char* member : {"Tags", "tags"}) {
        const auto found = fields.json().find(member);
        if (found == fields.json().end()) continue;
        if (found->is_object()) {
            for (const auto& [key, value] : fields.map(member)) {
                keys["aws:requesttag/" + base::lower_case(key)] = {value};
                keys["aws:tagkeys"].push_back(key);
            }
            continue;
        }
        if (!found->empty() && found->front().is_string()) {  // the tags that UntagLogGroup removes
            for (std::string& key : fields.texts(member)) keys["aws:tagkeys"].push_back(std::move(key));
            continue;
        }
        for (const auto& [key, value] : fields.pairs(member)) {
            if (!key.empty()) keys["aws:requesttag/" + base::lower_case(key)] = {value};
            if (!key.empty()) keys["aws:tagkeys"].push_back(key);
        }
    }
    for (const char* member : {"TagKeys", "tagKeys"})
        for (std::string& key : fields.texts(member)) keys["aws:tagkeys"].push_back(std::move(key));
}

}  // namespace

Condition_Keys request_keys(const Access_State& state, const Caller& caller, const Principal* principal,
                            const Account& account, const wire::Request& request) {
    Condition_Keys keys = principal == nullptr ? Condition_Keys() : principal_keys(*principal);
    if (principal == nullptr) {
        set(keys, "aws:PrincipalArn", caller.arn);
        set(keys, "aws:PrincipalAccount", caller.kind == Caller::Kind::anonymous ? "" : caller.account);
    }
    keys["aws:principaltype"] = {std::string(principal_type(caller))};
    keys["aws:userid"] = {caller.kind == Caller::Kind::anonymous ? "anonymous" : caller.user_id};
    if (caller.session) {
        add_tags(keys, "aws:principaltag/", caller.session->tags);
        set(keys, "aws:SourceIdentity", caller.session->source_identity);
        set(keys, source_function_key, caller.session->source_function);
        keys["aws:multifactorauthpresent"] = {"false"};  // the codes of MFA devices are not verified
    }
    keys.merge(connection_keys(state.context.now(), account.region, request));
    return keys;
}

void add_resource_keys(const Access_State& state, const Required_Action& required, Condition_Keys& keys) {
    const std::string& arn = required.resource;
    const auto parts = wire::Arn::parse(arn);
    if (!parts) return;
    if (parts->service == "s3") return add_object_keys(state, required, parts->resource, keys);
    if (parts->service == "iam") return add_entity_keys(state.iam, arn, keys);
    if (parts->service == "lambda" && parts->resource.starts_with("function:"))
        return add_function_keys(state, arn, keys);
    if (parts->service == "lambda" && parts->resource.starts_with("event-source-mapping:"))
        return add_mapping_keys(state, required, keys);
    if (const auto queue = state.sqs.find_arn(arn)) add_tags(keys, "aws:resourcetag/", (*queue)->tags);
}

void add_operation_keys(const aws::Service& service, const aws::Operation& operation, const Access_Input& input,
                        Condition_Keys& keys) {
    const std::string_view name = service.name;
    for (const Member_Key& each : member_keys) {
        if (each.service != name) continue;
        const auto found = input.call.input.find(each.member);
        if (found != input.call.input.end()) set(keys, each.key, member_text(*found));
    }
    for (const auto& [passing, receiver] : passed_to)
        if (passing == name) keys["iam:passedtoservice"] = {std::string(receiver)};
    add_request_tags(input.call.fields(), keys);
    using Add = void (*)(const aws::Operation&, const Access_Input&, Condition_Keys&);
    constexpr std::pair<std::string_view, Add> all[] = {
        {"lambda", &add_lambda_keys}, {"s3", &add_s3_keys}, {"sts", &add_sts_keys}};
    for (const auto& [of_service, add] : all)
        if (of_service == name) add(operation, input, keys);
}

}  // namespace osbot_aws::services
