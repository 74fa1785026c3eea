// Creates functions, updates their code and configuration, and prepares them to run.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/validation.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

void set_code(Function& function, const Zip_Blob& zip, const std::string& kms_key_arn) {
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

/// Sources of the error messages: https://github.com/appleboy/lambda-action/issues/28 and localstack's provider.
std::optional<Error> check_source(const Function& function, const Code_Source& code) {
    if (!function.is_image() && !code.image_uri.empty())
        return invalid("Please don't provide ImageUri when updating a function with packageType Zip.");
    if (!function.is_image()) return std::nullopt;
    if (code.image_uri.empty())
        return invalid("Please provide ImageUri when updating a function with packageType Image.");
    return check_image_uri(code.image_uri);
}

Error not_for_images() {
    return invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.");
}

/// In the form of AWS's message for images.
Error not_for_zips() {
    return invalid("Please don't provide ImageConfig when the intended function PackageType is Zip.");
}

std::optional<Error> check_package(const Create_Function& request) {
    if (request.package_type == "Image") {
        if (request.runtime || request.handler || !request.layers.empty()) return not_for_images();
        if (request.code.image_uri.empty()) return invalid("Please provide a source for function code.");
        return check_image_uri(request.code.image_uri);
    }
    // The form of AWS's message for updates (check_source())
    if (!request.code.image_uri.empty())
        return invalid("Please don't provide ImageUri when creating a function with packageType Zip.");
    if (request.image_config) return not_for_zips();
    if (!request.runtime) return invalid("Runtime is mandatory for functions created with deployment packages.");
    if (!request.handler) return invalid("Handler is mandatory for functions created with deployment packages.");
    return check_function_runtime(*request.runtime);
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

/// Returns a StateReasonCode: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
std::string reason_code(const Error& error) {
    if (error.code == image_access_denied) return error.code;
    return error.http_status < 500 ? "InvalidZipFileException" : "InternalError";
}

Error role_not_assumable() { return invalid("The role defined for the function cannot be assumed by Lambda."); }

}  // namespace

Result<std::vector<Function_Layer>> Functions::resolve_layers(const Account& account,
                                                              const std::vector<std::string>& arns,
                                                              std::uint64_t code_unpacked_bytes) const {
    const auto resolved = layers_.resolve(account, arns);
    if (!resolved) return resolved.error();
    std::vector<Function_Layer> used;
    for (const Layer_Version_Ptr& layer : *resolved)
        used.push_back({layer->arn, layer->zip.blob, layer->zip.unpacked_bytes});
    if (auto error = check_unpacked_size(code_unpacked_bytes, used)) return *error;
    return used;
}

Result<Function_Ptr> Functions::create(const Account& caller, const Create_Function& request) {
    const auto name = wire::parse_function_name(request.name);
    if (!name) return name.error();
    if (auto error = check_environment(request.environment)) return *error;
    if (auto error = check_package(request)) return *error;

    const Account account = account_of(caller, *name);
    if (find_record(account, name->name)) return conflict(fmt::format("Function already exist: {}", name->name));
    if (!dependencies_.role_exists(account, request.role)) return role_not_assumable();
    auto created = std::make_shared<Function>();
    created->package_type = request.package_type;
    if (created->is_image()) {
        set_image(*created, request.code.image_uri, dependencies_.image(request.code.image_uri));
        created->image_config = request.image_config.value_or(Image_Overrides{});
    } else {
        const auto code = resolve_zip(request.code);
        if (!code) return code.error();
        auto layers = resolve_layers(account, request.layers, code->unpacked_bytes);
        if (!layers) return layers.error();
        set_code(*created, *code, request.code.kms_key_arn);
        created->layers = std::move(*layers);
    }
    created->account = account;
    created->name = name->name;
    created->arn = arn_of(account, name->name);
    created->runtime = request.runtime.value_or("");
    created->handler = request.handler.value_or("");
    created->role = request.role;
    created->description = request.description;
    created->memory_mb = request.memory_mb;
    created->timeout_s = request.timeout_s;
    created->ephemeral_storage_mb = request.ephemeral_storage_mb;
    created->architecture = request.architectures ? request.architectures->front() : "x86_64";
    created->environment = request.environment;
    created->tracing_mode = request.tracing_mode;
    created->log_format = request.log_format;
    created->application_log_level = request.application_log_level.value_or(created->application_log_level);
    created->system_log_level = request.system_log_level.value_or(created->system_log_level);
    created->log_group = request.log_group.empty() ? fmt::format("/aws/lambda/{}", name->name) : request.log_group;
    created->tags = request.tags;
    created->settings = request.settings;
    created->state = "Pending";
    created->state_reason = "The function is being created.";
    created->state_reason_code = "Creating";
    created->last_update_status = "";  // no update yet
    created->revision_id = base::uuid4();
    created->modified_at = context_.now();

    Record& record = accounts_[account][created->name];
    record.account = account;
    record.latest = created;
    Function_Ptr result = request.publish ? publish(record, request.description) : record.latest;
    prepare(record);
    save(record);
    return result;
}

void Functions::prepare(Record& record) {
    record.preparation = ++preparations_;
    code_.unpack_all(zips_of(*record.latest), [this, alive = std::weak_ptr<int>(alive_), function = record.latest,
                                               account = record.account, preparation = record.preparation](
                                                  const Result<std::vector<std::filesystem::path>>& folders) {
        if (alive.expired()) return;
        finish_preparation(account, function->name, preparation, folders ? missing_image(*function) : folders.error());
    });
}

void Functions::finish_preparation(const Account& account, const std::string& name, std::uint64_t preparation,
                                   const std::optional<Error>& error) {
    const auto found = record(account, name);
    if (!found || (*found)->preparation != preparation) return;  // deleted or changed in the meantime
    Record& record = **found;

    const auto finish = [&](const Function_Ptr& function) -> Function_Ptr {
        auto finished = std::make_shared<Function>(*function);
        finished->revision_id = base::uuid4();
        const std::string reason = error ? error->message : "";
        const std::string code = error ? reason_code(*error) : "";
        if (function->state != "Active") {
            finished->state = error ? "Failed" : "Active";
            finished->state_reason = reason;
            finished->state_reason_code = code;
        }
        finished->last_update_status = error ? "Failed" : "Successful";
        finished->last_update_reason = reason;
        finished->last_update_reason_code = code;
        return finished;
    };
    const bool was_serving = record.serving != nullptr;
    if (was_serving) code_.schedule_removal(zips_of(*record.serving));
    if (error && was_serving) {  // a failed update restores the previous version
        auto restored = std::make_shared<Function>(*finish(record.serving));
        restored->tags = record.latest->tags;  // tags belong to the function and are not part of the update
        record.latest = std::move(restored);
    } else {
        record.latest = finish(record.latest);
    }
    if (record.latest->state == "Active") record.serving = record.latest;
    for (auto& [number, version] : record.versions) {
        if (version->state == "Pending") version = finish(version);
    }
    save(record);
    if (was_serving) invocations_.retire(account, name, "$LATEST");
    notify_settled(account, name);
}

void Functions::when_settled(const Account& account, std::string_view name, std::function<void()> then) {
    const auto found = record(account, name);
    if (!found || !check_changeable(*(*found)->latest)) return then();
    awaiting_settled_.emplace(std::pair((*found)->account, (*found)->latest->name), std::move(then));
}

void Functions::notify_settled(const Account& account, const std::string& name) {
    const auto [first, last] = awaiting_settled_.equal_range(std::pair(account, name));
    std::vector<std::function<void()>> callbacks;
    for (auto entry = first; entry != last; ++entry) callbacks.push_back(std::move(entry->second));
    awaiting_settled_.erase(first, last);
    for (const auto& callback : callbacks) callback();
}

Result<Function_Ptr> Functions::update_code(const Account& account, const Update_Function_Code& request) {
    const auto found = record(account, request.name);
    if (!found) return found.error();
    Record& record = **found;
    if (auto error = check_source(*record.latest, request.code)) return *error;
    if (auto error = check_revision(request.revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    auto updated = new_revision(record.latest, context_.now());
    if (updated->is_image()) {
        set_image(*updated, request.code.image_uri, dependencies_.image(request.code.image_uri));
    } else {
        const auto code = resolve_zip(request.code);
        if (!code) return code.error();
        if (auto error = check_unpacked_size(code->unpacked_bytes, updated->layers)) return *error;
        set_code(*updated, *code, request.code.kms_key_arn);
    }
    if (request.architectures) updated->architecture = request.architectures->front();
    if (request.dry_run) return Function_Ptr(updated);
    set_in_progress(*updated);
    record.latest = updated;
    Function_Ptr result = request.publish ? publish(record, record.latest->description) : record.latest;
    prepare(record);
    save(record);
    return result;
}

Result<Function_Ptr> Functions::update_configuration(const Account& account,
                                                     const Update_Function_Configuration& request) {
    const auto found = record(account, request.name);
    if (!found) return found.error();
    Record& record = **found;
    if (request.environment) {
        if (auto error = check_environment(*request.environment)) return *error;
    }
    if (record.latest->is_image() && (request.runtime || request.handler || request.layers)) return not_for_images();
    if (!record.latest->is_image() && request.image_config) return not_for_zips();
    std::optional<std::vector<Function_Layer>> layers;
    if (request.layers) {
        auto used = resolve_layers(record.account, *request.layers, record.latest->code_unpacked_bytes);
        if (!used) return used.error();
        layers = std::move(*used);
    }
    if (request.runtime && *request.runtime != record.latest->runtime) {
        if (auto error = check_function_runtime(*request.runtime)) return *error;
    }
    if (auto error = check_revision(request.revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    if (request.role && !dependencies_.role_exists(record.account, *request.role)) return role_not_assumable();

    auto updated = new_revision(record.latest, context_.now());
    const auto set = [](auto& field, const auto& value) {
        if (value) field = *value;
    };
    set(updated->runtime, request.runtime);
    set(updated->handler, request.handler);
    set(updated->role, request.role);
    set(updated->description, request.description);
    set(updated->memory_mb, request.memory_mb);
    set(updated->timeout_s, request.timeout_s);
    set(updated->ephemeral_storage_mb, request.ephemeral_storage_mb);
    set(updated->environment, request.environment);
    set(updated->layers, layers);
    set(updated->tracing_mode, request.tracing_mode);
    set(updated->log_format, request.log_format);
    set(updated->application_log_level, request.application_log_level);
    set(updated->system_log_level, request.system_log_level);
    set(updated->log_group, request.log_group);
    set(updated->image_config, request.image_config);
    updated->settings.update(request.settings);
    set_in_progress(*updated);
    record.latest = updated;
    prepare(record);
    save(record);
    return record.latest;
}

}  // namespace osbot_aws::services
