// The code of functions: uploads, objects in buckets, and download links.
#include "services/lambda/api/code.hpp"

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/time_text.hpp"
#include "services/blob_body.hpp"
#include "services/lambda/api/configuration.hpp"
#include "services/lambda/api/front.hpp"
#include "services/protocol_error.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::chrono::minutes link_lifetime{10};

/// The state of run_with_code() that its worker uses.
struct Code_Job {
    Call call;
    services::Code_Source code = {};
};

services::Code_Source code_source(const aws::Fields& fields) {
    return {.zip = {},
            .s3_bucket = fields.text_or("S3Bucket"),
            .s3_key = fields.text_or("S3Key"),
            .s3_object_version = fields.text_or("S3ObjectVersion"),
            .kms_key_arn = fields.text_or("SourceKMSKeyArn"),
            .image_uri = fields.text_or("ImageUri")};
}

/// S3ObjectStorageMode REFERENCE: Lambda reads the object in the bucket at each start, instead of a copy.
bool is_reference(const aws::Fields& fields) { return fields.text_or("S3ObjectStorageMode") == "REFERENCE"; }

/// Rejects an object in a bucket beside a zip: one of them would be dropped. The message is that of AWS for functions,
/// as a client's tests expect it (testCreateFunctionInvalidFunctionCodeParamsAndZip). That for layers is not known.
std::optional<Error> check_zip_alone(const Call& call, const aws::Fields& fields) {
    if (!call.blob) return std::nullopt;
    for (const char* other : {"S3Bucket", "S3Key", "S3ObjectVersion", "S3ObjectStorageMode"})
        if (fields.has(other))
            return services::invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.");
    return std::nullopt;
}

void create_function(Lambda_Front& front, Call&& call, const Answer& answer) {
    if (const auto arn = call.fields().text("CodeSigningConfigArn"))
        if (const auto error = front.functions.code_signing.check_for_function(call.account, *arn))
            return answer(*error);
    run_with_code(front, std::move(call), answer, "Code", [&front](const Call& checked, services::Code_Source code) {
        services::Create_Function params = create_function_params(checked.fields());
        params.code = std::move(code);
        const auto created = front.functions.deployment.create(checked.account, params);
        auto result = configuration_result(created);
        // Also that of a published version is the ARN of the function.
        // Recorded: LocalStack, lambda_/test_lambda.snapshot.json, test_invocation_with_qualifier, creation-response
        if (result) (*result)["FunctionArn"] = (*created)->arn;
        return result;
    });
}

void update_function_code(Lambda_Front& front, Call&& call, const Answer& answer) {
    run_with_code(front, std::move(call), answer, "", [&front](const Call& checked, services::Code_Source code) {
        services::Update_Function_Code params = update_function_code_params(checked.fields());
        params.code = std::move(code);
        return configuration_result(front.functions.deployment.update_code(checked.account, params));
    });
}

}  // namespace

// ---- uploads --------------------------------------------------------------------------------------------------------

void run_with_code(Lambda_Front& front, Call&& call, const Answer& answer, std::string_view part, With_Code run) {
    const auto job = std::make_shared<Code_Job>(Code_Job{std::move(call)});
    const aws::Fields fields(part.empty() ? job->call.input : job->call.fields().object(part));
    if (const auto error = check_publish_to(job->call.fields())) return answer(*error);
    if (const auto error = check_zip_alone(job->call, fields)) return answer(*error);
    if (is_reference(fields)) return answer(wire::not_implemented("Lambda", "S3ObjectStorageMode REFERENCE"));
    job->code = code_source(fields);
    const auto finish = [job, answer, run = std::move(run)] {
        Result<Json> output = run(job->call, std::move(job->code));
        answer(output ? Result<Output>(Output(std::move(*output))) : output.error());
    };
    base::Loop& loop = front.context.loop;
    auto& blobs = front.context.store.blobs();
    if (job->call.blob) {
        loop.run_blocking(
            [job, &blobs] {
                job->code.zip = services::store_zip(blobs, *job->call.blob);
                job->call.blob.reset();
            },
            finish);
    } else if (!job->code.s3_bucket.empty() && !job->code.s3_key.empty()) {
        loop.run_blocking(
            [job, &blobs,
             object =
                 front.objects(job->call.account, job->code.s3_bucket, job->code.s3_key, job->code.s3_object_version)] {
                job->code.zip = services::zip_of_object(blobs, object);
            },
            finish);
    } else {
        finish();
    }
}

// ---- links ----------------------------------------------------------------------------------------------------------

Code_Links::Code_Links(services::Context& context) : context_(context), secret_(base::random_bytes(32)) {}

// The token is <expiry>-<sha256>-<signature>: it needs no stored state and cannot be guessed.
std::string Code_Links::link(std::string_view zip_sha256) const {
    const auto expiry = base::unix_ms(context_.now() + link_lifetime);
    const std::string signed_text = fmt::format("{}-{}", expiry, zip_sha256);
    return fmt::format("{}{}{}-{}", context_.endpoint_url, path, signed_text,
                       base::hex_encode(base::hmac_sha256_raw(secret_, signed_text)));
}

wire::Response Code_Links::download(std::string_view token) const {
    const auto end = token.rfind('-'), middle = token.find('-');
    const Error refused{"AccessDeniedException", "the link is invalid or has expired: call GetFunction for a new link",
                        403};
    if (end == std::string_view::npos || end == middle) return protocol_error("lambda", refused);
    const std::string_view signed_text = token.substr(0, end);
    std::int64_t expiry = 0;
    std::from_chars(signed_text.data(), signed_text.data() + middle, expiry);
    const std::string signature = base::hex_encode(base::hmac_sha256_raw(secret_, signed_text));
    if (!base::equal_constant_time(signature, token.substr(end + 1)) || base::from_unix_ms(expiry) < context_.now())
        return protocol_error("lambda", refused);

    const std::string sha256(signed_text.substr(middle + 1));
    const auto zip = context_.store.blobs().find(sha256);
    if (!zip) return protocol_error("lambda", {"ResourceNotFoundException", "this code no longer exists", 404});
    return {200, {{"Content-Type", "application/zip"}}, blob_body(context_.store.blobs(), zip, 0, zip->size())};
}

Operations lambda_code(Lambda_Front& front) {
    return {
        front,
        {{"CreateFunction", &create_function, takes_blob}, {"UpdateFunctionCode", &update_function_code, takes_blob}}};
}

}  // namespace osbot_aws::services
