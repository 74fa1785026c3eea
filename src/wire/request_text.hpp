#pragma once

#include <string_view>

#include "wire/http.hpp"

namespace osbot_aws::wire {

enum class Request_Part { none, target, header, form };

/// Returns the first part of a request that is not UTF-8 after its percent-encoding is decoded: the path or the query,
/// the value of a header, or the form in the body of a request of the Query protocol. Other bodies are not checked:
/// they are bytes (S3 objects, payloads), or their parser checks them (JSON, XML).
Request_Part non_utf8_part(const Request& request);

}  // namespace osbot_aws::wire
