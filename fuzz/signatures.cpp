// Signatures of requests: SigV4 in headers and in the query, and Version 2 links. The input is a request as in
// request_steps.hpp.
#include "wire/sigv4.hpp"

#include "engine/dispatcher.hpp"
#include "fuzz.hpp"
#include "request_steps.hpp"
#include "services/request_scope.hpp"
#include "services/s3/s3_signature.hpp"

using namespace osbot_aws;

namespace {

const base::Time now = base::Time{} + std::chrono::hours(24 * 365 * 55);
constexpr const char* secret = "secret";
const wire::Signing signing{.access_key_id = "AKIDEXAMPLE",
                            .secret_access_key = secret,
                            .session_token = "",
                            .region = "us-east-1",
                            .service = "s3",
                            .time = now};

bool verifies(const wire::Request& request) {
    const auto secret_of = [](std::string_view) { return std::optional<std::string>(secret); };
    return wire::verify(request, "s3", secret_of, now).has_value();
}

/// A request that this code signs has a valid signature, whatever its target, headers and body are.
void check_round_trip(wire::Request request) {
    for (const char* name : {"Authorization", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token"})
        request.headers.erase(name);
    request.headers.set("Host", "localhost");
    if (request.target.find("X-Amz-") != std::string::npos) return;
    wire::Request link = request;
    wire::sign(request, signing);
    require(verifies(request));
    link.body = {};
    wire::presign(link, signing, std::chrono::seconds(60));
    require(verifies(link));
}

}  // namespace

std::vector<std::string> seeds() {
    return {"GET /?" + repeated(3000, "a=b&") + "\n> Host: localhost",
            "GET /\n" + repeated(200, "> X-A: b\n") + "> Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e, " +
                "SignedHeaders=" + repeated(2000, "x;") + ", Signature=0"};
}

void run_target(std::string_view bytes) {
    const auto steps = fuzz::parse_steps(bytes);
    if (steps.empty()) return;
    const wire::Request& request = steps.front().request;
    (void)services::scope_of(request);
    (void)verifies(request);
    const auto query = wire::parse_query(request.query());
    services::Signed_Request call(request, query);
    services::take_headers_of_query(call);
    (void)services::check_s3_signature(call, services::Keys(), now);
    check_round_trip(request);
    require_linear_time(request.target, [&](std::string_view longer) {
        wire::Request repeated_request = request;
        repeated_request.target = longer;
        (void)verifies(repeated_request);
    });
}
