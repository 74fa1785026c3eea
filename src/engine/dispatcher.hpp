#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/forwarder.hpp"
#include "engine/request_log.hpp"
#include "engine/request_route.hpp"
#include "http/routed_request.hpp"
#include "services/access/authentication.hpp"
#include "services/context.hpp"
#include "services/lambda/api/api.hpp"
#include "services/operations.hpp"
#include "services/s3/s3_api.hpp"

namespace osbot_aws::engine {

/// Routes requests and passes each to its service. Loop thread only.
class Dispatcher {
public:
    struct Services {
        services::Lambda_Api& lambda;
        std::vector<services::Model_Api*> models;  ///< the services, with lambda
        Forwarder* forwarder = nullptr;            ///< for the other services
        services::S3_Api* s3 = nullptr;            ///< one of `models`: also for requests that its model lacks
        /// Called with the access key, the region and the service of each signed request that is accepted.
        std::function<void(const std::string&, const std::string&, const std::string&)> on_key = nullptr;
        services::Authentication* authentication = nullptr;  ///< nullptr: the sender of a request is not checked
    };
    struct Control {
        std::function<std::string()> health;                                       ///< JSON
        std::function<void()> reset;                                               ///< empties everything
        std::function<void(const wire::Request&, const services::Reply&)> images;  ///< paths below Images_Api::path
        std::function<void(const services::Reply&)> status;                        ///< Upkeep_Api::status_path
        std::function<void(const wire::Request&, const services::Reply&)> prune;   ///< Upkeep_Api::prune_path
        std::function<void(const wire::Request&, const services::Reply&)> state = nullptr;  ///< State_Api
        std::function<void(const services::Reply&)> init = nullptr;                         ///< init_path
        std::function<wire::Response(std::string_view path)> compatible = nullptr;          ///< compatible_pages.hpp
    };
    /// Called for the requests of listeners.
    struct Observers {
        std::function<void()> on_request = nullptr;
        Request_Observer on_response = nullptr;
    };

    Dispatcher(services::Context& context, Services services, Control control)
        : Dispatcher(context, std::move(services), std::move(control), Observers()) {}
    Dispatcher(services::Context& context, Services services, Control control, Observers observers)
        : context_(context),
          services_(std::move(services)),
          control_(std::move(control)),
          observers_(std::move(observers)) {}

    /// The sender of a request. All reach the services of AWS and links to code.
    enum class Caller {
        host,      ///< a program of the engine's user: reaches the control endpoints
        network,   ///< any program that reaches the port, such as a function: of the control endpoints only health
        function,  ///< a function in a network of its own (--sandbox strict): no control endpoint
    };

    /// http::Router of the engine's listeners.
    std::unique_ptr<http::Routed_Request> route(const wire::Request& head, Caller caller);
    /// Routes a request to the port of the function URL with this id.
    std::unique_ptr<http::Routed_Request> route_to_url(const std::string& id);
    /// Routes and handles a request of this process.
    void handle(wire::Request request, services::Reply reply);

private:
    class Listener_Request;

    void handle(Request_Route route, wire::Request request, services::Reply reply, Caller caller,
                std::function<bool()> client_closed = {});
    /// Passes a request on if its sender is accepted.
    void authenticate(services::Model_Api& api, services::Service_Request sent, Request_Route route,
                      services::Reply reply);
    void record_key(const Request_Route& route) const;
    void pass(services::Model_Api& api, services::Service_Request sent, services::Reply reply);
    /// Forwards a request of a service that the engine lacks, or rejects it.
    void handle_unknown(Request_Route route, wire::Request request, const services::Reply& reply);
    void handle_control(Control_Call call, const wire::Request& request, Caller caller, const services::Reply& reply);

    services::Context& context_;
    Services services_;
    Control control_;
    Observers observers_;
};

}  // namespace osbot_aws::engine
