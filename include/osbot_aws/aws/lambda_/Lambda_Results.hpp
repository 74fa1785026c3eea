// What Lambda's methods take and answer.
#pragma once

#include <chrono>
#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// How invoke_raw() calls.
struct Invoke_Options {
    std::string log_type = "None";  ///< or Tail: the last 4 KB of the log come along
    std::string qualifier = {};     ///< a version or an alias
    Json client_context = nullptr;  ///< what the handler finds in its context; up to 3,583 bytes
};

/// What invoke_raw() answers.
struct Invoke_Answer {
    std::string status = "ok";   ///< error: the call itself failed; a failing handler is ok with `function_error`
    std::string name;            ///< of the function
    Json data;                   ///< the function's return value, or {"raw_message": text} when it is no JSON
    std::string function_error;  ///< "" or Unhandled
    std::string error;           ///< why the call failed, or what the handler's error says
    Json response;               ///< as boto3 answers: StatusCode, ExecutedVersion, FunctionError, LogResult (base64)
    std::string log_tail;        ///< LogResult in plain text
    /// {'status', 'name', 'data', 'response'}, and 'function_error' and 'error' when there are such.
    Json to_json() const;
};

/// What invoke_return_logs() answers.
struct Invoke_Logs {
    std::string status = "ok";   ///< ok or error
    std::string name;            ///< of the function
    Json return_value;           ///< what the function returned
    std::string execution_logs;  ///< the last 4 KB of the log of this invoke
    std::string request_id;      ///< as in the log lines
    std::string error;           ///< empty: none
    /// {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' when there is one.
    Json to_json() const;
};

/// What a function URL is made with.
struct Function_Url_Options {
    std::string auth_type = "AWS_IAM";     ///< or NONE
    std::string invoke_mode = "BUFFERED";  ///< or RESPONSE_STREAM
    std::string function_alias = {};       ///< empty: the function itself
    Json cors = nullptr;                   ///< as in AWS's Cors; null: none
};

/// What is empty stays as it is.
struct Function_Url_Changes {
    std::string auth_type = {};       ///< AWS_IAM or NONE
    std::string invoke_mode = {};     ///< BUFFERED or RESPONSE_STREAM
    std::string function_alias = {};  ///< empty: the function itself
    Json cors = nullptr;              ///< as in AWS's Cors; null: none
};

/// Who may do what with a function: one statement of its policy.
struct Permission {
    std::string function_arn = {};            ///< or name; empty: this function
    std::string statement_id = {};            ///< unique in the policy
    std::string action = {};                  ///< lambda:InvokeFunction ...
    std::string principal = {};               ///< a service, an account or *
    std::string source_arn = {};              ///< on whose behalf a service calls; empty: any
    std::string function_url_auth_type = {};  ///< for lambda:InvokeFunctionUrl: NONE or AWS_IAM
};

/// What an alias is made with.
struct Alias {
    std::string function_name = {};     ///< empty: this function
    std::string function_version = {};  ///< a number, or $LATEST
    std::string name = {};              ///< of the alias
    std::string description = {};       ///< up to 256 characters
};

/// What calls a function, e.g. a queue.
struct Event_Source {
    std::string event_source_arn = {};  ///< of a queue
    std::string function_name = {};     ///< empty: this function
};

/// Lists as they are, or as an object: by a member of each item (the last one wins), or lists of those that share it.
struct List_Options {
    std::string index_by = {};  ///< name of a member
    std::string group_by = {};  ///< name of a member
};

/// How long to wait for a state.
struct Wait_Options {
    int max_wait_count = 40;                         ///< looks at most
    std::chrono::milliseconds wait_interval{1'000};  ///< between two looks
};

/// How long to wait for an update.
struct Update_Wait_Options {
    int max_attempts = 40;                       ///< looks at most
    std::chrono::milliseconds wait_time{1'000};  ///< between two looks
};

}  // namespace osbot_aws
