#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "aws/routes.hpp"
#include "base/result.hpp"

namespace osbot_aws::aws {

// The input of an operation is a JSON object whose members have the names of the model. Members of other names are not
// in it. Values have the types of the model:
//     string, boolean, integer, floating   the JSON types
//     timestamp                            seconds since 1970, a number, in JSON; elsewhere the text
//     blob                                 the base64 text of the JSON and Query protocols
//     list, map, structure                 array, object

/// Elements of S3's errors in addition to code and message: <ArgumentName> ...
using Error_Details = std::vector<std::pair<std::string, std::string>>;

/// Reads a request by the model: the labels of the path, query, headers and body.
/// Errors: SerializationException of the JSON protocols, MalformedInput of the Query protocol, MalformedXML and
/// InvalidArgument, with details, of the XML protocol. A body of the REST protocols that is the payload of the
/// operation is not read.
Result<Json> read_input(const Service& service, const Route& route, const wire::Request& request,
                        Error_Details* details = nullptr);

/// The same for a REST-JSON request whose document was parsed.
Result<Json> read_input(const Service& service, const Route& route, const wire::Request& request, const Json& document);

/// Returns true if the document of an input has a blob: a member of the shape, or of a structure in it.
bool has_blob(const Service& service, const Shape& shape);

/// An input without its blob.
struct Input_With_Blob {
    Json input;
    std::optional<std::string> blob = {};
};

/// Reads a REST-JSON request whose document may have one large blob, such as the zip of `Code.ZipFile`. The blob is
/// decoded from the text of the request, without a JSON string of its base64, which would take five times as long.
/// Errors: SerializationException.
Result<Input_With_Blob> read_input_with_blob(const Service& service, const Route& route, const wire::Request& request);

/// Reads a document of the JSON protocols: converts the members that the shape has, and omits others and nulls.
Result<Json> read_json(const Service& service, const Shape& shape, const Json& document);

}  // namespace osbot_aws::aws
