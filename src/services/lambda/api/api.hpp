#pragma once

#include <string_view>

#include "services/lambda/api/front.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

/// Lambda over HTTP: its operations, function URLs, and the download links of GetFunction. Loop thread only.
class Lambda_Api final : public Service_Api {
public:
    Lambda_Api(services::Context& context, services::Functions& functions, services::Invocations& invocations,
               services::Event_Sources& event_sources, services::Object_Lookup objects);

    /// Handles requests of the Lambda service and GET /_osbot/code/<token>.
    void handle(const services::Account& account, wire::Request request, Reply reply) override;

    /// Returns true for an Invoke or InvokeWithResponseStream.
    static bool is_invoke(const wire::Request& request);
    /// Returns true for an Invoke or InvokeWithResponseStream that handle() runs and whose caller waits for the
    /// function. Such a request changes no state.
    static bool is_synchronous_invoke(const wire::Request& request);

    /// Returns true if a Host header names a function URL. handle_function_url() then handles requests with any path.
    static bool is_function_url(std::string_view host);
    void handle_function_url(wire::Request request, const Reply& reply);

    const Operations& operations() const { return api_.operations(); }

    static constexpr std::string_view code_path = Code_Links::path;

private:
    Lambda_Front front_;
    Model_Api api_;
};

}  // namespace osbot_aws::services
