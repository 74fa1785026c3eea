// What Lambda's methods take and answer.
#pragma once

#include <chrono>
#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

struct Invoke_Options {
    std::string log_type = "None";  ///< or Tail: the last 4 KB of the log come along
    std::string qualifier = {};     ///< a version or an alias
    Json client_context = nullptr;  ///< what the handler finds in its context; up to 3,583 bytes
};

/// What invoke_raw() answers.
struct Invoke_Answer {
    std::string status = "ok";  ///< error: the call itself failed; a failing handler is ok with `function_error`
    std::string name;
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
    std::string status = "ok";
    std::string name;
    Json return_value;
    std::string execution_logs;  ///< the last 4 KB of the log of this invoke
    std::string request_id;
    std::string error;
    /// {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' when there is one.
    Json to_json() const;
};

struct Function_Url_Options {
    std::string auth_type = "AWS_IAM";     ///< or NONE
    std::string invoke_mode = "BUFFERED";  ///< or RESPONSE_STREAM
    std::string function_alias = {};
    Json cors = nullptr;
};

/// What is empty stays as it is.
struct Function_Url_Changes {
    std::string auth_type = {};
    std::string invoke_mode = {};
    std::string function_alias = {};
    Json cors = nullptr;
};

struct Permission {
    std::string function_arn = {};  ///< or name; empty: this function
    std::string statement_id = {};
    std::string action = {};
    std::string principal = {};
    std::string source_arn = {};
    std::string function_url_auth_type = {};
};

struct Alias {
    std::string function_name = {};  ///< empty: this function
    std::string function_version = {};
    std::string name = {};
    std::string description = {};
};

struct Event_Source {
    std::string event_source_arn = {};
    std::string function_name = {};  ///< empty: this function
};

/// Lists as they are, or as an object: by a member of each item (the last one wins), or lists of those that share it.
struct List_Options {
    std::string index_by = {};
    std::string group_by = {};
};

struct Wait_Options {
    int max_wait_count = 40;
    std::chrono::milliseconds wait_interval{1'000};
};

struct Update_Wait_Options {
    int max_attempts = 40;
    std::chrono::milliseconds wait_time{1'000};
};

}  // namespace osbot_aws
