// A function's code and configuration: made, changed, and made ready to run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "engine/lambda/function_rules.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/validation.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::engine {
namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and gettingstarted-limits.html
constexpr int memory_mb_min = 128, memory_mb_max = 10'240;
constexpr int timeout_s_min = 1, timeout_s_max = 900;
constexpr int ephemeral_storage_mb_min = 512, ephemeral_storage_mb_max = 10'240;
constexpr std::size_t description_length_max = 256, handler_length_max = 128;

void check_architectures(Validation& checked, const std::optional<std::vector<std::string>>& architectures) {
    if (!architectures) return;
    const std::string shown = fmt::format("[{}]", fmt::join(*architectures, ", "));
    if (architectures->empty())
        checked.fault("architectures", shown, "Member must have length greater than or equal to 1");
    if (architectures->size() > 1)
        checked.fault("architectures", shown, "Member must have length less than or equal to 1");
    for (const std::string& one : *architectures) {
        if (one == "x86_64" || one == "arm64") continue;
        checked.fault("architectures", shown,
                      "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member "
                      "must not be null]");
    }
}

void set_code(Function& function, const Zip_Blob& zip) {
    function.zip = zip.blob;
    function.code_sha256_base64 = base::base64_encode({zip.blob->name().data(), zip.blob->name().size()});
    function.code_size = zip.blob->size();
    function.code_unpacked_bytes = zip.unpacked_bytes;
}

/// What is missing fails the function later (missing_image()), as AWS pulls it later.
void set_image(Function& function, const std::string& uri, const Image_Ptr& image) {
    function.image_uri = uri;
    function.code_sha256_base64 = image ? image->digest : "";
}

/// The service's words: https://github.com/pulumi/pulumi-aws/issues/5439 and
/// https://github.com/hashicorp/terraform/issues/27963
std::optional<Error> check_image_uri(const std::string& uri) {
    if (parse_image_uri(uri)) return std::nullopt;
    return invalid(fmt::format("Source image {} is not valid. Provide a valid source image.", uri));
}

/// The service's words, as https://github.com/appleboy/lambda-action/issues/28 and localstack's provider have them.
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

std::optional<Error> check_package(const Create_Function& wanted) {
    if (wanted.package_type == "Image") {
        if (wanted.runtime || wanted.handler || !wanted.layers.empty()) return not_for_images();
        if (wanted.code.image_uri.empty()) return invalid("Please provide a source for function code.");
        return check_image_uri(wanted.code.image_uri);
    }
    if (!wanted.runtime) return invalid("Runtime is mandatory for functions created with deployment packages.");
    if (!wanted.handler) return invalid("Handler is mandatory for functions created with deployment packages.");
    return check_runtime(*wanted.runtime);
}

// https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html
constexpr std::size_t image_words_max = 1'500, working_directory_length_max = 1'000;

void check_image_config(Validation& checked, const std::optional<Image_Overrides>& config) {
    if (!config) return;
    const auto few = [&](std::string_view what, const std::vector<std::string>& words) {
        if (words.size() > image_words_max)
            checked.fault(what, fmt::format("[{}]", fmt::join(words, ", ")),
                          fmt::format("Member must have length less than or equal to {}", image_words_max));
    };
    few("imageConfig.entryPoint", config->entry_point);
    few("imageConfig.command", config->command);
    checked.length("imageConfig.workingDirectory", config->working_directory, 0, working_directory_length_max);
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

/// Of StateReasonCode's values: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
std::string reason_code(const Error& error) {
    if (error.code == image_access_denied) return error.code;
    return error.http_status < 500 ? "InvalidZipFileException" : "InternalError";
}

Error role_refused() { return invalid("The role defined for the function cannot be assumed by Lambda."); }

void check_logging(Validation& checked, const std::optional<std::string>& format,
                   const std::optional<std::string>& application, const std::optional<std::string>& system) {
    if (format) checked.one_of("loggingConfig.logFormat", *format, {"JSON", "Text"});
    if (application)
        checked.one_of("loggingConfig.applicationLogLevel", *application,
                       {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"});
    if (system) checked.one_of("loggingConfig.systemLogLevel", *system, {"DEBUG", "INFO", "WARN"});
}

}  // namespace

Result<std::vector<Function_Layer>> Functions::use_layers(const Account& account, const std::vector<std::string>& arns,
                                                          std::uint64_t code_unpacked_bytes) const {
    const auto resolved = layers_.resolve(account, arns);
    if (!resolved) return resolved.error();
    std::vector<Function_Layer> used;
    for (const Layer_Version_Ptr& layer : *resolved)
        used.push_back({layer->arn, layer->zip.blob, layer->zip.unpacked_bytes});
    if (auto error = check_unpacked_size(code_unpacked_bytes, used)) return *error;
    return used;
}

Result<Function_Ptr> Functions::create(const Account& caller, const Create_Function& wanted) {
    Validation checked;
    checked.required("functionName", !wanted.name.empty());
    checked.required("role", wanted.role.has_value());
    if (wanted.role) checked.pattern("role", *wanted.role, is_role_arn(*wanted.role), role_arn_pattern);
    checked.one_of("packageType", wanted.package_type, {"Zip", "Image"});
    checked.range("memorySize", wanted.memory_mb, memory_mb_min, memory_mb_max);
    checked.range("timeout", wanted.timeout_s, timeout_s_min, timeout_s_max);
    checked.range("ephemeralStorage.size", wanted.ephemeral_storage_mb, ephemeral_storage_mb_min,
                  ephemeral_storage_mb_max);
    checked.length("description", wanted.description, 0, description_length_max);
    if (wanted.handler) checked.length("handler", *wanted.handler, 0, handler_length_max);
    checked.one_of("tracingConfig.mode", wanted.tracing_mode, {"Active", "PassThrough"});
    check_logging(checked, wanted.log_format, wanted.application_log_level, wanted.system_log_level);
    check_architectures(checked, wanted.architectures);
    check_image_config(checked, wanted.image_config);
    if (auto error = checked.error()) return *error;

    const auto name = wire::parse_function_name(wanted.name);
    if (!name) return name.error();
    if (auto error = check_environment(wanted.environment)) return *error;
    if (auto error = check_package(wanted)) return *error;

    const Account account = account_of(caller, *name);
    if (find_record(account, name->name)) return conflict(fmt::format("Function already exist: {}", name->name));
    if (!needs_.role_exists(account, *wanted.role)) return role_refused();
    auto created = std::make_shared<Function>();
    created->package_type = wanted.package_type;
    if (created->is_image()) {
        set_image(*created, wanted.code.image_uri, needs_.image(wanted.code.image_uri));
        created->image_config = wanted.image_config.value_or(Image_Overrides{});
    } else {
        const auto code = resolve_zip(wanted.code);
        if (!code) return code.error();
        auto layers = use_layers(account, wanted.layers, code->unpacked_bytes);
        if (!layers) return layers.error();
        set_code(*created, *code);
        created->layers = std::move(*layers);
    }
    created->account = account;
    created->name = name->name;
    created->arn = arn_of(account, name->name);
    created->runtime = wanted.runtime.value_or("");
    created->handler = wanted.handler.value_or("");
    created->role = *wanted.role;
    created->description = wanted.description;
    created->memory_mb = wanted.memory_mb;
    created->timeout_s = wanted.timeout_s;
    created->ephemeral_storage_mb = wanted.ephemeral_storage_mb;
    created->architecture = wanted.architectures ? wanted.architectures->front() : "x86_64";
    created->environment = wanted.environment;
    created->tracing_mode = wanted.tracing_mode;
    created->log_format = wanted.log_format;
    created->application_log_level = wanted.application_log_level.value_or(created->application_log_level);
    created->system_log_level = wanted.system_log_level.value_or(created->system_log_level);
    created->log_group = wanted.log_group.empty() ? fmt::format("/aws/lambda/{}", name->name) : wanted.log_group;
    created->tags = wanted.tags;
    created->state = "Pending";
    created->state_reason = "The function is being created.";
    created->state_reason_code = "Creating";
    created->last_update_status = "";  // there has been no update yet
    created->revision_id = base::uuid4();
    created->modified_at = context_.now();

    Record& record = accounts_[account][created->name];
    record.account = account;
    record.latest = created;
    Function_Ptr answer = wanted.publish ? publish(record, wanted.description) : record.latest;
    prepare(record);
    save(record);
    return answer;
}

void Functions::prepare(Record& record) {
    record.preparation = ++preparations_;
    code_.unpack_all(zips_of(*record.latest), [this, alive = std::weak_ptr<int>(alive_), function = record.latest,
                                               account = record.account, preparation = record.preparation](
                                                  const Result<std::vector<std::filesystem::path>>& folders) {
        if (alive.expired()) return;
        prepared(account, function->name, preparation, folders ? missing_image(*function) : folders.error());
    });
}

void Functions::prepared(const Account& account, const std::string& name, std::uint64_t preparation,
                         const std::optional<Error>& error) {
    const auto found = record(account, name);
    if (!found || (*found)->preparation != preparation) return;  // deleted or changed meanwhile
    Record& record = **found;

    const auto finish = [&](const Function_Ptr& function) -> Function_Ptr {
        auto done = std::make_shared<Function>(*function);
        done->revision_id = base::uuid4();
        const std::string reason = error ? error->message : "";
        const std::string code = error ? reason_code(*error) : "";
        if (function->state != "Active") {
            done->state = error ? "Failed" : "Active";
            done->state_reason = reason;
            done->state_reason_code = code;
        }
        done->last_update_status = error ? "Failed" : "Successful";
        done->last_update_reason = reason;
        done->last_update_reason_code = code;
        return done;
    };
    const bool was_serving = record.serving != nullptr;
    if (was_serving) code_.released(zips_of(*record.serving));
    if (error && was_serving) {  // an update that failed leaves what there was
        auto back = std::make_shared<Function>(*finish(record.serving));
        back->tags = record.latest->tags;  // they are the function's, and not part of the update
        record.latest = std::move(back);
    } else {
        record.latest = finish(record.latest);
    }
    if (record.latest->state == "Active") record.serving = record.latest;
    for (auto& [number, version] : record.versions) {
        if (version->state == "Pending") version = finish(version);
    }
    save(record);
    if (was_serving) invocations_.retire(account, name, "$LATEST");
    tell_settled(account, name);
}

void Functions::when_settled(const Account& account, std::string_view name, std::function<void()> then) {
    const auto found = record(account, name);
    if (!found || !check_changeable(*(*found)->latest)) return then();
    awaiting_settled_.emplace(std::pair((*found)->account, (*found)->latest->name), std::move(then));
}

void Functions::tell_settled(const Account& account, const std::string& name) {
    const auto [first, last] = awaiting_settled_.equal_range(std::pair(account, name));
    std::vector<std::function<void()>> told;
    for (auto one = first; one != last; ++one) told.push_back(std::move(one->second));
    awaiting_settled_.erase(first, last);
    for (const auto& tell : told) tell();
}

Result<Function_Ptr> Functions::update_code(const Account& account, const Update_Function_Code& wanted) {
    Validation checked;
    check_architectures(checked, wanted.architectures);
    if (auto error = checked.error()) return *error;
    const auto found = record(account, wanted.name);
    if (!found) return found.error();
    Record& record = **found;
    if (auto error = check_source(*record.latest, wanted.code)) return *error;
    if (auto error = check_revision(wanted.revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    auto updated = changed(record.latest, context_.now());
    if (updated->is_image()) {
        set_image(*updated, wanted.code.image_uri, needs_.image(wanted.code.image_uri));
    } else {
        const auto code = resolve_zip(wanted.code);
        if (!code) return code.error();
        if (auto error = check_unpacked_size(code->unpacked_bytes, updated->layers)) return *error;
        set_code(*updated, *code);
    }
    if (wanted.architectures) updated->architecture = wanted.architectures->front();
    if (wanted.dry_run) return Function_Ptr(updated);
    set_in_progress(*updated);
    record.latest = updated;
    Function_Ptr answer = wanted.publish ? publish(record, record.latest->description) : record.latest;
    prepare(record);
    save(record);
    return answer;
}

Result<Function_Ptr> Functions::update_configuration(const Account& account,
                                                     const Update_Function_Configuration& wanted) {
    Validation checked;
    if (wanted.role) checked.pattern("role", *wanted.role, is_role_arn(*wanted.role), role_arn_pattern);
    if (wanted.memory_mb) checked.range("memorySize", *wanted.memory_mb, memory_mb_min, memory_mb_max);
    if (wanted.timeout_s) checked.range("timeout", *wanted.timeout_s, timeout_s_min, timeout_s_max);
    if (wanted.ephemeral_storage_mb) {
        checked.range("ephemeralStorage.size", *wanted.ephemeral_storage_mb, ephemeral_storage_mb_min,
                      ephemeral_storage_mb_max);
    }
    if (wanted.description) checked.length("description", *wanted.description, 0, description_length_max);
    if (wanted.handler) checked.length("handler", *wanted.handler, 0, handler_length_max);
    if (wanted.tracing_mode) checked.one_of("tracingConfig.mode", *wanted.tracing_mode, {"Active", "PassThrough"});
    check_logging(checked, wanted.log_format, wanted.application_log_level, wanted.system_log_level);
    check_image_config(checked, wanted.image_config);
    if (auto error = checked.error()) return *error;

    const auto found = record(account, wanted.name);
    if (!found) return found.error();
    Record& record = **found;
    if (wanted.environment) {
        if (auto error = check_environment(*wanted.environment)) return *error;
    }
    if (record.latest->is_image() && (wanted.runtime || wanted.handler || wanted.layers)) return not_for_images();
    std::optional<std::vector<Function_Layer>> layers;
    if (wanted.layers) {
        auto used = use_layers(record.account, *wanted.layers, record.latest->code_unpacked_bytes);
        if (!used) return used.error();
        layers = std::move(*used);
    }
    if (wanted.runtime) {
        if (auto error = check_runtime(*wanted.runtime)) return *error;
    }
    if (auto error = check_revision(wanted.revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    if (wanted.role && !needs_.role_exists(record.account, *wanted.role)) return role_refused();

    auto updated = changed(record.latest, context_.now());
    const auto set = [](auto& field, const auto& value) {
        if (value) field = *value;
    };
    set(updated->runtime, wanted.runtime);
    set(updated->handler, wanted.handler);
    set(updated->role, wanted.role);
    set(updated->description, wanted.description);
    set(updated->memory_mb, wanted.memory_mb);
    set(updated->timeout_s, wanted.timeout_s);
    set(updated->ephemeral_storage_mb, wanted.ephemeral_storage_mb);
    set(updated->environment, wanted.environment);
    set(updated->layers, layers);
    set(updated->tracing_mode, wanted.tracing_mode);
    set(updated->log_format, wanted.log_format);
    set(updated->application_log_level, wanted.application_log_level);
    set(updated->system_log_level, wanted.system_log_level);
    set(updated->log_group, wanted.log_group);
    set(updated->image_config, wanted.image_config);
    set_in_progress(*updated);
    record.latest = updated;
    prepare(record);
    save(record);
    return record.latest;
}

}  // namespace osbot_aws::engine
