#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/clock.hpp"
#include "services/context.hpp"
#include "store/blob.hpp"

namespace osbot_aws::services {

/// A layer version of a function. It retains the bytes even if the layer version is deleted.
struct Function_Layer {
    std::string arn;
    store::Blob_Ptr zip;
    std::uint64_t unpacked_bytes = 0;
    bool operator==(const Function_Layer&) const = default;
};

/// The settings of a function that override those of its image.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html
struct Image_Overrides {
    std::vector<std::string> entry_point, command;  ///< empty: as in the image
    std::string working_directory;
    bool operator==(const Image_Overrides&) const = default;
};

/// One version of a function ($LATEST or a published number), immutable: a change creates a new one.
/// The invoke path reads it; control operations swap it (services/lambda/functions.hpp).
struct Function {
    Account account;
    std::string name;
    std::string version = "$LATEST";
    std::string arn;  ///< unqualified
    std::string runtime;
    std::string runtime_version_arn;  ///< of PutRuntimeManagementConfig; empty: that of the engine's version
    std::string handler;
    std::string role;
    std::string description;
    std::string package_type = "Zip";  ///< or Image
    std::string image_uri;             ///< as in the request
    Image_Overrides image_config;
    int memory_mb = 128;
    int timeout_s = 3;
    int ephemeral_storage_mb = 512;
    std::string architecture = "x86_64";
    std::map<std::string, std::string> environment;
    bool has_environment = false;        ///< the environment was set, perhaps to no variables
    std::vector<Function_Layer> layers;  ///< in order; at /opt, files of later layers hide those of earlier ones
    std::string tracing_mode = "PassThrough";
    std::string log_format = "Text";             ///< or JSON, which uses the two log levels
    std::string application_log_level = "INFO";  ///< TRACE DEBUG INFO WARN ERROR FATAL; applied by the runtime
    std::string system_log_level = "INFO";       ///< DEBUG INFO WARN; for START and REPORT
    std::string log_group;                       ///< /aws/lambda/<name> unless set in LoggingConfig
    std::map<std::string, std::string> tags;
    /// Settings that the engine stores as they are, by the names of AWS: {"VpcConfig": ...}
    Json settings = Json::object();

    store::Blob_Ptr zip;             ///< nullptr for an image
    std::string code_sha256_base64;  ///< CodeSha256; for an image, its digest in hexadecimal
    std::uint64_t code_size = 0, code_unpacked_bytes = 0;
    std::string code_kms_key_arn;

    std::string state = "Pending";  ///< Pending Active Inactive Failed
    std::string state_reason, state_reason_code;
    std::string last_update_status = "Successful";  ///< Successful InProgress Failed
    std::string last_update_reason, last_update_reason_code;
    std::string revision_id;
    /// Renewed by each update of the code or the configuration, also by one that changes nothing. publish() makes a new
    /// version if it is not that of the last version. "": created by an engine that had no such member.
    std::string update_id;
    base::Time modified_at{};
    std::optional<int> reserved_concurrency;

    bool is_image() const { return package_type == "Image"; }
    /// Returns true if its environments are restored from a snapshot, which was taken when the version was published.
    bool snap_starts() const {
        const auto setting = settings.find("SnapStart");
        return version != "$LATEST" && setting != settings.end() &&
               setting->value("ApplyOn", "") == "PublishedVersions";
    }
    /// Returns true if an environment runs the events of one tenant only.
    bool isolates_tenants() const { return settings.contains("TenancyConfig"); }
};
using Function_Ptr = std::shared_ptr<const Function>;

}  // namespace osbot_aws::services
