#pragma once

#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <osbot_aws/apis/Logs.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Results.hpp>
#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

class Shell_Client;

/// Creates, changes, invokes, inspects and deletes one Lambda function.
///
/// The public members are the settings that create() and update() send. Setting them sends no request. Each method
/// sends one request to the target of the Session, unless documented otherwise. Methods that return a list return all
/// pages.
///
/// Errors: methods that return a Status or an invocation's result do not throw. All others throw Aws_Exception with
/// AWS's code (docs/reference/cpp_failures.md): ResourceNotFoundException (create the function with create()),
/// AccessDeniedException (check the caller's policies), EndpointConnectionError and NoRegionError (Session::target()
/// returns the target). Transient errors are retried: at most three attempts. Threads: use an object from one thread at
/// a time; different objects are independent, also if they share a Session. Source, with a page for each operation:
/// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Lambda {
public:
    std::string name;                        ///< up to 64 of a-z, A-Z, 0-9, - and _; dots become `_`
    std::string runtime = "python3.11";      ///< runtime identifier of Lambda
    std::string handler;                     ///< `module.function`, up to 128 characters; empty: `NAME.run`
    int memory = 512;                        ///< MB, 128 to 10,240
    int timeout = 60;                        ///< seconds, 1 to 900
    int ephemeral_storage = 512;             ///< size of /tmp in MB, 512 to 10,240
    std::string architecture = "x86_64";     ///< `x86_64` or `arm64`
    std::string role;                        ///< ARN of the execution role
    std::string trace_mode = "PassThrough";  ///< X-Ray tracing: PassThrough or Active
    std::string description;                 ///< up to 256 characters
    std::string s3_bucket;                   ///< bucket of the zip; ignored if zip_bytes is set
    std::string s3_key;                      ///< key of the zip
    std::string zip_bytes;                   ///< content of the zip, up to 50 MB (52,428,800 bytes)
    std::filesystem::path folder_code;       ///< folder that upload() zips, without secrets and caches
    std::string image_uri;                   ///< container image to use instead of a zip
    std::vector<std::string> layers;         ///< up to 5 layer version ARNs; later layers override earlier ones
    std::map<std::string, std::string> env_variables;  ///< environment of the function; up to 4 KB as JSON
    std::map<std::string, std::string> tags;           ///< up to 50 tags; sent only by create()

    explicit Lambda(std::string name, Session session = {});  ///< Sends no request.
    virtual ~Lambda() = default;
    Lambda(const Lambda&) = default;             ///< Copies the settings and shares the session.
    Lambda& operator=(const Lambda&) = default;  ///< Copies the settings and shares the session.
    Lambda(Lambda&&) = default;                  ///< Moves the settings.
    Lambda& operator=(Lambda&&) = default;       ///< Moves the settings.

    Lambda& set_role(std::string arn);                             ///< sets `role`
    Lambda& set_memory(int mb);                                    ///< sets `memory`
    Lambda& set_timeout(int seconds);                              ///< sets `timeout`
    Lambda& set_s3_bucket(std::string bucket);                     ///< sets `s3_bucket`
    Lambda& set_s3_key(std::string key);                           ///< sets `s3_key`
    Lambda& set_folder_code(std::filesystem::path folder);         ///< sets `folder_code`
    Lambda& set_handler(std::string path);                         ///< sets `handler`
    Lambda& set_trace_mode(std::string mode);                      ///< sets `trace_mode`
    Lambda& set_env_variable(std::string key, std::string value);  ///< adds or replaces one variable
    template <class Value>
    requires std::is_arithmetic_v<Value> || std::is_null_pointer_v<Value> Lambda& set_env_variable(
        std::string key, Value value) = delete;  ///< a value is a text: std::to_string(value)
    /// Adds or replaces several variables and keeps the others. Assign to `env_variables` to replace all.
    Lambda& set_env_variables(const std::map<std::string, std::string>& variables);
    Lambda& add_layer(std::string layer_version_arn);                        ///< adds a layer if it is not in the list
    Lambda& add_layers(const std::vector<std::string>& layer_version_arns);  ///< calls add_layer() for each
    Lambda& set_layers(std::vector<std::string> layer_version_arns);         ///< replaces all layers

    // ---- create, change, delete

    /// Creates the function from the settings above. Returns when the service has accepted the request: call
    /// wait_for_state_active() before the first invoke(). On AWS, a new role may not be assumable yet; the request is
    /// repeated for up to 30 seconds.
    ///
    /// Status: ok with the configuration as data; warning if the function already exists; error with AWS's code, e.g.
    /// ValidationException (a setting is out of range) or InvalidParameterValueException (the role cannot be assumed,
    /// or the zip is invalid). For a missing role, missing code or an unknown architecture the code is
    /// ParamValidationError, and the function is not created.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    virtual Status create();
    /// Returns the CreateFunction request that create() would send, with the zip as base64 text. Sends no request.
    Json create_kwargs() const;
    /// Returns whether the named function exists, or this one if the name is empty.
    bool exists(const std::string& function_name = "") const;
    /// Deletes the function with its versions, aliases and URL, and by default its log group. Returns false if the
    /// function did not exist; the log group is deleted anyway. Source: API_DeleteFunction.html
    bool delete_(bool delete_log_group = true);

    /// Zips folder_code. If s3_bucket is set, uploads the zip to s3_bucket and s3_key, and creates the bucket if
    /// needed; an empty s3_key becomes lambdas/NAME.zip. Otherwise stores the zip in zip_bytes. Returns false, without
    /// doing anything, if folder_code is empty or image_uri is set. Errors: FileError; CodeStorageExceeded, naming the
    /// five largest files, if the folder has more than 262,144,000 bytes; those of S3.
    bool upload();
    /// Updates the function, or creates it if it does not exist. Zips folder_code if set, sends the code if set, then
    /// the configuration, and waits up to one minute for each. Data: {"update_code", "update_config"}, the results of
    /// update_lambda_code() and update_lambda_configuration(); or the data of create().
    /// Status: as create(); error also with UpdateFailed (the service could not apply the update) or WaitTimeout (it
    /// did not finish in time). The message contains State and StateReason, or LastUpdateStatus and its reason.
    Status update();
    /// Sends the new code: image_uri if set, else zip_bytes, else s3_bucket and s3_key. If another update is in
    /// progress, waits for it up to one minute. Returns the configuration. Its LastUpdateStatus is InProgress until the
    /// new code is used; until then invocations run the old code.
    /// Errors: ResourceNotFoundException (create the function with create()), InvalidParameterValueException (the zip
    /// is invalid), RequestEntityTooLargeException (over 50 MB: upload it to S3 and set s3_bucket and s3_key). Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
    Json update_lambda_code();
    Json update_lambda_image_uri(const std::string& uri);  ///< Sets image_uri and calls update_lambda_code().
    /// Sends all settings except the code, and waits for other updates as update_lambda_code() does. Returns the
    /// configuration. An empty `role` is not sent.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
    Json update_lambda_configuration();
    /// Sends any members of UpdateFunctionConfiguration, e.g. {{"MemorySize", 1024}}, and returns the configuration.
    /// Does not wait, and does not change the settings above. Errors: ValidationException; ResourceConflictException
    /// while another update is in progress (call wait_for_function_update_to_complete() first).
    Json configuration_update(const Json& members);

    // ---- invoke: an invocation is not repeated if the function may have run

    /// Invokes the function and returns its result. Waits at most 16 minutes. Event and result are limited to 6 MB
    /// (6,291,456 bytes) each. Does not throw. Other return values:
    /// - the request failed: {"error": "CODE: reason"}
    /// - the handler failed: its payload {errorMessage, errorType, ...} with an added "error": "TYPE: message"
    /// - the result is not JSON: {"raw_message": text}
    /// - the handler called Response_Writer::http(): {statusCode, headers, cookies, body}
    ///
    /// Codes: ResourceNotFoundException; TooManyRequestsException (too many concurrent invocations: try again later);
    /// RequestEntityTooLargeException (store the event in S3 and send its key).
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    Json invoke(const Json& payload = Json::object());
    /// Starts invoke() in a thread of its own and returns its result as a future, so that calls run in parallel. The
    /// thread uses the current name and the session: the object may be changed or destroyed. The destructor of a future
    /// waits for the result. Limits: docs/reference/parallel_calls.md. Errors: std::system_error if the system creates
    /// no thread.
    std::future<Json> invoke_future(Json payload = Json::object()) const;
    /// Invokes the function and returns the complete response. Does not throw: errors are part of the result.
    Invoke_Result invoke_raw(const Json& payload = Json::object(), const Invoke_Options& options = {});
    /// Invokes the function and returns its result and the last 4 KB of its log. Does not throw.
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());
    /// Queues an event of at most 1 MB (1,048,576 bytes) and returns {"StatusCode": 202, "RequestId": ...}. If the
    /// handler fails, it is retried after one minute, and again after two more minutes. Its result is discarded. Throws
    /// Aws_Exception if the event cannot be queued.
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    Json invoke_async(const Json& payload = Json::object());
    /// Checks whether the caller may invoke the function, without running it. Returns {"StatusCode": 204, "RequestId":
    /// ...}, or throws Aws_Exception.
    Json invoke_dry_run(const Json& payload = Json::object());

    // ---- inspect

    /// Returns the configuration: {FunctionName, FunctionArn, Runtime, Role, Handler, CodeSize (bytes), CodeSha256
    /// (base64), Timeout (seconds), MemorySize (MB), State, LastUpdateStatus, Environment, Layers, ...}. Errors:
    /// ResourceNotFoundException.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    Json configuration() const;
    /// Returns {Configuration (as configuration()), Code, Tags} of the named function, or of this one if the name is
    /// empty. Code.Location is a URL of the zip, valid for ten minutes. Tags is missing if there are none. Errors:
    /// ResourceNotFoundException. Source: API_GetFunction.html
    Json info(const std::string& function_name = "") const;
    std::string function_arn() const;  ///< Returns the function's ARN. Errors: ResourceNotFoundException
    /// Lists the configurations of all functions of the account and region, as configuration(). AWS does not return
    /// State and LastUpdateStatus here. Source: API_ListFunctions.html
    Json functions(const List_Options& options = {}) const;
    std::vector<std::string> functions_names() const;  ///< Lists the names of all functions, sorted.
    /// Returns the limits and usage of the account: {AccountLimit: {CodeSizeZipped, CodeSizeUnzipped, TotalCodeSize
    /// (bytes), ConcurrentExecutions, UnreservedConcurrentExecutions}, AccountUsage: {FunctionCount, TotalCodeSize
    /// (bytes)}}. Source: API_GetAccountSettings.html
    Json account_settings() const;
    Logs log_group() const;  ///< Returns the log group /aws/lambda/NAME, which may not exist yet. Sends no request.

    // ---- function URL: of an alias, or of the function itself if the alias is empty
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html

    /// Creates the URL and returns {FunctionUrl, FunctionArn, AuthType, InvokeMode, Cors, CreationTime,
    /// LastModifiedTime}. If it already exists, it is not changed, and the result is {"status": "warning", "message"}.
    /// To call it, callers need a permission: see permission_add(). Throws Aws_Exception: ResourceNotFoundException (no
    /// such function or alias), ValidationException. Source: API_CreateFunctionUrlConfig.html
    Json function_url_create(const Function_Url_Options& options = {});
    /// Creates the URL with auth_type NONE and allows everyone to call it. Adds both policy statements that AWS
    /// requires since October 2025. An existing URL gets auth_type NONE and keeps its invoke_mode (change it with
    /// function_url_update()).
    /// Status: ok with {"function_url_create", "function_set_policy"} as data. The first is the result of
    /// function_url_create(), or of function_url_update() if an existing URL was changed. The second is the statement
    /// for lambda:InvokeFunctionUrl. Error with AWS's code: without data if the URL cannot be created; if a statement
    /// was rejected, with data, whose function_set_policy is {"error": "CODE: reason"}. Source:
    /// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    Status function_url_create_with_public_access(const std::string& invoke_mode = "BUFFERED");
    std::string function_url(const std::string& alias = "") const;  ///< Returns https://.../; empty if there is none.
    Json function_url_info(const std::string& alias = "") const;    ///< As function_url_create(); {} if there is none.
    bool function_url_exists(const std::string& alias = "") const;  ///< Returns whether there is a URL.
    /// Changes the URL. Returns the same object as function_url_create(), or null if there is no URL. Errors:
    /// ValidationException. Source: API_UpdateFunctionUrlConfig.html
    Json function_url_update(const Function_Url_Changes& changes);
    bool function_url_delete(const std::string& alias = "");  ///< Deletes the URL. Returns false if there was none.

    // ---- permissions: the function's policy, which allows other services and accounts to call it
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html

    /// Adds a statement to the policy. Status: ok with the statement as data: {Sid, Effect, Principal, Action,
    /// Resource, Condition}; error with ResourceConflictException (a statement with that id exists) or
    /// ValidationException. Source: API_AddPermission.html
    Status permission_add(const Permission& permission);
    /// Removes a statement from the policy of the named function, or of this one if the name is empty. Status: ok with
    /// {} as data; error with ResourceNotFoundException (no such statement). Source: API_RemovePermission.html
    Status permission_delete(const std::string& function_name, const std::string& statement_id);
    /// Returns the policy: {Version, Id, Statement: [...]}, or {} if there is no policy or no function.
    /// Source: API_GetPolicy.html
    Json policy() const;
    Json permissions() const;  ///< Lists the statements, as the data of permission_add(); [] if there are none.
    /// Returns permissions(), indexed or grouped by a member.
    Json policy_statements(const List_Options& options = {}) const;
    /// Removes all statements, with one request per statement, and stops at the first error. Errors:
    /// AccessDeniedException.
    Lambda& policy_statements_clear();

    // ---- versions, aliases, event sources: an empty function_name means this function

    /// Publishes $LATEST as a new version and returns its configuration, with its number as `Version`. If nothing
    /// changed since the last version, returns that version. Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    Json publish_version(const std::string& version_description = "");
    /// Lists the configurations of all versions, $LATEST first. Source: API_ListVersionsByFunction.html
    Json versions(const List_Options& options = {}) const;
    /// Creates an alias. Status: ok with the alias as data: {AliasArn, Name, FunctionVersion, Description, RevisionId};
    /// error with ResourceConflictException (the alias exists), ResourceNotFoundException (no such function or version)
    /// or ValidationException. Source: API_CreateAlias.html
    Status alias_create(const Alias& alias);
    /// Returns an existing alias, in the form of alias_create(). Status: error with ResourceNotFoundException if it
    /// does not exist. Source: API_GetAlias.html
    Status alias(const std::string& function_name, const std::string& alias_name) const;
    /// Lists the aliases of a function, as the data of alias_create(). Errors: ResourceNotFoundException.
    /// Source: API_ListAliases.html
    Json aliases(const std::string& function_name = "", const List_Options& options = {}) const;
    /// Deletes an alias. Status: ok with {} as data, also if it did not exist; error with AWS's code.
    /// Source: API_DeleteAlias.html
    Status alias_delete(const std::string& function_name, const std::string& alias_name);
    /// Connects a queue to the function. Status: ok with the mapping as data: {UUID, EventSourceArn, FunctionArn,
    /// BatchSize, State, ...}; error with InvalidParameterValueException (no such queue, the role may not read it, or a
    /// setting is out of range) or ResourceConflictException (the mapping exists). Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    Status event_source_create(const Event_Source& source);
    /// Lists all mappings of the account and region, as the data of event_source_create().
    /// Source: API_ListEventSourceMappings.html
    Json event_sources(const List_Options& options = {}) const;
    /// Deletes a mapping by its UUID. Status: ok with the mapping as data; error with AWS's code.
    /// Source: API_DeleteEventSourceMapping.html
    Status event_source_delete(const std::string& event_source_uuid);

    // ---- wait: for at most count * interval. The local engine responds when the change is complete. AWS is polled:
    // after 1 ms, 2 ms, 4 ms ... and then once per interval.

    /// Waits until the function is in a state: Pending, Active, Inactive or Failed. Status: ok with configuration() as
    /// data; error immediately if the function is Failed (with its reason) or does not exist; error WaitTimeout if the
    /// state is not reached in time.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    Status wait_for_state(const std::string& state, const Wait_Options& options = {});
    /// Waits until the function is Active. Call it between create() and the first invoke().
    Status wait_for_state_active(const Wait_Options& options = {}) { return wait_for_state("Active", options); }
    /// Waits until the last update is complete, by default for up to 4 seconds, and returns its LastUpdateStatus:
    /// Successful or Failed, or InProgress if it did not complete in time. Errors: ResourceNotFoundException.
    std::string wait_for_function_update_to_complete(const Wait_Options& options = {
                                                         .wait_interval = std::chrono::milliseconds(100)});

    // ---- shell, for functions whose handler is wrapped with lambda_shell

    /// Returns a shell client for this function. Sends no request. An empty key means the local environment variable
    /// LAMBDA_SHELL__AUTH_KEY. Include <osbot_aws/apis/shell/Shell_Client.hpp> to use it.
    Shell_Client shell(const std::string& auth_key = "") const;
    /// Runs Python code in the function: Shell_Client::python_exec().
    Json shell_python_exec(const std::string& code, const std::string& auth_key = "") const;

    const Session& session() const { return session_; }  ///< the session that the calls use

private:
    Session session_;
};

/// Invokes a function by name: Lambda::invoke().
Json invoke_lambda(const std::string& lambda_name, const Json& payload);
/// Queues an event for a function by name: Lambda::invoke_async().
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload);

}  // namespace osbot_aws
