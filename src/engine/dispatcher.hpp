#pragma once

#include <functional>
#include <map>
#include <string>

#include "engine/forwarder.hpp"
#include "http/http_server.hpp"
#include "http/web_access.hpp"
#include "services/context.hpp"
#include "services/lambda/api/api.hpp"
#include "services/request_scope.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::engine {

/// Determines the service and the account of a request and delays the response until its changes are durable. Loop
/// thread only.
class Dispatcher {
public:
    struct Services {
        services::Lambda_Api& lambda;
        std::map<std::string, services::Service_Api*, std::less<>>
            by_name;                     ///< by the name in a signature's scope; with lambda
        Forwarder* forwarder = nullptr;  ///< for services that are not in by_name
    };
    struct Control {
        std::function<std::string()> health;                                       ///< JSON
        std::function<void()> reset;                                               ///< empties everything
        std::function<void(const wire::Request&, const services::Reply&)> images;  ///< paths below Images_Api::path
        std::function<void(const services::Reply&)> status;                        ///< Upkeep_Api::status_path
        std::function<void(const wire::Request&, const services::Reply&)> prune;   ///< Upkeep_Api::prune_path
    };

    Dispatcher(services::Context& context, Services services, Control control)
        : context_(context), services_(std::move(services)), control_(std::move(control)) {}

    /// The sender of a request. All reach the services of AWS and links to code.
    enum class Caller {
        host,      ///< a program of the engine's user: reaches the control endpoints
        network,   ///< any program that reaches the port, such as a function: of the control endpoints only health
        function,  ///< a function in a network of its own (--sandbox strict): no control endpoint
    };

    void handle(wire::Request request, services::Reply reply, Caller caller = Caller::host);
    /// Http_Limits::streams_body: uploads to S3.
    static bool streams_body(const wire::Request& head);
    /// Web_Access::page_use of the engine's listeners.
    static http::Page_Use page_use(const wire::Request& head);
    /// Http_Limits::body_limit: the limits of the services.
    static http::Body_Limit body_limit(const wire::Request& head);

private:
    /// Forwards a request of a service that is not in by_name, or rejects it.
    void handle_unknown(std::string service, wire::Request request, const services::Reply& reply);
    void handle_control(const wire::Request& request, Caller caller, const services::Reply& reply);
    /// Returns a reply that waits until the changes are durable. `service` determines the format of the error if they
    /// fail.
    services::Reply durable(std::string service, services::Reply reply);

    services::Context& context_;
    Services services_;
    Control control_;
};

/// Returns the service of a request that is neither for a function URL nor for a control endpoint. Guesses that of an
/// unsigned request.
std::string service_of(const wire::Request& head);
/// Returns true for the engine's own endpoints, except links to code: these contain a token and belong to Lambda.
bool is_control(std::string_view path);

}  // namespace osbot_aws::engine
