#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "services/lambda/api/front.hpp"
#include "services/lambda/api/url_requests.hpp"

namespace osbot_aws::services {

/// Lambda over HTTP: its operations, function URLs, and the download links of GetFunction. Loop thread only.
class Lambda_Api {
public:
    Lambda_Api(services::Context& context, services::Functions& functions, services::Invocations& invocations,
               services::Event_Sources& event_sources, services::Object_Lookup objects);

    Model_Api& operations_api() { return api_; }
    const Operations& operations() const { return api_.operations(); }
    void handle_function_url(const std::string& url_id, wire::Request request, const Reply& reply) {
        handle_url_request(front_, url_id, std::move(request), reply);
    }
    void set_url_check(decltype(Lambda_Front::check_url_caller) check) { front_.check_url_caller = std::move(check); }
    /// Returns the zip of a link.
    wire::Response download(std::string_view token) const { return front_.links.download(token); }

private:
    Lambda_Front front_;
    Model_Api api_;
};

}  // namespace osbot_aws::services
