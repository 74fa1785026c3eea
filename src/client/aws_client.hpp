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

/// One AWS call before signing.
struct Call {
    std::string service;  ///< signing name: lambda s3 iam sts logs
    std::string method = "POST";
    std::string path = "/";                                  ///< encoded
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded; encoded and sorted when sent
    wire::Headers headers;
    wire::Body body;
    std::chrono::milliseconds read_timeout{60'000};  ///< Invoke: the function's timeout and some
    bool repeatable = true;                          ///< false: Invoke, which would run twice
    std::string host_prefix = {};  ///< of operations that AWS answers on a host of their own: `streaming-`
    std::function<bool(std::string_view)> on_body = {};  ///< as Send_Options::on_body
};

/// A place that answers for a service, and the way to it.
struct Endpoint {
    std::string url;
    std::shared_ptr<Transport> transport;
};

/// Where calls go: one target, resolved once (docs/adr/0003-option-precedence.md).
struct Target {
    std::string endpoint_url;  ///< empty: AWS's own for service and region
    std::string region;
    std::shared_ptr<Credentials_Provider> credentials;  ///< none: calls are not signed
    std::shared_ptr<Transport> transport;
    std::map<std::string, Endpoint> own_endpoints;  ///< of services that go elsewhere, by signing name
    Endpoint_Options options = {};                  ///< of AWS's own endpoints
    On_Sent on_sent = {};                           ///< of each request
};

/// Signs, sends, retries (AWS's standard mode) and turns error answers into Error, in every protocol.
///
/// Where we leave the standard mode: it tries a call again whose connection was lost, or whose answer did not come in
/// time, also after the request was sent, so that a function may run twice. A call that is not `repeatable` is tried
/// again only when it cannot have run: it did not leave us, or the service answered that it failed or throttled.
/// A signature refused because this machine's clock is wrong is made once more with the service's time, which is kept.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, botocore/retries/standard.py
class Aws_Client {
public:
    explicit Aws_Client(Target target);
    Aws_Client(Target target, Retry_Policy retry);
    Aws_Client(Target target, Retry_Policy retry, const base::Clock& clock);
    ~Aws_Client();
    Aws_Client(Aws_Client&&) noexcept;

    /// The answer with a 2xx status, or the service's Error.
    Result<wire::Response> send(const Call& call);
    /// REST-JSON: body in, body out; an empty answer is {}.
    Result<Json> json(std::string service, std::string method, std::string path, const Json& body = nullptr,
                      std::vector<std::pair<std::string, std::string>> query = {});
    /// The same of a body that is text already.
    Result<Json> json_text(std::string service, std::string method, std::string path, std::string body,
                           std::vector<std::pair<std::string, std::string>> query = {});
    /// Query protocol (IAM, STS): Action and parameters; the answer's <ActionResult> as JSON (repeated <member> become
    /// lists).
    Result<Json> query(std::string service, std::string action,
                       std::vector<std::pair<std::string, std::string>> parameters);
    /// REST-XML (S3): the answer's document as JSON; elements called as in `lists` become lists, however many there
    /// are.
    Result<Json> xml(const Call& call, const std::vector<std::string>& lists);
    /// JSON 1.1 (Logs): X-Amz-Target.
    Result<Json> json11(std::string service, std::string target, const Json& body);

    const Target& target() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The body of an answer of REST-JSON or JSON 1.1. Errors: ResponseParserError, as when a proxy's page is in its place.
Result<Json> json_answer(const wire::Response& response);

}  // namespace osbot_aws::client
