#pragma once

#include <string_view>

#include "wire/http.hpp"

namespace osbot_aws::wire {

enum class Request_Part { none, target, header, form };

/// Returns true if the content type is that of a form.
bool has_form_type(const Request& request);

/// Returns the first part of a request that is not UTF-8 after its percent-encoding is decoded: the path or the query,
/// the value of a header, or the body if it `is_form`, as in the Query protocol with any content type. Other bodies are
/// not checked: they are bytes (S3 objects, payloads), or their parser checks them (JSON, XML).
Request_Part non_utf8_part(const Request& request, bool is_form);

}  // namespace osbot_aws::wire
