#pragma once

#include <string>
#include <string_view>

#include "aws/model.hpp"
#include "aws/routes.hpp"
#include "services/context.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// The engine's own endpoints, below /_osbot/, and those of compatible_pages.hpp.
enum class Control_Call { health, status, prune, reset, images, state, init, compatible, unknown };

/// Where a request goes. It is determined once, when the head of the request was received, and travels with the
/// request.
struct Request_Route {
    enum class To {
        function_url,
        control,
        code,     ///< a link to the code of a function
        service,  ///< a service whose model the engine has
        other     ///< another service
    };

    To to = To::other;
    std::string id = {};  ///< of the function URL, or the token of the link
    Control_Call control = Control_Call::unknown;
    services::Account account = {};
    std::string access_key_id = {};       ///< of its signature; "": unsigned
    std::string service = {};             ///< its name in a signature's scope; that of an unsigned request is guessed
    bool is_signed = false;               ///< the request names its service
    const aws::Service* model = nullptr;  ///< of To::service; of Lambda for To::code
    aws::Route route = {};                ///< the operation of To::service
    aws::Protocol protocol = {};          ///< of the model, or by the content type
    bool is_form = false;                 ///< of the Query protocol: the rest of the route is in the body
    bool is_upload_form = false;          ///< of a web page, to S3

    /// The format of errors outside of the service's operations, for services::protocol_error().
    std::string_view error_format() const;
};

/// GET: [{"name", "state", "exit_code"}] of the scripts of --init, when all have ended.
inline constexpr std::string_view init_path = "/_osbot/init";

Request_Route route_of(const wire::Request& head);

/// Determines the parts of a route that are in the body of the request: the operation of the Query protocol, and the
/// service of an unsigned form.
void complete_route(Request_Route& route, const wire::Request& request);

/// Names the service and the operation without parameters, in printable ASCII: "lambda Invoke", "s3 GetObject".
std::string operation_of(const Request_Route& route, const wire::Request& request);

}  // namespace osbot_aws::engine
