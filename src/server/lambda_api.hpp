#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "engine/lambda/event_sources.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/invocations.hpp"
#include "server/service_api.hpp"

namespace osbot_aws::server {

struct Operation;

/// Lambda over HTTP: REST-JSON, function URLs, and the download links of GetFunction.
///
/// An invoke allocates only its strings: the payload is checked in place and moved.
/// Loop thread only.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Lambda_Api final : public Service_Api {
public:
    Lambda_Api(engine::Context& context, engine::Functions& functions, engine::Invocations& invocations,
               engine::Event_Sources& event_sources, engine::Object_Lookup objects);

    /// Handles requests of the Lambda service and GET /_osbot/code/<token>.
    void handle(const engine::Account& account, wire::Request request, Reply reply) override;

    /// Returns true for an Invoke or InvokeWithResponseStream.
    static bool is_invoke(const wire::Request& request);
    /// Returns true for an Invoke or InvokeWithResponseStream that handle() runs and whose caller waits for the
    /// function. Such a request changes no state.
    static bool is_synchronous_invoke(const wire::Request& request);

    /// Returns true if a Host header names a function URL. handle_function_url() then handles requests with any path.
    static bool is_function_url(std::string_view host);
    void handle_function_url(wire::Request request, Reply reply);

    static constexpr std::string_view code_path = "/_osbot/code/";
    static constexpr std::uint64_t payload_bytes_max = 6'291'456;

    /// A request and the data that its operation needs.
    struct Call {
        engine::Account account;
        wire::Request request;
        std::vector<std::string> labels;  ///< the path's {} parts, decoded
        std::vector<std::pair<std::string, std::string>> query;
        Json body;                                                     ///< of operations that take one
        std::function<std::string(std::string_view zip_sha256)> link;  ///< temporary download link for a zip
        engine::Event_Sources* event_sources = nullptr;                ///< never nullptr in an operation
        std::string parameter(std::string_view name) const;
        std::optional<std::int64_t> number(std::string_view name) const;
    };

private:
    void invoke(const engine::Account& account, wire::Request request, std::string_view name, bool streaming,
                Reply reply);
    bool run_with_zip(std::string_view operation, Call& call, Reply& reply);
    bool run_when_settled(const Operation& operation, Call& call, Reply& reply);
    template <class Params, class Run>
    void with_zip(Call&& call, Reply reply, Result<Params> (*parse)(const Json&), const char* part, Run run);
    wire::Response download(const wire::Request& request) const;
    std::string code_link(std::string_view zip_sha256) const;

    engine::Context& context_;
    engine::Functions& functions_;
    engine::Invocations& invocations_;
    engine::Event_Sources& event_sources_;
    engine::Object_Lookup objects_;
    std::string link_secret_;
};

}  // namespace osbot_aws::server
