#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "client/aws_endpoints.hpp"
#include "client/credentials.hpp"
#include "client/retry.hpp"
#include "client/transport.hpp"

namespace osbot_aws::client {

/// An AWS request before signing.
struct Call {
    std::string service;  ///< signing name: lambda s3 iam sts logs
    std::string method = "POST";
    std::string path = "/";                                  ///< encoded
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded; encoded and sorted when sent
    wire::Headers headers;
    wire::Body body;
    std::chrono::milliseconds read_timeout{60'000};      ///< for Invoke: more than the function's timeout
    bool repeatable = true;                              ///< false for Invoke, which must not run twice
    std::string host_prefix = {};                        ///< for operations with a separate host at AWS: `streaming-`
    std::function<bool(std::string_view)> on_body = {};  ///< see Send_Options::on_body
};

/// The URL of a service and the transport to it.
struct Endpoint {
    std::string url;
    std::shared_ptr<Transport> transport;
};

/// The target of calls, chosen once (docs/adr/0003-option-precedence.md).
struct Target {
    std::string endpoint_url;  ///< empty: AWS's endpoint for service and region
    std::string region;
    std::shared_ptr<Credentials_Provider> credentials;  ///< null: calls are not signed
    std::shared_ptr<Transport> transport;
    std::map<std::string, Endpoint> service_endpoints;  ///< services with their own endpoint, by signing name
    Endpoint_Options options = {};                      ///< options of AWS's endpoints
    On_Sent on_sent = {};                               ///< called for each request
};

/// Signs and sends requests of all protocols, retries them (AWS's standard mode), and converts error responses to
/// Error.
///
/// There is one difference from the standard mode. The standard mode retries all requests that timed out or whose
/// connection was lost, even after they were sent, so a function may run twice. This client is stricter: a call that is
/// not `repeatable` is retried only if it cannot have run: it was not sent completely, or the service responded that it
/// failed or was throttled. If a signature is rejected because the local clock is wrong, the request is signed again
/// with the service's time. All later requests use that time. Threads: may be used by several threads at the same time
/// if the target's transports may. Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, botocore/retries/standard.py
class Aws_Client {
public:
    explicit Aws_Client(Target target);
    Aws_Client(Target target, Retry_Policy retry);
    Aws_Client(Target target, Retry_Policy retry, const base::Clock& clock);
    ~Aws_Client();
    Aws_Client(Aws_Client&&) noexcept;

    /// Returns the response if its status is 2xx, else the service's Error.
    Result<wire::Response> send(const Call& call);
    /// Sends a REST-JSON request and returns the response's body. An empty body is {}.
    Result<Json> json(std::string service, std::string method, std::string path, const Json& body = nullptr,
                      std::vector<std::pair<std::string, std::string>> query = {});
    /// As json(), with a serialized body.
    Result<Json> json_text(std::string service, std::string method, std::string path, std::string body,
                           std::vector<std::pair<std::string, std::string>> query = {});
    /// Sends a Query request (IAM, STS) and returns the response's <ActionResult> as JSON; repeated <member> elements
    /// become lists.
    Result<Json> query(std::string service, std::string action,
                       std::vector<std::pair<std::string, std::string>> parameters);
    /// Sends a REST-XML request (S3) and returns the response's document as JSON. Elements whose name is in `lists`
    /// always become lists, even if there is only one.
    Result<Json> xml(const Call& call, const std::vector<std::string>& lists);
    /// Sends a JSON 1.1 request (Logs). `target` is the X-Amz-Target header.
    Result<Json> json11(std::string service, std::string target, const Json& body);

    const Target& target() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Parses the body of a REST-JSON or JSON 1.1 response. Errors: ResponseParserError, e.g. for an HTML page of a proxy.
Result<Json> parse_json_body(const wire::Response& response);

}  // namespace osbot_aws::client
