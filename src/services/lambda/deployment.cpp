#include "services/lambda/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/validation.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

using Variables = std::map<std::string, std::string>;

void set_zip(Function& function, const Zip_Blob& zip, const std::string& kms_key_arn) {
    function.zip = zip.blob;
    function.code_sha256_base64 = base::base64_encode({zip.blob->name().data(), zip.blob->name().size()});
    function.code_size = zip.blob->size();
    function.code_unpacked_bytes = zip.unpacked_bytes;
    function.code_kms_key_arn = kms_key_arn;
}

/// A missing image fails the function later (missing_image()), as on AWS, which pulls the image later.
void set_image(Function& function, const std::string& uri, const Image_Ptr& image) {
    function.image_uri = uri;
    function.code_sha256_base64 = image ? image->digest : "";
}

/// Sources of the error messages: https://github.com/pulumi/pulumi-aws/issues/5439 and
/// https://github.com/hashicorp/terraform/issues/27963
std::optional<Error> check_image_uri(const std::string& uri) {
    if (parse_image_uri(uri)) return std::nullopt;
    return invalid(fmt::format("Source image {} is not valid. Provide a valid source image.", uri));
}

/// Returns the first member of the source that only a zip has; "" if it has none.
std::string_view member_of_zip(const Code_Source& code) {
    const std::pair<std::string_view, bool> members[] = {{"S3Bucket", !code.s3_bucket.empty()},
                                                         {"S3Key", !code.s3_key.empty()},
                                                         {"S3ObjectVersion", !code.s3_object_version.empty()},
                                                         {"SourceKMSKeyArn", !code.kms_key_arn.empty()},
                                                         {"ZipFile", code.zip.has_value()}};
    const auto* found = std::ranges::find_if(members, [](const auto& member) { return member.second; });
    return found == std::end(members) ? std::string_view() : found->first;
}

/// The form of AWS's message for ImageUri and zips (check_source()). `verb`: creating or updating.
std::optional<Error> check_image_source(const Code_Source& code, std::string_view verb) {
    if (const auto member = member_of_zip(code); !member.empty())
        return invalid(fmt::format("Please don't provide {} when {} a function with packageType Image.", member, verb));
    return check_image_uri(code.image_uri);
}

/// Sources of the error messages: https://github.com/appleboy/lambda-action/issues/28 and localstack's provider.
std::optional<Error> check_source(const Function& function, const Code_Source& code) {
    if (!function.is_image() && !code.image_uri.empty())
        return invalid("Please don't provide ImageUri when updating a function with packageType Zip.");
    if (!function.is_image()) return std::nullopt;
    if (code.image_uri.empty())
        return invalid("Please provide ImageUri when updating a function with packageType Image.");
    return check_image_source(code, "updating");
}

Error not_for_images() {
    return invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.");
}

/// In the form of AWS's message for images.
Error not_for_zips() {
    return invalid("Please don't provide ImageConfig when the intended function PackageType is Zip.");
}

constexpr int snapshot_storage_mb_max = 512;

/// The runtimes: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes
bool has_snapshots(std::string_view runtime) {
    constexpr std::string_view runtimes[] = {"java11",     "java17",     "java21",  "java25",  "python3.12",
                                             "python3.13", "python3.14", "dotnet8", "dotnet10"};
    return std::ranges::find(runtimes, runtime) != std::end(runtimes);
}

/// The first message is copied from localstack's lambda_/provider.py. The others have its form; AWS documents the
/// limits only: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes. Since September 2026,
/// images have snapshots: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html
/// An image has an empty `runtime`.
std::optional<Error> check_snap_start(const Json& settings, const std::string& runtime, int ephemeral_storage_mb) {
    const auto not_supported = [](std::string_view feature) {
        return invalid(fmt::format("{} is not supported for SnapStart enabled functions.", feature));
    };
    const Json snap_start = settings.value("SnapStart", Json::object());
    if (snap_start.value("ApplyOn", "None") == "None") return std::nullopt;
    if (settings.contains("TenancyConfig"))
        return invalid("SnapStart is not supported for functions with tenancy configuration.");
    if (!runtime.empty() && !has_snapshots(runtime)) return not_supported(runtime);
    if (!settings.value("FileSystemConfigs", Json::array()).empty()) return not_supported("FileSystemConfigs");
    if (ephemeral_storage_mb > snapshot_storage_mb_max)
        return not_supported(fmt::format("EphemeralStorage greater than {} MB", snapshot_storage_mb_max));
    return std::nullopt;
}

/// `format`: of the function after the request. `Request`: Create_Function or Update_Function_Configuration.
/// Source of the message: https://github.com/aws/aws-cdk/pull/28045 and localstack's lambda_/provider.py
template <class Request>
std::optional<Error> check_log_levels(const Request& request, std::string_view format) {
    if (format != "Text" || (!request.application_log_level && !request.system_log_level)) return std::nullopt;
    return invalid(
        "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the "
        "LogFormat to \"JSON\" and try again.");
}

std::optional<Error> check_package(const Create_Function& request) {
    if (request.package_type == "Image") {
        if (request.runtime || request.handler || !request.layers.empty()) return not_for_images();
        if (request.code.image_uri.empty()) return invalid("Please provide a source for function code.");
        return check_image_source(request.code, "creating");
    }
    // The form of AWS's message for updates (check_source())
    if (!request.code.image_uri.empty())
        return invalid("Please don't provide ImageUri when creating a function with packageType Zip.");
    if (request.image_config) return not_for_zips();
    if (!request.runtime) return invalid("Runtime is mandatory for functions created with deployment packages.");
    if (!request.handler) return invalid("Handler is mandatory for functions created with deployment packages.");
    return check_function_runtime(*request.runtime);
}

void set_pending(Function& function) {
    function.state = "Pending";
    function.state_reason = "The function is being created.";
    function.state_reason_code = "Creating";
    function.last_update_status = "";  // no update yet
}

void set_in_progress(Function& function) {
    function.last_update_status = "InProgress";
    function.last_update_reason = "The function is being created.";
    function.last_update_reason_code = "Creating";
}

std::optional<Error> check_unpacked_size(std::uint64_t code_bytes, const std::vector<Function_Layer>& layers) {
    std::uint64_t total = code_bytes;
    for (const Function_Layer& layer : layers) total += layer.unpacked_bytes;
    if (total <= unpacked_bytes_max) return std::nullopt;
    return invalid(
        fmt::format("Function code combined with layers exceeds the maximum allowed size of {} bytes. The actual size "
                    "is {} bytes.",
                    unpacked_bytes_max, total));
}

/// Only the name of a new function is checked: no function has a longer one.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_function_name_and_qualifier_validation[function_name_too_long]
std::optional<Error> check_name_length(std::string_view name) {
    constexpr std::size_t name_length_max = 64;
    if (name.size() <= name_length_max) return std::nullopt;
    return invalid(
        fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member "
                    "must have length less than or equal to {}",
                    name, name_length_max));
}

Error latest_not_deletable() { return invalid("$LATEST version cannot be deleted without deleting the function."); }

/// The error of DeleteFunction for an unknown function. $LATEST is rejected before the function is looked up.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_delete_on_nonexisting_version; LocalStack's
/// lambda_/provider.py
Error not_found_for_delete(const Account& account, std::string_view name, std::string_view qualifier) {
    return qualifier == "$LATEST" ? latest_not_deletable() : not_found(account, name);
}

/// Returns the account in the ARN of a role, whose form the model has checked.
std::string_view account_of_role(std::string_view arn) {
    for (int field = 0; field < 4; ++field) arn.remove_prefix(std::min(arn.find(':') + 1, arn.size()));
    return arn.substr(0, arn.find(':'));
}

/// Checks that a new function belongs to the caller, as its name may be an ARN. AWS sends the error without a message.
/// Source: LocalStack, tests/aws/services/lambda_/test_lambda_api.py, test_function_arns
std::optional<Error> check_owner(const Account& caller, const wire::Function_Name& name) {
    if (!name.region.empty() && name.region != caller.region) return other_region(name.region, caller);
    if (!name.account_id.empty() && name.account_id != caller.id) return Error{"AccessDeniedException", "", 403};
    return std::nullopt;
}

/// Sets the members that the request has.
void apply(const Update_Function_Configuration& request, Function& function) {
    const auto set = [](auto& field, const auto& value) {
        if (value) field = *value;
    };
    if (request.runtime && *request.runtime != function.runtime) function.runtime_version_arn = "";
    set(function.runtime, request.runtime);
    set(function.handler, request.handler);
    set(function.role, request.role);
    set(function.description, request.description);
    set(function.memory_mb, request.memory_mb);
    set(function.timeout_s, request.timeout_s);
    set(function.ephemeral_storage_mb, request.ephemeral_storage_mb);
    set(function.environment, request.environment);
    function.has_environment = function.has_environment || request.environment.has_value();
    set(function.tracing_mode, request.tracing_mode);
    set(function.log_format, request.log_format);
    set(function.application_log_level, request.application_log_level);
    set(function.system_log_level, request.system_log_level);
    set(function.log_group, request.log_group);
    set(function.image_config, request.image_config);
    function.settings.update(request.settings);
}

}  // namespace

Result<Function_Ptr> Deployment::publish_version(const Account& account, std::string_view name,
                                                 std::string_view code_sha256, std::string_view description,
                                                 std::string_view revision_id) {
    OSBOT_TRY(auto version, parts_.versions.publish(account, name, code_sha256, description, revision_id));
    take_snapshots(**parts_.registry.record(account, name));
    return version;
}

void Deployment::load() {
    std::set<std::string> runtimes;
    parts_.registry.for_each([&](Function_Record& record) {
        if (record.latest->state == "Pending" || record.latest->last_update_status == "InProgress")
            return prepare(record);
        take_snapshots(record);
        if (!record.latest->is_image()) runtimes.insert(record.latest->runtime);
    });
    // The cache may have been deleted since these functions were created.
    // When the loop runs: a start that fails destroys the services without waiting for the workers.
    parts_.context.loop.post([this, alive = std::weak_ptr<int>(alive_), runtimes] {
        if (alive.expired()) return;
        for (const std::string& runtime : runtimes) parts_.invocations.prepare(runtime, [] {});
    });
}

Result<std::vector<Function_Layer>> Deployment::resolve_layers(const Account& account,
                                                               const std::vector<std::string>& arns,
                                                               std::uint64_t code_unpacked_bytes) const {
    OSBOT_TRY(const auto resolved, parts_.layers.resolve(account, arns));
    std::vector<Function_Layer> used;
    for (const Layer_Version_Ptr& layer : resolved)
        used.push_back({layer->arn, layer->zip.blob, layer->zip.unpacked_bytes});
    if (auto error = check_unpacked_size(code_unpacked_bytes, used)) return *error;
    return used;
}

// The first message is AWS's: https://github.com/getmoto/moto, moto/awslambda/exceptions.py
std::optional<Error> Deployment::check_role(const Account& account, const std::string& arn) const {
    if (account_of_role(arn) != account.id)
        return Error{"AccessDeniedException", "Cross-account pass role is not allowed.", 403};
    if (dependencies_.role_exists(account, arn)) return std::nullopt;
    return invalid("The role defined for the function cannot be assumed by Lambda.");
}

Result<void> Deployment::set_code(Function& function, const Code_Source& source) const {
    if (function.is_image()) {
        set_image(function, source.image_uri, dependencies_.image(source.image_uri));
        return {};
    }
    OSBOT_TRY(const auto zip, resolve_zip(source));
    set_zip(function, zip, source.kms_key_arn);
    return {};
}

Result<std::shared_ptr<Function>> Deployment::new_function(const Account& account, const std::string& name,
                                                           const Create_Function& request) const {
    auto created = std::make_shared<Function>();
    created->package_type = request.package_type;
    OSBOT_TRY(set_code(*created, request.code));
    OSBOT_TRY(auto layers, resolve_layers(account, request.layers, created->code_unpacked_bytes));
    created->layers = std::move(layers);
    created->account = account;
    created->name = name;
    created->arn = arn_of(account, name);
    created->runtime = request.runtime.value_or("");
    created->handler = request.handler.value_or("");
    created->role = request.role;
    created->description = request.description;
    created->image_config = request.image_config.value_or(Image_Overrides{});
    created->memory_mb = request.memory_mb;
    created->timeout_s = request.timeout_s;
    created->ephemeral_storage_mb = request.ephemeral_storage_mb;
    created->architecture = request.architectures ? request.architectures->front() : "x86_64";
    created->environment = request.environment.value_or(Variables{});
    created->has_environment = request.environment.has_value();
    created->tracing_mode = request.tracing_mode;
    created->log_format = request.log_format;
    created->application_log_level = request.application_log_level.value_or(created->application_log_level);
    created->system_log_level = request.system_log_level.value_or(created->system_log_level);
    created->log_group = request.log_group.empty() ? fmt::format("/aws/lambda/{}", name) : request.log_group;
    created->tags = request.tags;
    created->settings = request.settings;
    created->revision_id = base::uuid4();
    created->update_id = base::uuid4();
    created->modified_at = parts_.context.now();
    set_pending(*created);
    return created;
}

Result<Function_Ptr> Deployment::create(const Account& account, const Create_Function& request) {
    OSBOT_TRY(const auto name, wire::parse_function_name(request.name));
    if (auto error = check_owner(account, name)) return *error;
    if (auto error = check_name_length(name.name)) return *error;
    if (auto error = check_environment(request.environment.value_or(Variables{}))) return *error;
    if (auto error = check_package(request)) return *error;
    if (auto error = check_log_levels(request, request.log_format)) return *error;
    if (auto error = check_snap_start(request.settings, request.runtime.value_or(""), request.ephemeral_storage_mb))
        return *error;
    if (parts_.registry.find_name(account, name.name))
        return conflict(fmt::format("Function already exist: {}", name.name));
    if (auto error = check_role(account, request.role)) return *error;
    OSBOT_TRY(auto created, new_function(account, std::string(name.name), request));

    Function_Record& record = parts_.registry.add(std::move(created));
    record.code_signing_arn = request.code_signing_arn;
    Function_Ptr result = request.publish ? publish(record, request.description) : record.latest;
    prepare(record);
    parts_.registry.save(record);
    return result;
}

void Deployment::prepare(Function_Record& record) {
    record.preparation = ++preparations_;
    const auto finish = [this, alive = std::weak_ptr<int>(alive_), function = record.latest,
                         preparation = record.preparation](const std::optional<Error>& error) {
        if (alive.expired()) return;
        const auto found = parts_.registry.record(function->account, function->name);
        if (!found || (*found)->preparation != preparation) return;  // deleted or changed in the meantime
        finish_preparation(**found, error ? error : missing_image(*function));
    };
    const auto unpacked = [this, alive = std::weak_ptr<int>(alive_), function = record.latest,
                           finish](const Result<std::vector<std::filesystem::path>>& folders) {
        if (alive.expired()) return;
        if (!folders) return finish(folders.error());
        if (function->is_image()) return finish(std::nullopt);
        parts_.invocations.prepare(function->runtime, [finish] { finish(std::nullopt); });
    };
    parts_.code.unpack_all(zips_of(*record.latest), unpacked);
}

void Deployment::finish_versions(Function_Record& record, const std::optional<Error>& error) {
    for (auto& [number, version] : record.versions) {
        // An earlier version does not depend on the update: its snapshot is taken, or will be.
        if (version->state != "Pending" || snapshots_.contains(version->revision_id)) continue;
        const auto reason = have_same_content(*version, *record.latest) ? error : missing_image(*version);
        if (reason || !version->snap_starts()) version = prepared(*version, reason);
    }
}

void Deployment::finish_preparation(Function_Record& record, const std::optional<Error>& error) {
    const bool was_serving = record.serving != nullptr;
    finish_versions(record, error);
    if (was_serving) parts_.code.schedule_removal(zips_of(*record.serving));
    if (error && was_serving) {  // a failed update restores the previous version
        auto restored = prepared(*record.serving, error);
        restored->tags = record.latest->tags;  // tags belong to the function and are not part of the update
        const auto management = record.runtime_management.find("$LATEST");  // nor is its runtime management
        restored->runtime_version_arn =
            management == record.runtime_management.end() ? "" : management->second.version_arn;
        record.latest = std::move(restored);
    } else {
        if (was_serving && record.serving->runtime != record.latest->runtime)
            record.runtime_management.erase("$LATEST");  // it pinned a version of the previous runtime
        record.latest = prepared(*record.latest, error);
    }
    if (record.latest->state == "Active") record.serving = record.latest;
    parts_.registry.save(record);
    take_snapshots(record);
    if (was_serving) parts_.invocations.retire(record.account, record.latest->name, "$LATEST");
    notify_settled(record.account, record.latest->name);
}

void Deployment::when_settled(const Account& account, std::string_view name, std::function<void()> then) {
    const auto found = parts_.registry.record(account, name);
    if (!found || !check_changeable(*(*found)->latest)) return then();
    awaiting_settled_.emplace(std::pair((*found)->account, (*found)->latest->name), std::move(then));
}

void Deployment::notify_settled(const Account& account, const std::string& name) {
    const auto [first, last] = awaiting_settled_.equal_range(std::pair(account, name));
    std::vector<std::function<void()>> callbacks;
    for (auto entry = first; entry != last; ++entry) callbacks.push_back(std::move(entry->second));
    awaiting_settled_.erase(first, last);
    for (const auto& callback : callbacks) callback();
}

Result<Function_Ptr> Deployment::update_code(const Account& account, const Update_Function_Code& request) {
    OSBOT_TRY(auto* record, parts_.registry.unqualified(account, request.name));
    if (auto error = check_source(*record->latest, request.code)) return *error;
    if (auto error = check_revision(request.revision_id, *record->latest)) return *error;
    if (auto error = check_changeable(*record->latest)) return *error;
    auto updated = new_revision(record->latest, parts_.context.now());
    OSBOT_TRY(set_code(*updated, request.code));
    if (auto error = check_unpacked_size(updated->code_unpacked_bytes, updated->layers)) return *error;
    if (request.architectures) updated->architecture = request.architectures->front();
    if (request.dry_run) return Function_Ptr(updated);
    updated->update_id = base::uuid4();
    set_in_progress(*updated);
    record->latest = updated;
    Function_Ptr result = request.publish ? publish(*record, record->latest->description) : record->latest;
    prepare(*record);
    parts_.registry.save(*record);
    return result;
}

std::optional<Error> Deployment::check_change(const Function_Record& record,
                                              const Update_Function_Configuration& request) const {
    if (request.runtime && *request.runtime != record.latest->runtime) {
        if (auto error = check_function_runtime(*request.runtime)) return error;
    }
    if (auto error = check_log_levels(request, request.log_format.value_or(record.latest->log_format))) return error;
    if (request.runtime || request.ephemeral_storage_mb || !request.settings.empty()) {
        Json settings = record.latest->settings;
        settings.update(request.settings);
        if (auto error = check_snap_start(settings, request.runtime.value_or(record.latest->runtime),
                                          request.ephemeral_storage_mb.value_or(record.latest->ephemeral_storage_mb)))
            return error;
    }
    if (auto error = check_revision(request.revision_id, *record.latest)) return error;
    if (auto error = check_changeable(*record.latest)) return error;
    return request.role ? check_role(record.account, *request.role) : std::nullopt;
}

Result<Function_Ptr> Deployment::update_configuration(const Account& account,
                                                      const Update_Function_Configuration& request) {
    OSBOT_TRY(auto* record, parts_.registry.unqualified(account, request.name));
    const Function& latest = *record->latest;
    if (request.environment) {
        if (auto error = check_environment(*request.environment)) return *error;
    }
    if (latest.is_image() && (request.runtime || request.handler || request.layers)) return not_for_images();
    if (!latest.is_image() && request.image_config) return not_for_zips();
    OSBOT_TRY(auto layers, request.layers ? resolve_layers(record->account, *request.layers, latest.code_unpacked_bytes)
                                          : Result<std::vector<Function_Layer>>(latest.layers));
    if (auto error = check_change(*record, request)) return *error;

    auto updated = new_revision(record->latest, parts_.context.now());
    apply(request, *updated);
    updated->layers = std::move(layers);
    updated->update_id = base::uuid4();
    set_in_progress(*updated);
    record->latest = updated;
    prepare(*record);
    parts_.registry.save(*record);
    return record->latest;
}

Result<void> Deployment::remove(const Account& account, std::string_view name, std::string_view qualifier) {
    if (base::consists_of(qualifier, base::is_name_character) && !parse_version_number(qualifier))
        return alias_not_deletable();
    OSBOT_TRY(auto* found, parts_.registry.record(account, name, &qualifier, &not_found_for_delete));
    if (qualifier == "$LATEST") return latest_not_deletable();
    Function_Record& record = *found;
    if (!qualifier.empty()) return parts_.versions.remove(record, qualifier);
    const Account owner = record.account;
    const std::string bare = record.latest->name;
    parts_.urls.remove_all(record);
    for (const auto& [number, version] : record.versions) parts_.code.schedule_removal(zips_of(*version));
    if (record.serving) parts_.code.schedule_removal(zips_of(*record.serving));
    parts_.code.schedule_removal(zips_of(*record.latest));
    parts_.registry.erase(record);
    parts_.invocations.retire(owner, bare);
    notify_settled(owner, bare);
    return {};
}

}  // namespace osbot_aws::services
