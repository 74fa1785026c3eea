// Parameters and results of Lambda's methods.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws {

/// Options of Lambda::invoke_raw(). Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
struct Invoke_Options {
    std::string log_type = "None";  ///< None, or Tail to return the last 4 KB of the log
    std::string qualifier = {};     ///< version or alias; empty: $LATEST
    Json client_context = nullptr;  ///< passed to the handler's context; up to 3,583 bytes as base64
};

/// Result of Lambda::invoke_raw().
struct Invoke_Result {
    std::string status = "ok";  ///< error if the request failed; ok if the handler failed, with `function_error` set
    std::string name;           ///< name of the function
    /// The function's result, or {"raw_message": text} if it is not JSON. {statusCode, headers, cookies, body} if the
    /// handler called Response_Writer::http(); a body that is not UTF-8 is base64 and `isBase64Encoded` is true.
    /// {errorMessage, errorType, ...} if the handler failed. The text of `error` if the request failed.
    Json data;
    std::string function_error;  ///< AWS's X-Amz-Function-Error, "Unhandled", if the handler failed; else empty
    std::string code;     ///< code of the failed request, or type of the handler's exception; empty if both succeeded
    std::string message;  ///< reason of the failure; empty if there was none
    std::string error;    ///< "CODE: message"; empty if there was no failure
    /// The response in boto3's form: {StatusCode, RequestId, ExecutedVersion, FunctionError, LogResult (base64)}. The
    /// last two are present only if there is an error or a log. Null if the request failed.
    Json response;
    std::string log_tail;  ///< LogResult as plain text

    bool ok() const { return code.empty(); }         ///< Returns whether the request and the handler succeeded.
    explicit operator bool() const { return ok(); }  ///< the same as ok()
    /// Returns `data`. Errors: throws Aws_Exception with `code` and `message` if the request or the handler failed.
    const Json& value() const;
    /// Returns {'status', 'name', 'data', 'response'}, and 'function_error' and 'error' if they are not empty.
    Json to_json() const;
};

/// Result of Lambda::invoke_return_logs().
struct Invoke_Logs {
    std::string status = "ok";   ///< error if the request failed; ok if the handler failed, with `error` set
    std::string name;            ///< name of the function
    Json return_value;           ///< Invoke_Result::data; null if the request failed
    std::string execution_logs;  ///< the last 4,096 bytes of this invocation's log
    std::string request_id;      ///< id that the log lines contain; empty if the request failed
    std::string code;            ///< Invoke_Result::code
    std::string message;         ///< Invoke_Result::message
    std::string error;           ///< Invoke_Result::error; empty if there was none

    bool ok() const { return code.empty(); }         ///< Returns whether the request and the handler succeeded.
    explicit operator bool() const { return ok(); }  ///< the same as ok()
    /// Returns {'status', 'name', 'return_value', 'execution_logs', 'request_id'}, and 'error' if it is not empty.
    Json to_json() const;
};

/// Settings of a new function URL. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
struct Function_Url_Options {
    std::string auth_type = "AWS_IAM";     ///< AWS_IAM: callers must sign requests; NONE: public
    std::string invoke_mode = "BUFFERED";  ///< or RESPONSE_STREAM: sends each piece as it is written
    std::string function_alias = {};       ///< alias that the URL invokes; empty: the function itself
    /// CORS settings: {AllowCredentials (true or false), AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders (lists
    /// of strings), MaxAge (seconds)}, all optional. Null: none.
    Json cors = nullptr;
};

/// Changes of a function URL. Empty members are not changed.
struct Function_Url_Changes {
    std::string auth_type = {};       ///< AWS_IAM or NONE
    std::string invoke_mode = {};     ///< BUFFERED or RESPONSE_STREAM
    std::string function_alias = {};  ///< alias of the URL; empty: the function itself
    Json cors = nullptr;              ///< as in Function_Url_Options; null: not changed
};

/// One statement of a function's policy: allows a principal to perform an action.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
struct Permission {
    std::string function_arn = {};            ///< ARN or name of the function; empty: this function
    std::string statement_id = {};            ///< unique id: up to 100 of a-z, A-Z, 0-9, - and _
    std::string action = {};                  ///< e.g. lambda:InvokeFunction
    std::string principal = {};               ///< service (s3.amazonaws.com), account or *
    std::string source_arn = {};              ///< resource for which a service may call; empty: any
    std::string function_url_auth_type = {};  ///< only for lambda:InvokeFunctionUrl: NONE or AWS_IAM
};

/// A new alias of a function version. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
struct Alias {
    std::string function_name = {};     ///< empty: this function
    std::string function_version = {};  ///< version number or $LATEST
    std::string name = {};              ///< up to 128 of a-z, A-Z, 0-9, - and _; not only digits
    std::string description = {};       ///< up to 256 characters
};

/// A queue or stream that invokes a function with batches of its messages. Members that are empty or null are not sent:
/// Lambda's defaults apply. The local engine supports queues of SQS.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
struct Event_Source {
    std::string event_source_arn = {};                           ///< ARN of an existing queue or stream
    std::string function_name = {};                              ///< empty: this function
    std::optional<int> batch_size = {};                          ///< messages per invocation: 1 to 10,000; default 10
    std::optional<int> maximum_batching_window_in_seconds = {};  ///< wait for a full batch: 0 to 300 s; default 0
    /// {"ReportBatchItemFailures"}: only the messages that the function reports as failed are delivered again, e.g.
    /// those that events::process_each() returns. Otherwise the result of the function is ignored.
    std::vector<std::string> function_response_types = {};
    /// {Filters: [{Pattern}]}: only messages that match one of the patterns invoke the function; the others are
    /// deleted. A pattern is an object or its JSON text. Source:
    /// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    Json filter_criteria = nullptr;
    Json scaling_config = nullptr;       ///< {MaximumConcurrency}: concurrent invocations, 2 to 1,000
    std::optional<bool> enabled = {};    ///< false: the mapping does not invoke the function yet
    std::string starting_position = {};  ///< only of a stream, which needs it: LATEST or TRIM_HORIZON
};

/// Converts a list to an object by a member of its items. With index_by, the object is {value: item}; the last item
/// with a value wins. With group_by, it is {value: [items]}. If both are empty, the list is not converted. Errors:
/// Aws_Exception: NoSuchMember, naming the members of an item; NotAKey, if the value is a list or an object.
struct List_Options {
    std::string index_by = {};  ///< name of a member; overrides group_by
    std::string group_by = {};  ///< name of a member
};

/// Limits a wait to max_wait_count * wait_interval. The number of requests may be higher than max_wait_count, because
/// the first intervals are shorter.
struct Wait_Options {
    int max_wait_count = 40;                         ///< number of intervals
    std::chrono::milliseconds wait_interval{1'000};  ///< longest time between two requests
};

}  // namespace osbot_aws
