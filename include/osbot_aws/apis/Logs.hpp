#pragma once

#include <string>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws {

/// Which events of a log group; empty and 0: all. Times are milliseconds since 1970.
struct Log_Query {
    std::string log_stream_prefix = {};  ///< of the names
    long long start_time = 0;            ///< from here on
    long long end_time = 0;              ///< before this
    /// CloudWatch's: `ERROR`, `"two words"`, `?a ?b`, `-not`, `{ $.level = "ERROR" }`, `[ip, user, ...]`, `%regex%`.
    /// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    std::string filter_pattern = {};
};

/// One CloudWatch log group, by name: what functions wrote. Lambda::log_group() gives that of a function.
///
/// Errors: Aws_Exception with AWS's code; a group that isn't there is ResourceNotFoundException, unless a method says
/// otherwise. Lists come whole. Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference
class Logs {
public:
    explicit Logs(std::string group_name, Session session = {});  ///< Sends nothing.

    bool group_exists() const { return !group_info().is_null(); }  ///< there is such a group
    /// {logGroupName, arn, creationTime (ms since 1970), retentionInDays, storedBytes, ...}, the third last when one is
    /// set; null: there is no such group. Source: API_DescribeLogGroups.html
    Json group_info() const;
    bool group_create();  ///< false: it exists
    bool delete_();       ///< the group with all it holds; false: there was none

    /// [{logStreamName, arn, creationTime, firstEventTimestamp, lastEventTimestamp, lastIngestionTime}], the one with
    /// the newest event first. Source: API_DescribeLogStreams.html
    Json streams() const;
    /// [{logStreamName, timestamp, message, ingestionTime, eventId}] of all streams, in order of time; times in
    /// milliseconds since 1970, messages as they were written: a function's lines end with a newline. Errors:
    /// InvalidParameterException (the pattern). Source: API_FilterLogEvents.html
    Json events(const Log_Query& query = {}) const;
    std::vector<std::string> messages(const Log_Query& query = {}) const;  ///< The texts of events().
    /// The newest so many events. Reads all that match, as AWS gives them oldest first.
    Json tail(std::size_t count = 100, const std::string& filter_pattern = "") const;

    const std::string& name() const { return group_name_; }  ///< of the group

private:
    std::string group_name_;
    Session session_;
};

}  // namespace osbot_aws
