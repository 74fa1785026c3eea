#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

/// What invoke_raw() answers.
struct Invoke_Answer {
    std::string status = "ok";  ///< error: the call itself failed; a failing handler is ok with `function_error`
    std::string name;
    Json data;                   ///< the function's return value, or {"raw_message": text} when it is no JSON
    std::string function_error;  ///< "" or Unhandled
    std::string error;           ///< why the call failed, or what the handler's error says
    Json response;               ///< StatusCode, ExecutedVersion, RequestId, LogResult (decoded)
    Json to_json() const;
};

/// What invoke_return_logs() answers: the seed's five keys, and `error`.
struct Invoke_Logs {
    std::string status = "ok";
    std::string name;
    Json return_value;
    std::string execution_logs;  ///< the last 4 KB of the log of this invoke
    std::string request_id;
    std::string error;
    Json to_json() const;
};

struct Function_Url_Options {
    std::string auth_type = "AWS_IAM";     ///< or NONE
    std::string invoke_mode = "BUFFERED";  ///< or RESPONSE_STREAM
    std::string function_alias;
    Json cors;
};

struct Permission {
    std::string function_arn;
    std::string statement_id;
    std::string action;
    std::string principal;
    std::string source_arn;
    std::string function_url_auth_type;
};

struct Wait_Options {
    std::chrono::milliseconds max_wait{40'000};
    std::chrono::milliseconds interval_max{1'000};  ///< intervals grow from 10 ms to this
};

/// One Lambda function, by name: create it, change it, call it, look at it, delete it.
///
/// The public members are the settings that create() and update() send; nothing leaves this object before then. Each
/// call is one round trip to the target that the Session resolved, unless it says otherwise.
///
/// Methods that answer a Status, or a Json with "error", do not throw; all others throw Aws_Exception with AWS's code.
/// Threads: use one object from one thread at a time; different objects are independent.
class Lambda {
public:
    std::string name;  ///< dots become `_`
    std::string runtime = "python3.11";
    std::string handler;                  ///< `module.function`; empty means `<name>.run`
    int memory = 512;                     ///< MB, 128 to 10'240
    int timeout = 60;                     ///< seconds, 1 to 900
    int ephemeral_storage = 512;          ///< MB of /tmp, 512 to 10'240
    std::string architecture = "x86_64";  ///< or `arm64`
    std::string role;                     ///< ARN
    std::string trace_mode = "PassThrough";
    std::string description;
    std::string s3_bucket, s3_key;  ///< where the zip is, unless zip_bytes is set
    std::string zip_bytes;          ///< the zip itself, up to 50 MB
    std::string image_uri;
    std::vector<std::string> layers;  ///< layer version ARNs in order; later ones lie over earlier ones
    std::map<std::string, std::string> env_variables;
    std::map<std::string, std::string> tags;

    explicit Lambda(std::string name, Session session = {});

    Lambda& set_role(std::string arn);
    Lambda& set_s3_bucket(std::string bucket);
    Lambda& set_s3_key(std::string key);
    Lambda& set_handler(std::string path);
    Lambda& set_trace_mode(std::string mode);
    Lambda& set_env_variable(std::string key, std::string value);
    Lambda& set_env_variables(std::map<std::string, std::string> variables);  ///< replaces all
    Lambda& add_layer(std::string layer_version_arn);                         ///< adding one twice keeps one
    Lambda& add_layers(const std::vector<std::string>& layer_version_arns);
    Lambda& set_layers(std::vector<std::string> layer_version_arns);

    /// Creates the function from the settings above. Answers as soon as the service has accepted it: call
    /// wait_for_state_active() before the first invoke(). A role that was just made may not be assumable yet; that is
    /// retried for 30 seconds.
    ///
    /// Status: warning when it exists already; error with AWS's code, e.g. ValidationException (a setting is out of
    /// range),
    ///         InvalidParameterValueException (role can't be assumed, bad zip); `role` or code missing names the field.
    /// Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    Status create();
    bool exists(const std::string& function_name = "") const;
    /// Deletes the function and, unless told otherwise, its log group. False: there was none.
    bool delete_(bool delete_log_group = true);

    /// Code (when set) and configuration; creates the function when there is none. Waits until each is through.
    Status update();
    Json update_lambda_code();
    Json update_lambda_image_uri(const std::string& uri);
    Json update_lambda_configuration();
    /// Any members of UpdateFunctionConfiguration, as they are on the wire. Does not wait.
    Json configuration_update(Json members);

    /// Calls the function and waits for what it returns: that value, or {"error": ...} if the call failed; a failing
    /// handler's payload gets an "error" beside errorMessage and errorType. Source:
    /// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    Json invoke(const Json& payload = Json::object());
    Invoke_Answer invoke_raw(const Json& payload = Json::object(), bool log_tail = false,
                             const std::string& qualifier = "");
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());
    /// Answers {"StatusCode": 202, "RequestId": ...} when the event is queued.
    Json invoke_async(const Json& payload = Json::object());
    /// Answers {"StatusCode": 204} when the caller may invoke the function; runs nothing.
    Json invoke_dry_run(const Json& payload = Json::object());

    Json configuration() const;
    Json info(const std::string& function_name = "") const;  ///< {Configuration, Code, Tags}
    std::string function_arn() const;
    Json functions() const;  ///< all of the account and region
    std::vector<std::string> functions_names() const;

    Json function_url_create(const Function_Url_Options& options = {});
    /// Creates the URL (or takes the one there is) and lets everybody call it: both statements that AWS asks for since
    /// October 2025. Answers {"function_url_create", "function_set_policy"}.
    Json function_url_create_with_public_access(const std::string& invoke_mode = "BUFFERED");
    std::string function_url() const;  ///< empty: there is none
    Json function_url_info() const;    ///< {} when there is none
    bool function_url_exists() const;
    Json function_url_update(const Function_Url_Options& options);
    bool function_url_delete();

    Json permission_add(const Permission& permission);  ///< the statement, or {"error": ...}
    Json permission_delete(const std::string& function_name, const std::string& statement_id);
    Json policy() const;       ///< {} when there is none
    Json permissions() const;  ///< the list of statements
    Json policy_statements() const { return permissions(); }
    Lambda& policy_statements_clear();

    /// ok once the state is reached; error at once when the function has Failed (with its reason), or after the time.
    Status wait_for_state(const std::string& state, Wait_Options options = {});
    Status wait_for_state_active(Wait_Options options = {}) { return wait_for_state("Active", options); }
    /// LastUpdateStatus once it is no longer InProgress, or InProgress after the time.
    std::string wait_for_function_update_to_complete(Wait_Options options = {});

    const Session& session() const { return session_; }

private:
    Session session_;
};

/// invoke() and invoke_async() of a function by its name.
Json invoke_lambda(const std::string& lambda_name, const Json& payload);
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload);

}  // namespace osbot_aws
