#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "services/lambda/function.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// A name for a version. `weights` may route a part of the invokes to a second version.
struct Alias {
    std::string name;
    std::string version;  ///< a number or $LATEST
    std::string description;
    std::map<std::string, double> weights;  ///< at most one entry: version -> weight from 0 to 1
    std::string revision_id;
};

struct Function_Url {
    std::string id;          ///< first label of the host name
    std::string url;         ///< http://<id>.lambda-url.<region>.localhost:<port>/ or http://127.0.0.1:<its port>/
    std::uint16_t port = 0;  ///< of its own; 0: none
    std::string qualifier;   ///< an alias; empty: the function itself
    std::string auth_type = "NONE";
    std::string invoke_mode = "BUFFERED";
    Json cors;  ///< as in the request; null: no CORS
    base::Time created_at{}, modified_at{};
};

/// The options of asynchronous invokes by one qualifier. The defaults apply to members without a value.
struct Event_Invoke_Config {
    std::optional<int> retries_max, event_age_max_s;
    std::string on_success, on_failure;  ///< ARNs of destinations; empty: none
    base::Time modified_at{};
    bool operator==(const Event_Invoke_Config&) const = default;
};

/// Which version of its runtime a version of a function runs with. The engine has one version of each.
struct Runtime_Management {
    std::string update_on = "Auto";  ///< Auto FunctionUpdate Manual
    std::string version_arn;         ///< of Manual
    bool operator==(const Runtime_Management&) const = default;
};

/// The environments that a version or alias keeps ready.
struct Provisioned_Config {
    int requested = 0;
    base::Time modified_at{};
    std::string previous_version;  ///< of an alias that has moved, until the environments of its version are ready
    bool operator==(const Provisioned_Config&) const = default;
};

/// The permissions of anonymous callers of a function URL.
struct Public_Access {
    bool url = false;     ///< lambda:InvokeFunctionUrl
    bool invoke = false;  ///< lambda:InvokeFunction as well
};

/// A policy of a function, prepared once for all requests.
struct Prepared_Policy {
    std::string revision;
    Policies policies;
    std::optional<Public_Access> access;  ///< of each anonymous request, if no condition reads the request
};

/// All data of one function name; one record of the store.
struct Function_Record {
    Account account;
    Function_Ptr latest;   ///< $LATEST as returned by control operations
    Function_Ptr serving;  ///< $LATEST as run by invokes: without an update in progress
    std::map<std::int64_t, Function_Ptr> versions;
    std::int64_t next_version = 1;
    std::map<std::string, Alias, std::less<>> aliases;
    std::map<std::string, std::vector<Json>> statements;  ///< by qualifier, "" for the function
    std::map<std::string, std::string> policy_revisions;
    mutable std::map<std::string, Prepared_Policy> prepared_policies;  ///< made when first needed, not stored
    std::map<std::string, Function_Url> urls;                          ///< by qualifier
    std::map<std::string, Event_Invoke_Config> event_invoke;           ///< by qualifier; $LATEST: the function itself
    std::map<std::string, Provisioned_Config> provisioned;             ///< by qualifier
    std::map<std::string, Runtime_Management> runtime_management;      ///< by version
    std::map<std::string, Json> scaling;  ///< by version; stored for managed instances, which the engine lacks
    std::string code_signing_arn;         ///< empty: none
    /// Returns the sum of the environments that versions and aliases keep ready.
    int provisioned_concurrency() const {
        int sum = 0;
        for (const auto& [qualifier, config] : provisioned) sum += config.requested;
        return sum;
    }

    std::string recursive_loop = "Terminate";  ///< or Allow: the function may be in a chain that never ends
    std::uint64_t preparation = 0;             ///< id of the newest preparation; the results of older ones are ignored
};

// The field lists: the format of functions in the store.

template <class Fields>
void describe(Fields& f, store::Of<Fields, Function_Layer>& layer) {
    f("arn", layer.arn).blob("sha256", "size", layer.zip)("unpacked", layer.unpacked_bytes);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Image_Overrides>& image) {
    f("entry_point", image.entry_point)("command", image.command)("working_directory", image.working_directory);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Function>& function) {
    f("name", function.name)("version", function.version)("arn", function.arn)("runtime", function.runtime);
    f("handler", function.handler)("role", function.role)("description", function.description);
    f("package_type", function.package_type)("image_uri", function.image_uri)("image_config", function.image_config);
    f("memory_mb", function.memory_mb)("timeout_s", function.timeout_s);
    f("ephemeral_storage_mb", function.ephemeral_storage_mb)("architecture", function.architecture);
    f.optional("has_environment", function.has_environment)("environment", function.environment)(
        "layers", function.layers)("tracing_mode", function.tracing_mode);
    f("log_format", function.log_format)("application_log_level", function.application_log_level);
    f("system_log_level", function.system_log_level)("log_group", function.log_group)("tags", function.tags);
    f.optional("settings", function.settings).optional_blob("code_sha256_hex", "code_size", function.zip);
    f("code_sha256_base64", function.code_sha256_base64)("code_size", function.code_size);
    f("code_unpacked_bytes", function.code_unpacked_bytes).optional("code_kms_key_arn", function.code_kms_key_arn);
    f("state", function.state)("state_reason", function.state_reason);
    f("state_reason_code", function.state_reason_code)("last_update_status", function.last_update_status);
    f("last_update_reason", function.last_update_reason)("last_update_reason_code", function.last_update_reason_code);
    f("revision_id", function.revision_id)("modified_ms", function.modified_at);
    f.optional("update_id", function.update_id);
    f.optional("reserved_concurrency", function.reserved_concurrency);
    f.optional("runtime_version_arn", function.runtime_version_arn);
    if constexpr (!Fields::writes) {
        std::string_view rest = function.arn;  // arn:aws:lambda:REGION:ACCOUNT:function:NAME, with any text as region
        for (int part = 0; part < 3; ++part) base::take_until(rest, ':');
        function.account.region = base::take_until(rest, ':');
        function.account.id = base::take_until(rest, ':');
    }
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Alias>& alias) {
    f("name", alias.name)("version", alias.version)("description", alias.description);
    f("weights", alias.weights)("revision_id", alias.revision_id);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Function_Url>& url) {
    f("id", url.id)("auth_type", url.auth_type)("invoke_mode", url.invoke_mode)("cors", url.cors);
    f("created_ms", url.created_at)("modified_ms", url.modified_at).optional("port", url.port);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Event_Invoke_Config>& config) {
    f.optional("retries_max", config.retries_max).optional("event_age_max_s", config.event_age_max_s);
    f("on_success", config.on_success)("on_failure", config.on_failure)("modified_ms", config.modified_at);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Runtime_Management>& management) {
    f("update_on", management.update_on)("version_arn", management.version_arn);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Provisioned_Config>& config) {
    f("requested", config.requested)("modified_ms", config.modified_at);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Function_Record>& record) {
    Function_Ptr serving = record.serving == record.latest ? nullptr : record.serving;
    f(record.account)("latest", record.latest)("next_version", record.next_version)("urls", record.urls);
    f.values("versions", record.versions, [](const Function_Ptr& version) { return std::stoll(version->version); });
    f.values("aliases", record.aliases, [](const Alias& alias) { return alias.name; });
    f("statements", record.statements)("policy_revisions", record.policy_revisions).optional("serving", serving);
    f.optional("event_invoke", record.event_invoke).optional("recursive_loop", record.recursive_loop);
    f.optional("provisioned", record.provisioned).optional("runtime_management", record.runtime_management);
    f.optional("scaling", record.scaling).optional("code_signing_arn", record.code_signing_arn);
    if constexpr (!Fields::writes) {
        const Function& latest = *record.latest;
        const bool serves_latest = !serving && latest.state == "Active" && latest.last_update_status != "InProgress";
        record.serving = serves_latest ? record.latest : serving;
    }
}

}  // namespace osbot_aws::services
