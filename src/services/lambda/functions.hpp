#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "services/context.hpp"
#include "services/images/images.hpp"
#include "services/lambda/function.hpp"
#include "services/lambda/layers.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/lambda/zips.hpp"
#include "wire/lambda_names.hpp"

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
    std::map<std::string, std::string> environment;
    std::vector<std::string> layers;
    std::string tracing_mode = "PassThrough";
    std::string log_format = "Text";
    std::optional<std::string> application_log_level, system_log_level;
    std::string log_group;
    std::map<std::string, std::string> tags;
    Json settings = Json::object();  ///< Function::settings
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

/// A name for a version. `weights` may route a part of the invokes to a second version.
struct Alias {
    std::string name;
    std::string version;  ///< a number or $LATEST
    std::string description;
    std::map<std::string, double> weights;  ///< at most one entry: version -> weight from 0 to 1
    std::string revision_id;
};

/// Members without a value remain unchanged. CreateAlias requires the version.
struct Alias_Change {
    std::string function_name, name;
    std::optional<std::string> version, description;
    std::optional<std::map<std::string, double>> weights;
    std::string revision_id;
};

struct Alias_Page {
    std::vector<Alias> aliases;
    std::string next_marker;  ///< empty: last page
};

struct Function_Page {
    std::vector<Function_Ptr> functions;
    std::string next_marker;  ///< empty: last page
};

struct Add_Permission {
    std::string name, qualifier, statement_id, action, principal;
    std::string source_arn, source_account, event_source_token, principal_org_id, function_url_auth_type, revision_id;
    bool invoked_via_function_url = false;
};

struct Function_Url {
    std::string id;         ///< first label of the host name
    std::string url;        ///< http://<id>.lambda-url.<region>.localhost:<port>/
    std::string qualifier;  ///< an alias; empty: the function itself
    std::string auth_type = "NONE";
    std::string invoke_mode = "BUFFERED";
    Json cors;  ///< as in the request; null: no CORS
    base::Time created_at{}, modified_at{};
};

struct Function_Url_Change {
    std::string name, qualifier;
    std::optional<std::string> auth_type, invoke_mode;
    std::optional<Json> cors;
};

/// Dependencies on other services, provided by the server.
struct Functions_Dependencies {
    /// Returns true if the role exists. Like AWS, the engine rejects roles that do not exist.
    std::function<bool(const Account&, std::string_view role_arn)> role_exists;
    /// Returns the image with that URI or digest, or nullptr if the engine does not have it.
    std::function<Image_Ptr(std::string_view uri)> image = [](std::string_view) { return nullptr; };
    int concurrency_max = account_concurrency_max;  ///< limit of an account and region
};

/// Implements Lambda's control plane: functions, versions, aliases, URLs and policies.
///
/// All state is in memory. Each change is also queued in the store, and the server responds after it is durable.
/// Error messages and their order match AWS's: tests/contract/data/lambda/. Requests satisfy the constraints of AWS's
/// model, which the server checks (aws/validation.hpp).
/// Loop thread only. Operations return immediately; code is unpacked later on a worker thread (State,
/// LastUpdateStatus). Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Functions {
public:
    Functions(Context& context, Code_Folders& code, Invocations& invocations, Functions_Dependencies dependencies);
    ~Functions();

    /// Loads the state from the store and resumes pending changes. Called at start.
    void load();
    /// Discards the state in memory and loads the durable state. Called after a failed write.
    void reload();
    /// Clears the state in memory; the caller clears the store (reset).
    void clear();
    /// Returns the SHA-256 of all zips that functions and layers reference. Code_Folders retains these.
    std::set<std::string> zips() const;
    /// Returns the number of functions in all accounts.
    std::size_t count() const;
    Layers& layers() { return layers_; }

    Result<Function_Ptr> create(const Account& account, const Create_Function& request);
    /// Errors: ResourceNotFoundException.
    Result<Function_Ptr> find(const Account& account, std::string_view name, std::string_view qualifier = {}) const;
    /// Calls `then` once, as soon as no change of the function is in progress or the function does not exist. The call
    /// may be immediate.
    void when_settled(const Account& account, std::string_view name, std::function<void()> then);
    Function_Page list(const Account& account, std::string_view marker, std::optional<std::int64_t> items_max,
                       bool all_versions = false) const;
    Result<Function_Ptr> update_code(const Account& account, const Update_Function_Code& request);
    Result<Function_Ptr> update_configuration(const Account& account, const Update_Function_Configuration& request);
    Result<void> remove(const Account& account, std::string_view name, std::string_view qualifier = {});
    Result<Function_Ptr> publish_version(const Account& account, std::string_view name, std::string_view code_sha256,
                                         std::string_view description, std::string_view revision_id);
    Result<Function_Page> versions(const Account& account, std::string_view name, std::string_view marker,
                                   std::optional<std::int64_t> items_max) const;

    // aliases.cpp
    Result<Alias> create_alias(const Account& account, const Alias_Change& request);
    Result<Alias> alias(const Account& account, std::string_view function_name, std::string_view name) const;
    Result<Alias> update_alias(const Account& account, const Alias_Change& request);
    /// Deletes the alias with its URL and its policy. As on AWS, succeeds if the alias does not exist.
    Result<void> delete_alias(const Account& account, std::string_view function_name, std::string_view name);
    /// Lists aliases. `version`: only aliases of this version; empty: all.
    Result<Alias_Page> aliases(const Account& account, std::string_view function_name, std::string_view version,
                               std::string_view marker, std::optional<std::int64_t> items_max) const;

    /// The version that an invoke runs.
    struct Invocable {
        Function_Ptr function;
        std::string_view qualifier;  ///< as in the request; may be empty
    };
    /// Returns the version that an invoke of this name runs. This is the hot path: only errors allocate memory.
    /// Errors: ResourceNotFoundException; ResourceConflictException while the function has no code to run.
    Result<Invocable> invocable(const Account& account, std::string_view name, std::string_view qualifier = {}) const;

    Result<void> put_concurrency(const Account& account, std::string_view name, int reserved);
    Result<std::optional<int>> concurrency(const Account& account, std::string_view name) const;
    Result<void> delete_concurrency(const Account& account, std::string_view name);

    struct Usage {
        std::uint64_t code_bytes = 0;
        std::int64_t functions = 0;
        int reserved_concurrency = 0;
        int concurrency_max = 0;
    };
    Usage usage(const Account& account) const;

    Result<std::map<std::string, std::string>> tags(const Account& account, std::string_view arn) const;
    Result<void> tag(const Account& account, std::string_view arn, const std::map<std::string, std::string>& added);
    Result<void> untag(const Account& account, std::string_view arn, const std::vector<std::string>& keys);

    // function_images.cpp
    /// Returns the names of the functions that use the image, for Images::remove().
    std::vector<std::string> image_users(const std::string& digest) const;
    /// Activates functions that failed because their image was missing, if it exists now.
    void image_imported();

    // policy.cpp
    /// Returns the added statement.
    Result<Json> add_permission(const Account& account, const Add_Permission& request);
    Result<void> remove_permission(const Account& account, std::string_view name, std::string_view statement_id,
                                   std::string_view qualifier, std::string_view revision_id);
    struct Policy {
        std::string text;
        std::string revision_id;
    };
    Result<Policy> policy(const Account& account, std::string_view name, std::string_view qualifier) const;

    // function_urls.cpp
    Result<Function_Url> create_url(const Account& account, const Function_Url_Change& request);
    Result<Function_Url> url(const Account& account, std::string_view name, std::string_view qualifier) const;
    Result<Function_Url> update_url(const Account& account, const Function_Url_Change& request);
    Result<void> delete_url(const Account& account, std::string_view name, std::string_view qualifier);
    Result<std::vector<Function_Url>> urls(const Account& account, std::string_view name) const;

    /// The target of a request to a function URL.
    struct Url_Target {
        Function_Ptr function;
        const Function_Url* url = nullptr;
        bool public_allowed = false;  ///< the resource policy allows anonymous callers
    };
    /// Returns the target of the function URL with this id.
    /// Errors: ResourceNotFoundException; ResourceConflictException while the function has no code to run.
    Result<Url_Target> url_target(std::string_view id) const;

private:
    /// All data of one function name; one record of the store.
    struct Record {
        Account account;
        Function_Ptr latest;   ///< $LATEST as returned by control operations
        Function_Ptr serving;  ///< $LATEST as run by invokes: without an update in progress
        std::map<std::int64_t, Function_Ptr> versions;
        std::int64_t next_version = 1;
        std::map<std::string, Alias, std::less<>> aliases;
        std::map<std::string, std::vector<Json>> statements;  ///< by qualifier, "" for the function
        std::map<std::string, std::string> policy_revisions;
        std::map<std::string, Function_Url> urls;  ///< by qualifier
        std::uint64_t preparation = 0;  ///< id of the newest preparation; the results of older ones are ignored
    };
    using Names = std::map<std::string, Record, std::less<>>;

    Account account_of(const Account& account, const wire::Function_Name& name) const;
    const Record* find_record(const Account& account, std::string_view name) const;
    Result<Record*> record(const Account& account, std::string_view name);
    Result<const Record*> record(const Account& account, std::string_view name) const;
    Result<const Record*> find_qualified(const Account& account, std::string_view name,
                                         std::string_view& qualifier) const;
    Result<Function_Ptr> version_of(const Record& record, std::string_view qualifier) const;

    Result<std::vector<Function_Layer>> resolve_layers(const Account& account, const std::vector<std::string>& arns,
                                                       std::uint64_t code_unpacked_bytes) const;
    void save(const Record& record);
    void prepare(Record& record);
    std::optional<Error> missing_image(const Function& function) const;
    void finish_preparation(const Account& account, const std::string& name, std::uint64_t preparation,
                            const std::optional<Error>& error);
    void notify_settled(const Account& account, const std::string& name);
    Function_Ptr publish(Record& record, std::string_view description);
    std::optional<Error> check_alias(const Record& record, const Alias& alias) const;
    static std::string_view route(const Record& record, std::string_view qualifier);
    Result<void> remove_version(Record& record, std::string_view qualifier);
    void erase_qualifier(Record& record, const std::string& qualifier);
    void set_reserved_concurrency(Record& record, std::optional<int> reserved);
    Result<const Record*> find_taggable(const Account& account, std::string_view arn) const;
    void set_tags(const Record& target, std::map<std::string, std::string> tags);
    Result<Record*> find_unqualified(const Account& account, std::string_view name);
    bool allows_public(const Record& record, const std::string& qualifier) const;
    std::string url_text(const Account& account, const std::string& id) const;
    static std::string record_text(const Record& record);
    static Record parse_record(const std::string& text, store::Blobs& blobs);

    Context& context_;
    Code_Folders& code_;
    Invocations& invocations_;
    Functions_Dependencies dependencies_;
    Layers layers_;
    std::map<Account, Names> accounts_;
    struct Url_Location {
        Account account;
        std::string name, qualifier;
    };
    std::unordered_map<std::string, Url_Location> url_locations_;
    std::multimap<std::pair<Account, std::string>, std::function<void()>> awaiting_settled_;
    std::uint64_t preparations_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< lets callbacks of workers detect destruction
};

/// arn:...:function:name[:qualifier]
std::string qualified_arn(const Function& function, std::string_view qualifier);

}  // namespace osbot_aws::services
