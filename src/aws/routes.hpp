#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/model.hpp"
#include "wire/http.hpp"

namespace osbot_aws::aws {

/// The operation of a request, and the parts of its path that the template names.
struct Route {
    const Operation* operation = nullptr;
    std::vector<std::pair<std::string, std::string>> labels = {};  ///< name and decoded text

    /// Returns "" for an unknown name.
    std::string_view label(std::string_view name) const;
};

/// Finds the operation of a request by the service's protocol: the method and URI of the REST protocols, `X-Amz-Target`
/// of the JSON protocols, or the `Action` of the Query protocol. `operation` is nullptr if the model has none.
/// Sources: https://smithy.io/2.0/aws/protocols/index.html, https://smithy.io/2.0/spec/http-bindings.html#uri
Route find_route(const Service& service, const wire::Request& request);

/// Returns what the client asked for, for an error about an unknown operation: "DeleteThing", "GET /path".
std::string requested_operation(const Service& service, const wire::Request& request);

}  // namespace osbot_aws::aws
