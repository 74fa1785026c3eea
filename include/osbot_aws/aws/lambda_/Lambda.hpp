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
/// Aws_Exception with AWS's code. Threads: use one object from one thread at a time; different objects are independent.
class Lambda {
public:
    std::string name;                        ///< dots become `_`
    std::string runtime = "python3.11";      ///< Lambda's identifier
    std::string handler;                     ///< `module.function`; empty means `NAME.run`
    int memory = 512;                        ///< MB, 128 to 10'240
    int timeout = 60;                        ///< seconds, 1 to 900
    int ephemeral_storage = 512;             ///< MB of /tmp, 512 to 10'240
    std::string architecture = "x86_64";     ///< or `arm64`
    std::string role;                        ///< ARN
    std::string trace_mode = "PassThrough";  ///< or Active
    std::string description;                 ///< up to 256 characters
    std::string s3_bucket;                   ///< where the zip is, unless zip_bytes is set
    std::string s3_key;                      ///< of the zip
    std::string zip_bytes;                   ///< the zip itself, up to 50 MB
    std::filesystem::path folder_code;       ///< what upload() zips
    std::string image_uri;                   ///< of a container image, in the place of code
    std::vector<std::string> layers;         ///< layer version ARNs in order; later ones lie over earlier ones
    std::map<std::string, std::string> env_variables;  ///< seen by the function
    std::map<std::string, std::string> tags;           ///< of the function

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
    /// What create() sends, without sending it.
    Json create_kwargs() const;
    bool exists(const std::string& function_name = "") const;  ///< There is such a function; empty: this one.
    /// Deletes the function and, unless told otherwise, its log group. False: there was none.
    bool delete_(bool delete_log_group = true);

    /// Zips folder_code: to s3_bucket and s3_key (made when missing) when a bucket is set, else into zip_bytes. False:
    /// there is no folder_code, or an image is used.
    bool upload();
    /// Uploads folder_code (when set), then sends code (when set) and configuration, each waited for; creates the
    /// function when there is none. data: {"update_code", "update_config"}.
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
    /// Any members of UpdateFunctionConfiguration, as they are on the wire. Does not wait.
    Json configuration_update(const Json& members);

    // ---- invoke; never sent twice when it is not known whether the function ran

    /// Calls the function and waits for what it returns: that value, or {"error": ...} if the call failed; a failing
    /// handler's payload gets an "error" beside errorMessage and errorType. Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    Json invoke(const Json& payload = Json::object());
    /// The whole answer, errors included.
    Invoke_Answer invoke_raw(const Json& payload = Json::object(), const Invoke_Options& options = {});
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());  ///< with the last 4 KB of the log
    /// Answers {"StatusCode": 202, "RequestId": ...} when the event is queued.
    Json invoke_async(const Json& payload = Json::object());
    /// Answers {"StatusCode": 204} when the caller may invoke the function; runs nothing.
    Json invoke_dry_run(const Json& payload = Json::object());

    // ---- look

    /// {FunctionName, FunctionArn, Runtime, Role, Handler, CodeSize (bytes), CodeSha256 (base64), Timeout (seconds),
    /// MemorySize (MB), State, LastUpdateStatus, Environment, Layers, ...}. Errors: ResourceNotFoundException.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
    Json configuration() const;
    /// {Configuration, Code, Tags}; Code has the Location, where the zip can be fetched for ten minutes.
    Json info(const std::string& function_name = "") const;
    std::string function_arn() const;                        ///< Errors: ResourceNotFoundException
    Json functions(const List_Options& options = {}) const;  ///< all of the account and region
    std::vector<std::string> functions_names() const;        ///< sorted
    Json account_settings() const;                           ///< {AccountLimit, AccountUsage}
    Logs log_group() const;                                  ///< /aws/lambda/NAME

    // ---- function URL

    /// Answers the URL's configuration; {"status": "warning", "message"} when there is one already.
    Json function_url_create(const Function_Url_Options& options = {});
    /// Creates the URL (or takes the one there is) and lets everybody call it: both statements that AWS asks for since
    /// October 2025. Answers {"function_url_create", "function_set_policy"}, the second the statement.
    Json function_url_create_with_public_access(const std::string& invoke_mode = "BUFFERED");
    std::string function_url(const std::string& alias = "") const;  ///< empty: there is none
    Json function_url_info(const std::string& alias = "") const;    ///< {} when there is none
    bool function_url_exists(const std::string& alias = "") const;  ///< There is a URL, of the alias when one is named.
    Json function_url_update(const Function_Url_Changes& changes);  ///< null: there is none
    bool function_url_delete(const std::string& alias = "");        ///< false: there was none

    // ---- permissions

    Json permission_add(const Permission& permission);  ///< the statement, or {"error": ...}
    /// {}, or {"error": ...}
    Json permission_delete(const std::string& function_name, const std::string& statement_id);
    Json policy() const;                                             ///< {} when there is none
    Json permissions() const;                                        ///< the list of statements
    Json policy_statements(const List_Options& options = {}) const;  ///< permissions(), by a member
    Lambda& policy_statements_clear();                               ///< removes all

    // ---- versions, aliases, event sources; what is asked for by function_name is this function when that is empty

    /// What $LATEST is now, under the next number: its configuration, `Version` among it. When nothing changed since
    /// the last one, that one. Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
    Json publish_version(const std::string& version_description = "");
    Json versions(const List_Options& options = {}) const;  ///< $LATEST first
    Json alias_create(const Alias& alias);                  ///< or {"status": "error", "error": ...}
    Json alias(const std::string& function_name, const std::string& alias_name) const;  ///< or {"status": "error", ...}
    /// ListAliases, whole.
    Json aliases(const std::string& function_name = "", const List_Options& options = {}) const;
    /// {}, or {"status": "error", "error": ...}
    Json alias_delete(const std::string& function_name, const std::string& alias_name);
    Json event_source_create(const Event_Source& source);            ///< or {"status": "error", "error": ...}
    Json event_sources(const List_Options& options = {}) const;      ///< all of the account and region
    Json event_source_delete(const std::string& event_source_uuid);  ///< or {"status": "error", "error": ...}

    // ---- wait: at most the count times the interval. The local engine answers when the function is ready; AWS is
    // asked again, after 1 ms, 2 ms, 4 ms ... and then each interval.

    /// ok once the state is reached; error at once when the function has Failed (with its reason), or after the time.
    Status wait_for_state(const std::string& state, const Wait_Options& options = {});
    /// Wait_for_state() of Active.
    Status wait_for_state_active(const Wait_Options& options = {}) { return wait_for_state("Active", options); }
    /// LastUpdateStatus once it is no longer InProgress (Successful or Failed), or InProgress after the time.
    std::string wait_for_function_update_to_complete(const Update_Wait_Options& options = {});

    // ---- shell, for functions whose handler is wrapped with lambda_shell

    /// Include <osbot_aws/apis/shell/Shell_Client.hpp> to use it.
    Shell_Client shell(const std::string& auth_key = "") const;
    /// Shell_Client::python_exec().
    Json shell_python_exec(const std::string& code, const std::string& auth_key = "") const;

    const Session& session() const { return session_; }  ///< where calls go

private:
    Session session_;
};

/// invoke() and invoke_async() of a function by its name.
Json invoke_lambda(const std::string& lambda_name, const Json& payload);
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload);

}  // namespace osbot_aws
