#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/images/images.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/lambda/function_versions.hpp"
#include "services/lambda/layers.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/lambda/zips.hpp"

namespace osbot_aws::services {

struct Create_Function {
    std::string name;  ///< as in the request: a name or an ARN
    std::optional<std::string> runtime, handler;
    std::string role;
    Code_Source code;
    std::string description;
    std::string package_type = "Zip";
    std::optional<Image_Overrides> image_config;
    int memory_mb = 128;
    int timeout_s = 3;
    int ephemeral_storage_mb = 512;
    std::optional<std::vector<std::string>> architectures;
    std::optional<std::map<std::string, std::string>> environment;
    std::vector<std::string> layers;
    std::string tracing_mode = "PassThrough";
    std::string log_format = "Text";
    std::optional<std::string> application_log_level, system_log_level;
    std::string log_group;
    std::map<std::string, std::string> tags;
    Json settings = Json::object();  ///< Function::settings
    std::string code_signing_arn;    ///< of an existing configuration; empty: none
    bool publish = false;
};

struct Update_Function_Code {
    std::string name;
    Code_Source code;
    std::optional<std::vector<std::string>> architectures;
    std::string revision_id;
    bool publish = false;
    bool dry_run = false;
};

/// Members without a value remain unchanged.
struct Update_Function_Configuration {
    std::string name;
    std::optional<std::string> runtime, handler, role, description, tracing_mode, log_format, log_group,
        application_log_level, system_log_level;
    std::optional<int> memory_mb, timeout_s, ephemeral_storage_mb;
    std::optional<Image_Overrides> image_config;
    std::optional<std::map<std::string, std::string>> environment;
    std::optional<std::vector<std::string>> layers;
    Json settings = Json::object();  ///< replace those with the same name
    std::string revision_id;
};

/// Dependencies on other services, provided by the engine.
struct Functions_Dependencies {
    /// Returns true if the role exists. Like AWS, the engine rejects roles that do not exist.
    std::function<bool(const Account&, std::string_view role_arn)> role_exists;
    /// Returns the image with that URI or digest, or nullptr if the engine does not have it.
    std::function<Image_Ptr(std::string_view uri)> image = [](std::string_view) { return nullptr; };
    int concurrency_max = account_concurrency_max;  ///< limit of an account and region
    Url_Ports* url_ports = nullptr;                 ///< nullptr: function URLs have their host names only
};

/// The classes whose state a deployment changes, or that it needs.
struct Deployment_Parts {
    Context& context;
    Code_Folders& code;
    Invocations& invocations;
    Layers& layers;
    Function_Registry& registry;
    Function_Urls& urls;
    Function_Versions& versions;
};

/// Returns the function after its preparation, which may have failed.
std::shared_ptr<Function> prepared(const Function& function, const std::optional<Error>& error);

/// Creates, updates and deletes functions, and prepares them to run: code is unpacked later on a worker thread (State,
/// LastUpdateStatus). Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
class Deployment {
public:
    Deployment(const Deployment_Parts& parts, Functions_Dependencies dependencies)
        : parts_(parts), dependencies_(std::move(dependencies)) {}

    /// Resumes the pending changes of the functions in the registry, which was loaded.
    void load();
    /// Ignores the results of the preparations in progress.
    void clear() {
        ++preparations_;
        snapshots_.clear();
    }

    /// Errors: AccessDeniedException for a name of another account; ResourceNotFoundException for one of another
    /// region; ResourceConflictException; InvalidParameterValueException.
    Result<Function_Ptr> create(const Account& account, const Create_Function& request);
    Result<Function_Ptr> update_code(const Account& account, const Update_Function_Code& request);
    Result<Function_Ptr> update_configuration(const Account& account, const Update_Function_Configuration& request);
    /// Deletes a function, or the version that the qualifier names.
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier = {});
    /// Publishes $LATEST (Function_Versions::publish()). A version with SnapStart is Pending until its snapshot is
    /// taken.
    Result<Function_Ptr> publish_version(const Account& account, std::string_view name, std::string_view code_sha256,
                                         std::string_view description, std::string_view revision_id);
    /// Calls `then` once, as soon as no change of the function is in progress or the function does not exist. The call
    /// may be immediate.
    void when_settled(const Account& account, std::string_view name, std::function<void()> then);

    // image_functions.cpp
    /// Returns the names of the functions that use the image, for Images::remove().
    std::vector<std::string> image_users(const std::string& digest) const;
    /// Activates functions that failed because their image was missing, if it exists now.
    void image_imported();

private:
    Result<std::shared_ptr<Function>> new_function(const Account& account, const std::string& name,
                                                   const Create_Function& request) const;
    Result<void> set_code(Function& function, const Code_Source& code) const;
    /// Errors: AccessDeniedException for a role of another account; InvalidParameterValueException.
    std::optional<Error> check_role(const Account& account, const std::string& arn) const;
    std::optional<Error> check_change(const Function_Record& record,
                                      const Update_Function_Configuration& request) const;
    Result<std::vector<Function_Layer>> resolve_layers(const Account& account, const std::vector<std::string>& arns,
                                                       std::uint64_t code_unpacked_bytes) const;
    void prepare(Function_Record& record);
    std::optional<Error> missing_image(const Function& function) const;
    void finish_preparation(Function_Record& record, const std::optional<Error>& error);
    /// Activates or fails the versions that were published by the change whose preparation has ended.
    void finish_versions(Function_Record& record, const std::optional<Error>& error);
    void notify_settled(const Account& account, const std::string& name);

    // snapshots.cpp
    void take_snapshots(const Function_Record& record);
    void take_snapshot(const Function_Ptr& pending);
    void snapshot_taken(const Function_Ptr& pending, const Function_Ptr& active, const std::string& error_type);

    const Deployment_Parts parts_;
    Functions_Dependencies dependencies_;
    std::multimap<std::pair<Account, std::string>, std::function<void()>> awaiting_settled_;
    std::uint64_t preparations_ = 0;
    std::set<std::string> snapshots_;  ///< the revisions of versions whose snapshots are being taken
    std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< lets callbacks of workers detect destruction
};

}  // namespace osbot_aws::services
