#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::services {

/// A form that a web page sent as multipart/form-data: its fields, and the file, which is the last one.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
struct S3_Form {
    std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case; the first value counts
    std::string file, file_name;
    bool has_file = false;

    /// Returns the value of a field; "" if it is missing.
    std::string text(std::string_view name) const;
    bool has(std::string_view name) const;
};

/// Parses the body of a form. Fields after the file are ignored.
/// Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceededError (20 KB before the file).
Result<S3_Form> parse_form(std::string_view content_type, std::string_view body);

}  // namespace osbot_aws::services
