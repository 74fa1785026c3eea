#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// Selects events of a log group. An empty string or 0 means no restriction. Times are milliseconds since 1970.
struct Log_Query {
    std::string log_stream_prefix = {};  ///< only streams whose name starts with this
    long long start_time = 0;            ///< start of the range, inclusive
    long long end_time = 0;              ///< end of the range, exclusive
    /// A CloudWatch filter pattern: `ERROR`, `"two words"`, `?a ?b`, `-not`, `{ $.level = "ERROR" }`, `[ip, user,
    /// ...]`, `%regex%`. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    std::string filter_pattern = {};
    std::size_t limit = 0;  ///< only the first events, at most this many
};

/// Reads and manages one CloudWatch log group. Lambda::log_group() returns the group of a function.
///
/// Methods that return a list return all pages. Errors: Aws_Exception with AWS's code. A missing group is
/// ResourceNotFoundException, unless the method documents something else.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference
class Logs {
public:
    explicit Logs(std::string group_name, Session session = {});  ///< Sends no request.

    bool group_exists() const { return !group_info().is_null(); }  ///< Returns whether the group exists.
    /// Describes the group: {logGroupName, arn, creationTime (ms since 1970), retentionInDays, storedBytes, ...}, or
    /// null if it does not exist. retentionInDays is missing if no retention is set.
    /// Source: API_DescribeLogGroups.html
    Json group_info() const;
    bool group_create();  ///< Creates the group. Returns false if it already exists.
    bool delete_();       ///< Deletes the group and all its events. Returns false if it did not exist.

    /// Lists the streams, the one with the newest event first: [{logStreamName, arn, creationTime, firstEventTimestamp,
    /// lastEventTimestamp, lastIngestionTime}]. Source: API_DescribeLogStreams.html
    Json streams() const;
    /// Returns the events of all streams, ordered by time: [{logStreamName, timestamp, message, ingestionTime,
    /// eventId}]. Times are milliseconds since 1970. Messages are unchanged: lines of a function end with a newline.
    /// Errors: InvalidParameterException for an invalid filter pattern. Source: API_FilterLogEvents.html
    Json events(const Log_Query& query = {}) const;
    std::vector<std::string> messages(const Log_Query& query = {}) const;  ///< Returns the messages of events().
    /// Returns the newest `count` events, ordered by time. Reads all matching events, because AWS returns the oldest
    /// first.
    Json tail(std::size_t count = 100, const std::string& filter_pattern = "") const;

    const std::string& name() const { return group_name_; }  ///< the group name

private:
    std::string group_name_;
    Session session_;
};

}  // namespace osbot_aws
