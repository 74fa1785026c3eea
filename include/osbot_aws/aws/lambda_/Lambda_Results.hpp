// What Lambda's methods take and answer.
#pragma once

#include <chrono>
#include <string>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// How invoke_raw() calls. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
struct Invoke_Options {
    std::string log_type = "None";  ///< or Tail: the last 4 KB of the log come along
    std::string qualifier = {};     ///< a version or an alias; empty: $LATEST
    Json client_context = nullptr;  ///< what the handler finds in its context; up to 3,583 bytes, as base64 text
};

/// What invoke_raw() answers.
struct Invoke_Answer {
    std::string status = "ok";  ///< error: the call itself failed; a failing handler is ok with `function_error`
    std::string name;           ///< of the function
    /// What the function returned, or {"raw_message": text} when it is no JSON; of a failing handler {errorMessage,
    /// errorType, ...}; of a call that failed the text of `error`.
    Json data;
    std::string function_error;  ///< empty, or why `data` is an error: Unhandled
    std::string error;           ///< why the call failed, "CODE: why", or what the handler's error says, "TYPE: why"
    /// As boto3 answers: {StatusCode, RequestId, ExecutedVersion, FunctionError, LogResult (base64)}, the last two when
    /// there are such; null when the call failed.
    Json response;
    std::string log_tail;  ///< LogResult in plain text
    /// {'status', 'name', 'data', 'response'}, and 'function_error' and 'error' when there are such.
    Json to_json() const;
};

/// What invoke_return_logs() answers.
struct Invoke_Logs {
    std::string status = "ok";   ///< error: the call itself failed; a failing handler is ok with `error`
    std::string name;            ///< of the function
    Json return_value;           ///< Invoke_Answer::data; null when the call failed
    std::string execution_logs;  ///< the last 4,096 bytes of the log of this invoke
    std::string request_id;      ///< as in the log lines; empty when the call failed
    std::string error;           ///< Invoke_Answer::error; empty: none
    /// {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' when there is one.
    Json to_json() const;
};

/// What a function URL is made with. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
struct Function_Url_Options {
    std::string auth_type = "AWS_IAM";     ///< callers sign their requests; NONE: they need not
    std::string invoke_mode = "BUFFERED";  ///< or RESPONSE_STREAM: what the function writes is sent as it comes
    std::string function_alias = {};       ///< empty: the function itself
    /// {AllowCredentials (true or false), AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders (lists of texts),
    /// MaxAge (seconds)}, all optional; null: none.
    Json cors = nullptr;
};

/// What is to change of a function URL; what is empty stays as it is.
struct Function_Url_Changes {
    std::string auth_type = {};       ///< AWS_IAM or NONE
    std::string invoke_mode = {};     ///< BUFFERED or RESPONSE_STREAM
    std::string function_alias = {};  ///< whose URL; empty: the function's own
    Json cors = nullptr;              ///< as in Function_Url_Options; null: as it is
};

/// Who may do what with a function: one statement of its policy.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
struct Permission {
    std::string function_arn = {};            ///< or name; empty: this function
    std::string statement_id = {};            ///< unique in the policy: up to 100 of a-z, A-Z, 0-9, - and _
    std::string action = {};                  ///< lambda:InvokeFunction ...
    std::string principal = {};               ///< a service (s3.amazonaws.com), an account or *
    std::string source_arn = {};              ///< on whose behalf a service calls; empty: any
    std::string function_url_auth_type = {};  ///< for lambda:InvokeFunctionUrl: NONE or AWS_IAM
};

/// What an alias is made with. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
struct Alias {
    std::string function_name = {};     ///< empty: this function
    std::string function_version = {};  ///< a number, or $LATEST
    std::string name = {};              ///< of the alias: up to 128 of a-z, A-Z, 0-9, - and _, not a number
    std::string description = {};       ///< up to 256 characters
};

/// What calls a function: a queue, whose messages it gets ten at a time at most.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
struct Event_Source {
    std::string event_source_arn = {};  ///< of the queue, which has to be there
    std::string function_name = {};     ///< empty: this function
};

/// Lists as they are, or as an object: {value of a member: the item} (the last one wins), or {value: [items]}.
/// Errors: Aws_Exception: NoSuchMember, naming those that an item has; NotAKey, when the value is a list or an object.
struct List_Options {
    std::string index_by = {};  ///< name of a member; goes before group_by
    std::string group_by = {};  ///< name of a member
};

/// How long to wait for a state: the count times the interval in all, so 40 seconds. There may be more looks, as the
/// first ones come sooner.
struct Wait_Options {
    int max_wait_count = 40;                         ///< intervals
    std::chrono::milliseconds wait_interval{1'000};  ///< between two looks at most
};

/// How long to wait for an update: as Wait_Options.
struct Update_Wait_Options {
    int max_attempts = 40;                       ///< intervals
    std::chrono::milliseconds wait_time{1'000};  ///< between two looks at most
};

}  // namespace osbot_aws
