#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <osbot_aws/apis/Logs.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Results.hpp>
#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

class Shell_Client;

/// One Lambda function, by name: create it, change it, call it, look at it, delete it.
///
/// The public members are the settings that create() and update() send; nothing leaves this object before then. Each
/// call is one round trip to the target that the Session resolved, unless it says otherwise; lists come whole, whatever
/// the size of AWS's pages.
///
/// Errors: methods that answer a Status, or a Json with "error" in their comment, do not throw; all others throw
/// Aws_Exception with AWS's code: ResourceNotFoundException (create() makes the function), AccessDeniedException (the
/// caller's policies), EndpointConnectionError and NoRegionError (Session::target() says where calls go). What may pass
/// by itself is tried three times. Threads: use one object from one thread at a time; different objects are
/// independent. Source, by the names of operations below:
/// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Lambda {
public:
    std::string name;                        ///< dots become `_`; up to 64 of a-z, A-Z, 0-9, - and _
    std::string runtime = "python3.11";      ///< Lambda's identifier
    std::string handler;                     ///< `module.function`, up to 128 characters; empty means `NAME.run`
    int memory = 512;                        ///< MB, 128 to 10'240
    int timeout = 60;                        ///< seconds, 1 to 900
    int ephemeral_storage = 512;             ///< MB of /tmp, 512 to 10'240
    std::string architecture = "x86_64";     ///< or `arm64`
    std::string role;                        ///< ARN
    std::string trace_mode = "PassThrough";  ///< or Active
    std::string description;                 ///< up to 256 characters
    std::string s3_bucket;                   ///< where the zip is, unless zip_bytes is set
    std::string s3_key;                      ///< of the zip
    std::string zip_bytes;                   ///< the zip itself, up to 50 MB (52,428,800 bytes)
    std::filesystem::path folder_code;       ///< what upload() zips
    std::string image_uri;                   ///< of a container image, in the place of code
    std::vector<std::string> layers;         ///< up to 5 layer version ARNs; later ones lie over earlier ones
    std::map<std::string, std::string> env_variables;  ///< seen by the function; up to 4 KB in all, as JSON
    std::map<std::string, std::string> tags;           ///< of the function, up to 50; sent by create() alone

    explicit Lambda(std::string name, Session session = {});  ///< Sends nothing.

    Lambda& set_role(std::string arn);                                        ///< sets `role`
    Lambda& set_s3_bucket(std::string bucket);                                ///< sets `s3_bucket`
    Lambda& set_s3_key(std::string key);                                      ///< sets `s3_key`
    Lambda& set_folder_code(std::filesystem::path folder);                    ///< sets `folder_code`
    Lambda& set_handler(std::string path);                                    ///< sets `handler`
    Lambda& set_trace_mode(std::string mode);                                 ///< sets `trace_mode`
    Lambda& set_env_variable(std::string key, std::string value);             ///< adds one
    Lambda& set_env_variables(std::map<std::string, std::string> variables);  ///< replaces all
    Lambda& add_layer(std::string layer_version_arn);                         ///< adding one twice keeps one
    Lambda& add_layers(const std::vector<std::string>& layer_version_arns);   ///< add_layer() of each
    Lambda& set_layers(std::vector<std::string> layer_version_arns);          ///< replaces all

    // ---- create, change, delete

    /// Creates the function from the settings above. Answers as soon as the service has accepted it: call
    /// wait_for_state_active() before the first invoke(). A role that was just made may not be assumable yet; that is
    /// retried for 30 seconds.
    ///
    /// Status: warning when it exists already; error with AWS's code, e.g. ValidationException (a setting is out of
    /// range), InvalidParameterValueException (role can't be assumed, bad zip); a missing role or code, or an unknown
    /// architecture, names the field. Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    Status create();
    /// What create() sends, without sending it: CreateFunction's request, the zip as base64 text.
    Json create_kwargs() const;
    bool exists(const std::string& function_name = "") const;  ///< There is such a function; empty: this one.
    /// Deletes the function, with its versions, aliases and URL, and, unless told otherwise, its log group. False:
    /// there was no such function; its log group goes all the same. Source: API_DeleteFunction.html
    bool delete_(bool delete_log_group = true);

    /// Zips folder_code: to s3_bucket and s3_key (made when missing) when a bucket is set, else into zip_bytes. False:
    /// there is no folder_code, or an image is used. An empty s3_key becomes lambdas/NAME.zip. Errors: FileError;
    /// CodeStorageExceeded, over 262,144,000 bytes unpacked (its message names the five largest files); those of S3.
    bool upload();
    /// Uploads folder_code (when set), then sends code (when set) and configuration, each waited for, up to a minute;
    /// creates the function when there is none. data: {"update_code", "update_config"}, the answers of
    /// update_lambda_code() and update_lambda_configuration(); or create()'s.
    /// Status: as create(); error also with UpdateFailed, when the service could not do it, and WaitTimeout, when it
    /// was not done in time: the message has State and StateReason, or LastUpdateStatus and its reason.
    Status update();
    /// Sends zip_bytes, else s3_bucket and s3_key, else image_uri, and answers the configuration, whose
    /// LastUpdateStatus is InProgress until the code is in place; invokes run the old code meanwhile. Another's update
    /// in progress is waited for, up to a minute. Errors: ResourceNotFoundException (create() it),
    /// InvalidParameterValueException (a bad zip), RequestEntityTooLargeException (over 50 MB: send it by S3). Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
    Json update_lambda_code();
    Json update_lambda_image_uri(const std::string& uri);  ///< Sets image_uri, and the same.
    /// Sends every setting but the code, as update_lambda_code() does.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
    Json update_lambda_configuration();
    /// Any members of UpdateFunctionConfiguration, as they are on the wire: {{"MemorySize", 1024}}. Does not wait, and
    /// leaves the settings above as they are. Errors: ValidationException; ResourceConflictException, while another
    /// update is in progress (wait_for_function_update_to_complete()).
    Json configuration_update(const Json& members);

    // ---- invoke; never sent twice when it is not known whether the function ran

    /// Calls the function and waits for what it returns, 16 minutes at most: that value, or {"error": "CODE: why"} if
    /// the call failed; a failing handler's payload gets an "error" beside errorMessage and errorType. What is no JSON
    /// comes as {"raw_message": text}. Event and result have 6 MB (6,291,456 bytes) each.
    /// Errors: ResourceNotFoundException; TooManyRequestsException (too many at once: later);
    /// RequestEntityTooLargeException (put it into S3, and send its key). Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    Json invoke(const Json& payload = Json::object());
    /// The whole answer, errors included; does not throw.
    Invoke_Answer invoke_raw(const Json& payload = Json::object(), const Invoke_Options& options = {});
    /// The same, with the last 4 KB of the log of this call.
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());
    /// Answers {"StatusCode": 202, "RequestId": ...} when the event, of 1 MB (1,048,576 bytes) at most, is queued. A
    /// handler that fails is called again after one minute, and after two more; what it returns is lost. Throws.
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    Json invoke_async(const Json& payload = Json::object());
    /// Answers {"StatusCode": 204, "RequestId": ...} when the caller may invoke the function; runs nothing. Throws.
    Json invoke_dry_run(const Json& payload = Json::object());

    // ---- look

    /// {FunctionName, FunctionArn, Runtime, Role, Handler, CodeSize (bytes), CodeSha256 (base64), Timeout (seconds),
    /// MemorySize (MB), State, LastUpdateStatus, Environment, Layers, ...}. Errors: ResourceNotFoundException.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    Json configuration() const;
    /// {Configuration (as configuration()), Code, Tags}, of this function when the name is empty; Code has the
    /// Location, where the zip can be fetched for ten minutes, and Tags are missing when there are none. Errors:
    /// ResourceNotFoundException. Source: API_GetFunction.html
    Json info(const std::string& function_name = "") const;
    std::string function_arn() const;  ///< Errors: ResourceNotFoundException
    /// Configurations, as configuration(), of all functions of the account and region; AWS leaves State and
    /// LastUpdateStatus out. Source: API_ListFunctions.html
    Json functions(const List_Options& options = {}) const;
    std::vector<std::string> functions_names() const;  ///< of functions(), sorted
    /// {AccountLimit: {CodeSizeZipped, CodeSizeUnzipped, TotalCodeSize (bytes), ConcurrentExecutions,
    /// UnreservedConcurrentExecutions}, AccountUsage: {FunctionCount, TotalCodeSize (bytes)}}.
    /// Source: API_GetAccountSettings.html
    Json account_settings() const;
    Logs log_group() const;  ///< /aws/lambda/NAME, which need not be there yet; sends nothing

    // ---- function URL; of the function itself when no alias is named
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html

    /// Answers {FunctionUrl, FunctionArn, AuthType, InvokeMode, Cors, CreationTime, LastModifiedTime};
    /// {"status": "warning", "message"} when there is one already, which stays as it is. Who may call it the policy
    /// says: permission_add(). Throws: ResourceNotFoundException (function or alias), ValidationException.
    Json function_url_create(const Function_Url_Options& options = {});
    /// Creates the URL with auth_type NONE and lets everybody call it: both statements that AWS asks for since October
    /// 2025. A URL that is there gets that auth_type, and keeps its invoke_mode: function_url_update() changes it.
    /// Answers
    /// {"function_url_create", "function_set_policy"}: what function_url_create() answers, or function_url_update() of
    /// one that needed a signature; and the statement, or {"error": "CODE: why"} when one of the two was refused.
    /// Throws. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    Json function_url_create_with_public_access(const std::string& invoke_mode = "BUFFERED");
    std::string function_url(const std::string& alias = "") const;  ///< https://.../; empty: there is none
    Json function_url_info(const std::string& alias = "") const;    ///< as function_url_create(); {}: there is none
    bool function_url_exists(const std::string& alias = "") const;  ///< There is a URL, of the alias when one is named.
    /// As function_url_create(), with the changes; null: there is none. Errors: ValidationException.
    Json function_url_update(const Function_Url_Changes& changes);
    bool function_url_delete(const std::string& alias = "");  ///< false: there was none

    // ---- permissions: who else may call the function, and what
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html

    /// The statement: {Sid, Effect, Principal, Action, Resource, Condition}, or {"error": "CODE: why"}:
    /// ResourceConflictException (a statement of that id is there), ValidationException.
    Json permission_add(const Permission& permission);
    /// {}, or {"error": "CODE: why"}: ResourceNotFoundException (no such statement). An empty function_name: this one.
    Json permission_delete(const std::string& function_name, const std::string& statement_id);
    Json policy() const;       ///< {Version, Id, Statement: [...]}; {} when there is none, or no function
    Json permissions() const;  ///< its statements, as permission_add() answers them; [] when there is none
    Json policy_statements(const List_Options& options = {}) const;  ///< permissions(), by a member
    /// Removes all, a request each, up to the first that is refused. Errors: AccessDeniedException.
    Lambda& policy_statements_clear();

    // ---- versions, aliases, event sources; what is asked for by function_name is this function when that is empty

    /// What $LATEST is now, under the next number: its configuration, `Version` among it. When nothing changed since
    /// the last one, that one. Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    Json publish_version(const std::string& version_description = "");
    /// Configurations, as configuration(), $LATEST first. Source: API_ListVersionsByFunction.html
    Json versions(const List_Options& options = {}) const;
    /// {AliasArn, Name, FunctionVersion, Description, RevisionId}, or {"status": "error", "error": "CODE: why"}:
    /// ResourceConflictException (there is one of that name), ResourceNotFoundException (function or version),
    /// ValidationException. Source: API_CreateAlias.html
    Json alias_create(const Alias& alias);
    /// As alias_create(), of one that is there. Source: API_GetAlias.html
    Json alias(const std::string& function_name, const std::string& alias_name) const;
    /// All of a function, as alias_create() answers them. Errors: ResourceNotFoundException. Source:
    /// API_ListAliases.html
    Json aliases(const std::string& function_name = "", const List_Options& options = {}) const;
    /// {}, also when there was none, or {"status": "error", "error": ...}
    Json alias_delete(const std::string& function_name, const std::string& alias_name);
    /// {UUID, EventSourceArn, FunctionArn, BatchSize, State, ...}, or {"status": "error", "error": "CODE: why"}:
    /// InvalidParameterValueException (no such queue, or the role can't read it), ResourceConflictException (they are
    /// connected already). Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    Json event_source_create(const Event_Source& source);
    /// All of the account and region, as event_source_create() answers them. Source: API_ListEventSourceMappings.html
    Json event_sources(const List_Options& options = {}) const;
    /// The mapping as it is deleted, by its UUID, or {"status": "error", "error": ...}
    Json event_source_delete(const std::string& event_source_uuid);

    // ---- wait: at most the count times the interval. The local engine answers when the function is ready; AWS is
    // asked again, after 1 ms, 2 ms, 4 ms ... and then each interval.

    /// ok once the state (Pending, Active, Inactive or Failed) is reached, with configuration() as data; error at once
    /// when the function has Failed (with its reason) or isn't there, or after the time (WaitTimeout).
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    Status wait_for_state(const std::string& state, const Wait_Options& options = {});
    /// wait_for_state() of Active: what the first invoke() after create() needs.
    Status wait_for_state_active(const Wait_Options& options = {}) { return wait_for_state("Active", options); }
    /// LastUpdateStatus once it is no longer InProgress (Successful or Failed), or InProgress after the time.
    /// Errors: ResourceNotFoundException.
    std::string wait_for_function_update_to_complete(const Update_Wait_Options& options = {});

    // ---- shell, for functions whose handler is wrapped with lambda_shell

    /// Sends nothing; an empty key: what LAMBDA_SHELL__AUTH_KEY says here. Include
    /// <osbot_aws/apis/shell/Shell_Client.hpp> to use it.
    Shell_Client shell(const std::string& auth_key = "") const;
    /// Shell_Client::python_exec().
    Json shell_python_exec(const std::string& code, const std::string& auth_key = "") const;

    const Session& session() const { return session_; }  ///< where calls go

private:
    Session session_;
};

/// Lambda::invoke() of a function by its name.
Json invoke_lambda(const std::string& lambda_name, const Json& payload);
/// Lambda::invoke_async() of a function by its name.
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload);

}  // namespace osbot_aws
