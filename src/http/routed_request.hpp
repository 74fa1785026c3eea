#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::http {

/// The pages that may send a request.
enum class Page_Use {
    none,        ///< nothing: control endpoints, the Runtime API
    operations,  ///< pages of the engine and of listed origins may send it
    links,       ///< like `operations`; a link on any page may also open it in a tab
    any          ///< every page may send it: function URLs, whose CORS rules decide
};

/// How a body is passed to the handler.
enum class Body_Mode {
    buffered,
    streamed_if_large,  ///< as a stream without a size limit if it is larger than streamed_bytes_min or has no length
    streamed            ///< as a stream without limits of size and time
};

/// The maximum size of a body, and the response to a larger one.
struct Body_Limit {
    std::uint64_t bytes_max = 0;
    wire::Response rejection;
};

/// A request whose head was received. The head determines what it is for, once; this object then travels with the
/// request to its handler.
class Routed_Request {
public:
    virtual ~Routed_Request() = default;

    virtual Page_Use page_use() const { return Page_Use::none; }
    /// Returns the response to a web page that may not send the request.
    virtual wire::Response denial(const Error& error) const;
    virtual Body_Mode body_mode() const { return Body_Mode::buffered; }
    /// nullopt: Http_Limits::body_bytes_max. Called for a body above limited_bytes_min that is not streamed.
    virtual std::optional<Body_Limit> body_limit() const { return std::nullopt; }
    static constexpr std::uint64_t limited_bytes_min = 64 * 1024;

    /// Returns true if the client has closed the connection or its sending half. Set before handle(); null: unknown.
    std::function<bool()> client_closed = {};
    /// Handles the complete request, or one whose body is streamed. `reply` is called once on the loop.
    virtual void handle(wire::Request request, services::Reply reply) = 0;
};

/// Returns the handler of the request with this head.
using Router = std::function<std::unique_ptr<Routed_Request>(const wire::Request& head)>;

}  // namespace osbot_aws::http
