#include "engine/lambda/functions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "engine/lambda/function_record.hpp"
#include "engine/lambda/validation.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view record_kind = "lambda.function";

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html and gettingstarted-limits.html
constexpr int memory_mb_min = 128, memory_mb_max = 10'240;
constexpr int timeout_s_min = 1, timeout_s_max = 900;
constexpr int ephemeral_storage_mb_min = 512, ephemeral_storage_mb_max = 10'240;
constexpr std::size_t description_length_max = 256, handler_length_max = 128;
constexpr std::int64_t page_items_max = 50;
constexpr int account_concurrency = 1000, unreserved_concurrency_min = 100;

std::string record_key(const Account& account, std::string_view name) {
    return fmt::format("{}/{}/{}", account.id, account.region, name);
}

std::string arn_of(const Account& account, std::string_view name) {
    return fmt::format("arn:aws:lambda:{}:{}:function:{}", account.region, account.id, name);
}

Error not_found(const Account& account, std::string_view name, std::string_view qualifier = {}) {
    return {"ResourceNotFoundException",
            fmt::format("Function not found: {}{}{}", arn_of(account, name), qualifier.empty() ? "" : ":", qualifier),
            404};
}

Error conflict(std::string message) { return {"ResourceConflictException", std::move(message), 409}; }
Error invalid(std::string message) { return {"InvalidParameterValueException", std::move(message)}; }

std::optional<Error> check_revision(std::string_view wanted, const Function& function) {
    if (wanted.empty() || wanted == function.revision_id) return std::nullopt;
    return Error{"PreconditionFailedException",
                 "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
                 "retrieve the "
                 "latest Revision Id",
                 412};
}

std::optional<Error> check_changeable(const Function& function) {
    if (function.state == "Pending") {
        return conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: "
            "Pending");
    }
    if (function.last_update_status == "InProgress") {
        return conflict("The operation cannot be performed at this time. An update is in progress for resource: " +
                        function.arn);
    }
    return std::nullopt;
}

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

Error role_refused() { return invalid("The role defined for the function cannot be assumed by Lambda."); }

std::shared_ptr<Function> changed(const Function_Ptr& function, base::Time now) {
    auto copy = std::make_shared<Function>(*function);
    copy->revision_id = base::uuid4();
    copy->modified_at = now;
    return copy;
}

void set_code(Function& function, const Zip_Blob& zip) {
    function.code_sha256_hex = zip.blob.sha256;
    function.code_sha256_base64 = base::base64_encode(base::hex_decode(zip.blob.sha256).value_or(""));
    function.code_size = zip.blob.size;
    function.code_unpacked_bytes = zip.unpacked_bytes;
}

void set_in_progress(Function& function) {
    function.last_update_status = "InProgress";
    function.last_update_reason = "The function is being created.";
    function.last_update_reason_code = "Creating";
}

// What makes two versions the same: code and configuration, not when and in which state.
Json content_of(const Function& function) {
    Json json = function_json(function);
    for (const char* field :
         {"version", "state", "state_reason", "state_reason_code", "last_update_status", "last_update_reason",
          "last_update_reason_code", "revision_id", "modified_ms", "reserved_concurrency", "tags", "description"}) {
        json.erase(field);
    }
    return json;
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Result<std::size_t> page_size(std::optional<std::int64_t> items_max) {
    Validation checked;
    if (items_max) checked.range("maxItems", *items_max, 1, 10'000);
    if (auto error = checked.error()) return *error;
    return static_cast<std::size_t>(std::min(items_max.value_or(page_items_max), page_items_max));
}

}  // namespace

std::string qualified_arn(const Function& function, std::string_view qualifier) {
    return qualifier.empty() ? function.arn : fmt::format("{}:{}", function.arn, qualifier);
}

Functions::Functions(Context& context, Code_Folders& code, Invocations& invocations, Functions_Needs needs)
    : context_(context),
      code_(code),
      invocations_(invocations),
      needs_(std::move(needs)),
      layers_(context, needs_.object) {}
Functions::~Functions() = default;

// ---- state ----------------------------------------------------------------------------------------------------------

void Functions::load() {
    layers_.load();
    for (const store::Record& kept : context_.store.load(record_kind)) {
        try {
            Record parsed = parse_record(kept.value);
            auto& record = accounts_[parsed.account][parsed.latest->name];
            record = std::move(parsed);
            for (auto& [qualifier, url] : record.urls) {
                url.url = url_text(record.account, url.id);
                url_places_[url.id] = {record.account, record.latest->name, qualifier};
            }
            if (record.latest->state == "Pending" || record.latest->last_update_status == "InProgress") prepare(record);
        } catch (const Json::exception& broken) {
            base::log_error("function {} in the state folder can't be read and is left alone: {}", kept.key,
                            broken.what());
        }
    }
}

void Functions::reload() {
    clear();
    load();
}

void Functions::clear() {
    layers_.clear();
    accounts_.clear();
    url_places_.clear();
    ++preparations_;
}

std::set<std::string> Functions::blobs() const {
    std::set<std::string> named = layers_.blobs();
    const auto add = [&](const Function_Ptr& function) {
        if (!function) return;
        named.insert(function->code_sha256_hex);
        for (const Function_Layer& layer : function->layers) named.insert(layer.sha256);
    };
    for (const auto& [account, names] : accounts_) {
        for (const auto& [name, record] : names) {
            add(record.latest);
            add(record.serving);
            for (const auto& [number, version] : record.versions) add(version);
        }
    }
    return named;
}

void Functions::save(const Record& record) {
    context_.store.put(record_kind, record_key(record.account, record.latest->name), record_text(record));
}

// ---- names ----------------------------------------------------------------------------------------------------------

Account Functions::account_of(const Account& account, const wire::Function_Name& name) const {
    return {name.account_id.empty() ? account.id : std::string(name.account_id), account.region};
}

const Functions::Record* Functions::find_record(const Account& account, std::string_view name) const {
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return nullptr;
    const auto found = names->second.find(name);
    return found == names->second.end() ? nullptr : &found->second;
}

// `qualifier` in: the parameter; out: that or the one in the name.
Result<const Functions::Record*> Functions::qualified(const Account& account, std::string_view text,
                                                      std::string_view& qualifier) const {
    const auto name = wire::parse_function_name(text);
    if (!name) return name.error();
    if (!name->qualifier.empty()) {
        if (!qualifier.empty() && qualifier != name->qualifier) {
            return invalid("The derived qualifier from the function name does not match the specified qualifier.");
        }
        qualifier = name->qualifier;
    }
    if (!name->region.empty() && name->region != account.region) {
        return Error{
            "ResourceNotFoundException",
            fmt::format("Functions from '{}' are not reachable in this region ('{}')", name->region, account.region),
            404};
    }
    const Record* found = name->account_id.empty() || name->account_id == account.id
                              ? find_record(account, name->name)
                              : find_record(account_of(account, *name), name->name);
    if (!found) return not_found(account_of(account, *name), name->name, qualifier);
    return found;
}

Result<const Functions::Record*> Functions::record(const Account& account, std::string_view name) const {
    std::string_view ignored;
    return qualified(account, name, ignored);
}

Result<Functions::Record*> Functions::record(const Account& account, std::string_view name) {
    auto found = std::as_const(*this).record(account, name);
    if (!found) return found.error();
    return const_cast<Record*>(*found);  // ours, and we are not const here
}

Result<Function_Ptr> Functions::version_of(const Record& record, std::string_view qualifier) const {
    if (qualifier.empty() || qualifier == "$LATEST") return record.latest;
    if (const auto number = number_of(qualifier)) {
        if (const auto found = record.versions.find(*number); found != record.versions.end()) return found->second;
    }
    return not_found(record.account, record.latest->name, qualifier);
}

// ---- reading --------------------------------------------------------------------------------------------------------

Result<Function_Ptr> Functions::find(const Account& account, std::string_view name, std::string_view qualifier) const {
    const auto found = qualified(account, name, qualifier);
    if (!found) return found.error();
    return version_of(**found, qualifier);
}

Result<Functions::Invocable> Functions::invocable(const Account& account, std::string_view name,
                                                  std::string_view qualifier) const {
    const auto found = qualified(account, name, qualifier);
    if (!found) return found.error();
    const Record& record = **found;
    Function_Ptr function = record.serving;
    if (!qualifier.empty() && qualifier != "$LATEST") {
        auto version = version_of(record, qualifier);
        if (!version) return version.error();
        function = std::move(*version);
        if (function->state != "Active") function = nullptr;
    }
    if (!function) {
        return conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: " +
            record.latest->state);
    }
    return Invocable{std::move(function), qualifier};
}

Result<Function_Page> Functions::list(const Account& account, std::string_view marker,
                                      std::optional<std::int64_t> items_max, bool all_versions) const {
    const auto size = page_size(items_max);
    if (!size) return size.error();

    Function_Page page;
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return page;
    // A marker is the last one of the page before: its name, and its version when versions are listed.
    const auto after = std::pair{
        marker.substr(0, marker.find(':')),
        marker.find(':') == std::string_view::npos ? 0 : number_of(marker.substr(marker.find(':') + 1)).value_or(0)};
    const auto add = [&](const Function_Ptr& function, std::int64_t number) {
        if (!marker.empty() && std::pair{std::string_view(function->name), number} <= after) return true;
        if (page.functions.size() == *size) {
            const Function& last = *page.functions.back();
            page.next_marker = last.version == "$LATEST" ? last.name : last.name + ":" + last.version;
            return false;
        }
        page.functions.push_back(function);
        return true;
    };
    for (auto at = names->second.lower_bound(after.first); at != names->second.end(); ++at) {
        if (!add(at->second.latest, 0)) return page;
        if (!all_versions) continue;
        for (const auto& [number, version] : at->second.versions) {
            if (!add(version, number)) return page;
        }
    }
    return page;
}

Result<Function_Page> Functions::versions(const Account& account, std::string_view name, std::string_view marker,
                                          std::optional<std::int64_t> items_max) const {
    const auto size = page_size(items_max);
    if (!size) return size.error();
    const auto found = record(account, name);
    if (!found) return found.error();

    Function_Page page;
    if (marker.empty()) page.functions.push_back((*found)->latest);
    for (auto at = (*found)->versions.upper_bound(number_of(marker).value_or(0)); at != (*found)->versions.end();
         ++at) {
        if (page.functions.size() == *size) {
            page.next_marker = page.functions.back()->version == "$LATEST" ? "0" : page.functions.back()->version;
            break;
        }
        page.functions.push_back(at->second);
    }
    return page;
}

Functions::Usage Functions::usage(const Account& account) const {
    Usage usage;
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return usage;
    for (const auto& [name, record] : names->second) {
        ++usage.functions;
        usage.code_bytes += record.latest->code_size;
        usage.reserved_concurrency += record.latest->reserved_concurrency.value_or(0);
        for (const auto& [number, version] : record.versions) usage.code_bytes += version->code_size;
    }
    return usage;
}

// ---- changing -------------------------------------------------------------------------------------------------------

Result<std::vector<Function_Layer>> Functions::use_layers(const Account& account, const std::vector<std::string>& arns,
                                                          std::uint64_t code_unpacked_bytes) const {
    const auto resolved = layers_.resolve(account, arns);
    if (!resolved) return resolved.error();
    std::vector<Function_Layer> used;
    std::uint64_t total = code_unpacked_bytes;
    for (const Layer_Version_Ptr& layer : *resolved) {
        used.push_back({layer->arn, layer->zip.blob.sha256, layer->zip.blob.size, layer->zip.unpacked_bytes});
        total += layer->zip.unpacked_bytes;
    }
    if (total > unpacked_bytes_max)
        return invalid(
            fmt::format("Function code combined with layers exceeds the maximum allowed size of {} bytes. The "
                        "actual size is {} bytes.",
                        unpacked_bytes_max, total));
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
    checked.one_of("loggingConfig.logFormat", wanted.log_format, {"JSON", "Text"});
    check_architectures(checked, wanted.architectures);
    if (auto error = checked.error()) return *error;

    const auto name = wire::parse_function_name(wanted.name);
    if (!name) return name.error();
    if (auto error = check_environment(wanted.environment)) return *error;
    if (wanted.package_type == "Image") return wire::not_implemented("lambda", "CreateFunction with PackageType Image");
    if (!wanted.runtime) return invalid("Runtime is mandatory for functions created with deployment packages.");
    if (!wanted.handler) return invalid("Handler is mandatory for functions created with deployment packages.");
    if (auto error = check_runtime(*wanted.runtime)) return *error;

    const Account account = account_of(caller, *name);
    if (find_record(account, name->name)) return conflict(fmt::format("Function already exist: {}", name->name));
    if (!needs_.role_exists(account, *wanted.role)) return role_refused();
    const auto code = resolve_zip(account, wanted.code, needs_.object, context_.store.blobs());
    if (!code) return code.error();
    auto layers = use_layers(account, wanted.layers, code->unpacked_bytes);
    if (!layers) return layers.error();

    auto created = std::make_shared<Function>();
    created->account = account;
    created->name = name->name;
    created->arn = arn_of(account, name->name);
    created->runtime = *wanted.runtime;
    created->handler = *wanted.handler;
    created->role = *wanted.role;
    created->description = wanted.description;
    created->memory_mb = wanted.memory_mb;
    created->timeout_s = wanted.timeout_s;
    created->ephemeral_storage_mb = wanted.ephemeral_storage_mb;
    created->architecture = wanted.architectures ? wanted.architectures->front() : "x86_64";
    created->environment = wanted.environment;
    created->layers = std::move(*layers);
    created->tracing_mode = wanted.tracing_mode;
    created->log_format = wanted.log_format;
    created->log_group = wanted.log_group.empty() ? fmt::format("/aws/lambda/{}", name->name) : wanted.log_group;
    created->tags = wanted.tags;
    set_code(*created, *code);
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
    code_.unpack_all(zips_of(*record.latest),
                     [this, alive = std::weak_ptr<int>(alive_), account = record.account, name = record.latest->name,
                      preparation = record.preparation](const Result<std::vector<std::filesystem::path>>& folders) {
                         if (alive.expired()) return;
                         prepared(account, name, preparation, folders ? std::nullopt : std::optional(folders.error()));
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
        const std::string code = !error ? "" : error->http_status < 500 ? "InvalidZipFileException" : "InternalError";
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
    if (error && was_serving) {  // an update that failed leaves what there was
        record.latest = finish(record.serving);
    } else {
        record.latest = finish(record.latest);
    }
    if (record.latest->state == "Active") record.serving = record.latest;
    for (auto& [number, version] : record.versions) {
        if (version->state == "Pending") version = finish(version);
    }
    save(record);
    if (was_serving) invocations_.retire(account, name, "$LATEST");
}

Result<Function_Ptr> Functions::update_code(const Account& account, const Update_Function_Code& wanted) {
    Validation checked;
    check_architectures(checked, wanted.architectures);
    if (auto error = checked.error()) return *error;
    const auto found = record(account, wanted.name);
    if (!found) return found.error();
    Record& record = **found;
    if (auto error = check_revision(wanted.revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    if (!wanted.code.image_uri.empty()) return wire::not_implemented("lambda", "UpdateFunctionCode with ImageUri");
    const auto code = resolve_zip(record.account, wanted.code, needs_.object, context_.store.blobs());
    if (!code) return code.error();

    auto updated = changed(record.latest, context_.now());
    set_code(*updated, *code);
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
    if (wanted.log_format) checked.one_of("loggingConfig.logFormat", *wanted.log_format, {"JSON", "Text"});
    if (auto error = checked.error()) return *error;

    const auto found = record(account, wanted.name);
    if (!found) return found.error();
    Record& record = **found;
    if (wanted.environment) {
        if (auto error = check_environment(*wanted.environment)) return *error;
    }
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
    set(updated->log_group, wanted.log_group);
    set_in_progress(*updated);
    record.latest = updated;
    prepare(record);
    save(record);
    return record.latest;
}

Result<void> Functions::remove(const Account& account, std::string_view name, std::string_view qualifier) {
    const auto found = qualified(account, name, qualifier);
    if (!found) return found.error();
    if (qualifier == "$LATEST") return invalid("$LATEST version cannot be deleted without deleting the function.");
    const Account owner = (*found)->account;
    const std::string bare = (*found)->latest->name;
    if (!qualifier.empty()) {
        Record& record = accounts_[owner].find(bare)->second;
        if (const auto number = number_of(qualifier)) record.versions.erase(*number);  // AWS answers 204 for none, too
        invocations_.retire(owner, bare, std::string(qualifier));
        save(record);
        return {};
    }
    for (const auto& [alias, url] : (*found)->urls) url_places_.erase(url.id);
    accounts_[owner].erase(bare);
    context_.store.erase(record_kind, record_key(owner, bare));
    invocations_.retire(owner, bare);
    return {};
}

Function_Ptr Functions::publish(Record& record, std::string_view description) {
    if (!record.versions.empty()) {
        const Function_Ptr& last = record.versions.rbegin()->second;
        if (content_of(*last) == content_of(*record.latest)) return last;
    }
    auto version = std::make_shared<Function>(*record.latest);
    version->version = std::to_string(record.next_version);
    version->revision_id = base::uuid4();
    version->last_update_status = "Successful";
    version->last_update_reason = version->last_update_reason_code = "";
    if (record.latest->last_update_status == "InProgress") version->state = "Pending";
    if (!description.empty()) version->description = description;
    record.versions.emplace(record.next_version++, version);
    return version;
}

Result<Function_Ptr> Functions::publish_version(const Account& account, std::string_view name,
                                                std::string_view code_sha256, std::string_view description,
                                                std::string_view revision_id) {
    const auto found = record(account, name);
    if (!found) return found.error();
    Record& record = **found;
    if (auto error = check_revision(revision_id, *record.latest)) return *error;
    if (auto error = check_changeable(*record.latest)) return *error;
    if (!code_sha256.empty() && code_sha256 != record.latest->code_sha256_base64) {
        return invalid(
            fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again with "
                        "the CodeSHA256 in $LATEST.",
                        code_sha256, record.latest->code_sha256_base64));
    }
    Function_Ptr version = publish(record, description);
    save(record);
    return version;
}

// ---- concurrency, tags ----------------------------------------------------------------------------------------------

Result<void> Functions::put_concurrency(const Account& account, std::string_view name, int reserved) {
    Validation checked;
    if (reserved < 0)
        checked.fault("reservedConcurrentExecutions", std::to_string(reserved),
                      "Member must have value greater than or equal to 0");
    if (auto error = checked.error()) return *error;
    const auto found = record(account, name);
    if (!found) return found.error();
    Record& record = **found;
    const int others = usage(record.account).reserved_concurrency - record.latest->reserved_concurrency.value_or(0);
    if (account_concurrency - others - reserved < unreserved_concurrency_min) {
        return invalid(fmt::format(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            "below its minimum value of [{}].",
            unreserved_concurrency_min));
    }
    const auto with = [&](const Function_Ptr& function) {
        auto copy = std::make_shared<Function>(*function);
        copy->reserved_concurrency = reserved;
        return copy;
    };
    const bool same = record.serving == record.latest;
    record.latest = with(record.latest);
    if (record.serving) record.serving = same ? record.latest : with(record.serving);
    save(record);
    return {};
}

Result<std::optional<int>> Functions::concurrency(const Account& account, std::string_view name) const {
    const auto found = record(account, name);
    if (!found) return found.error();
    return (*found)->latest->reserved_concurrency;
}

Result<void> Functions::delete_concurrency(const Account& account, std::string_view name) {
    const auto found = record(account, name);
    if (!found) return found.error();
    Record& record = **found;
    const auto without = [](const Function_Ptr& function) {
        auto copy = std::make_shared<Function>(*function);
        copy->reserved_concurrency.reset();
        return copy;
    };
    const bool same = record.serving == record.latest;
    record.latest = without(record.latest);
    if (record.serving) record.serving = same ? record.latest : without(record.serving);
    save(record);
    return {};
}

Result<std::map<std::string, std::string>> Functions::tags(const Account& account, std::string_view arn) const {
    const auto found = record(account, arn);
    if (!found) return found.error();
    return (*found)->latest->tags;
}

Result<void> Functions::tag(const Account& account, std::string_view arn,
                            const std::map<std::string, std::string>& added) {
    const auto found = record(account, arn);
    if (!found) return found.error();
    auto copy = std::make_shared<Function>(*(*found)->latest);
    for (const auto& [key, value] : added) copy->tags[key] = value;
    if ((*found)->serving == (*found)->latest) (*found)->serving = copy;
    (*found)->latest = copy;
    save(**found);
    return {};
}

Result<void> Functions::untag(const Account& account, std::string_view arn, const std::vector<std::string>& keys) {
    const auto found = record(account, arn);
    if (!found) return found.error();
    auto copy = std::make_shared<Function>(*(*found)->latest);
    for (const auto& key : keys) copy->tags.erase(key);
    if ((*found)->serving == (*found)->latest) (*found)->serving = copy;
    (*found)->latest = copy;
    save(**found);
    return {};
}

}  // namespace osbot_aws::engine
