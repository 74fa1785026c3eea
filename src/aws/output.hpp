#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "aws/input.hpp"
#include "aws/model.hpp"
#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::aws {

/// A long list of an output in XML, in place of its member. Its items are written one after the other: a tree of all
/// items would take most of the time.
struct Long_List {
    std::string_view member;
    /// Sets the members of the next item, which still has those of the last one, or returns false at the end. Sets
    /// `member` if the item belongs to another list of the output whose items are between those of this one.
    std::function<bool(Json& item, std::string_view& member)> next;
};

/// Writes the result of an operation by the model: status, headers and body in the service's protocol. Values have the
/// types of input.hpp; a timestamp may be text, which is written unchanged. Members that the model lacks are ignored.
wire::Response write_output(const Service& service, const Operation& operation, const Json& output,
                            std::string_view request_id, const std::vector<Long_List>& lists = {});

/// Writes an error in the service's protocol. Its HTTP status is that of the model, if the model has the error.
/// `details` are for S3.
wire::Response write_error(const Service& service, const Error& error, std::string_view request_id,
                           const Error_Details& details = {});

/// Returns the code of an error of SQS in the Query protocol, which clients know from before SQS had JSON.
std::string query_code(std::string_view code);

/// Returns the error of an operation that the engine lacks: status 501, with the operation's name.
Error not_implemented(const Service& service, std::string_view operation);

}  // namespace osbot_aws::aws
