#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/http.hpp"

namespace osbot_aws::fuzz {

/// A request of an input, and the values that its response sets for later requests.
struct Step {
    wire::Request request;
    std::vector<std::pair<std::string, std::string>> variables;  ///< name, element or member of the response
};

/// Parses an input in the format of tests/contract/data, so that those files are the corpus. Any text is valid: the
/// expectations and lines of other forms are ignored.
///
///     POST /path#AmazonSQS.CreateQueue {"QueueName": "a"} -> 200
///     > Header: value
///     < a line of the body
///     $name element
std::vector<Step> parse_steps(std::string_view text);

/// Returns the blocks of tests/contract/data, each as an input for parse_steps().
std::vector<std::string> contract_blocks();

/// Replaces {name} by the value of the variable in the target, the headers and the body.
void substitute(wire::Request& request, const std::vector<std::pair<std::string, std::string>>& values);

/// Returns the text of an element of XML or of a member of JSON; empty if the response does not have it.
std::string value_in(const std::string& response, const std::string& name);

}  // namespace osbot_aws::fuzz
