#pragma once

#include "services/images/images.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// The engine's own API for container images (instead of ECR), used by `osbot local image`:
///
///     GET    /_osbot/images                        {"images": [{"digest", "names", "bytes", "imported_at"}, ...]}
///     POST   /_osbot/images  {"path", "name"}      201 and the image; the engine reads the file or folder itself
///     DELETE /_osbot/images?reference=repo:tag     200; 404; 409 while a function runs it
///
/// Errors are {"code", "message"}. Loop thread only.
class Images_Api {
public:
    static constexpr std::string_view path = "/_osbot/images";

    explicit Images_Api(services::Images& images) : images_(images) {}
    void handle(const wire::Request& request, const services::Reply& reply);

private:
    void import(const std::string& body, const services::Reply& reply);

    services::Images& images_;
};

}  // namespace osbot_aws::engine
