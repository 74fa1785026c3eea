#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/model.hpp"
#include "wire/http.hpp"

namespace osbot_aws::aws {

/// The operation of a request, and the parts of its target that were parsed to find it.
struct Route {
    const Operation* operation = nullptr;
    std::vector<std::pair<std::string, std::string>> labels = {};  ///< of the template: name and decoded text
    std::vector<std::pair<std::string, std::string>> query = {};   ///< of a REST protocol, decoded

    /// Returns "" for an unknown name.
    std::string_view label(std::string_view name) const;
};

/// Finds the operation of a request by the service's protocol: the method and URI of the REST protocols, `X-Amz-Target`
/// of the JSON protocols, or the `Action` of the Query protocol. `operation` is nullptr if the model has none. The
/// bucket of a request to S3 may be in its host name. Sources: https://smithy.io/2.0/aws/protocols/index.html,
/// https://smithy.io/2.0/spec/http-bindings.html#uri
Route find_route(const Service& service, const wire::Request& request);

/// Returns true if the body of the operation's requests or responses is a blob that is not kept in memory.
bool streams_input(const Service& service, const Operation& operation);
bool streams_output(const Service& service, const Operation& operation);

/// Returns "bucket" for bucket.localhost:4566, bucket.s3.localhost, bucket.s3.eu-west-1.amazonaws.com; else "".
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
std::string s3_bucket_of_host(std::string_view host);

/// Returns what the client asked for, for an error about an unknown operation: "DeleteThing", "GET /path".
std::string requested_operation(const Service& service, const wire::Request& request);

}  // namespace osbot_aws::aws
