// Responses of AWS and of its credential services, as the client parses them: JSON, XML, dates and errors. The first
// line of the input has the status, the type and the date; the rest is the body.
#include <sstream>

#include "client/aws_client.hpp"
#include "client/credential_sources.hpp"
#include "fuzz.hpp"

using namespace osbot_aws;

namespace {

class Fixed_Response final : public client::Transport {
public:
    explicit Fixed_Response(wire::Response response) : response_(std::move(response)) {}
    Result<wire::Response> send(const wire::Request&, const client::Send_Options&) override { return response_; }

private:
    wire::Response response_;
};

wire::Response response_of(std::string_view bytes) {
    const auto [head, body] = first_line_and_rest(bytes);
    std::istringstream words{std::string(head)};
    wire::Response response;
    std::string type, date;
    words >> response.status >> type;
    std::getline(words >> std::ws, date);
    response.headers = {{"Content-Type", type}, {"Date", date}, {"x-amzn-ErrorType", type}};
    response.body = body;
    return response;
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string ok = "200 application/xml Mon, 23 Nov 2026 18:00:00 GMT\n", failed = "400 application/xml \n";
    std::vector<std::string> limits;
    for (const std::size_t levels : {1000u, 1001u, 100'000u})
        for (const std::string& head : {ok, failed})
            for (const auto& [open, close] : {std::pair{"<a>", "</a>"}, std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}})
                limits.push_back(head + nested(levels, open, close, "1"));
    limits.push_back(ok + "<r>" + repeated(10'000, "<member>a</member>") + "</r>");
    return limits;
}

void run_target(std::string_view bytes) {
    const wire::Response response = response_of(bytes);
    client::Target target{.endpoint_url = "http://localhost", .region = "us-east-1"};
    target.credentials = client::static_credentials({"AKIDEXAMPLE", "secret", "", {}});
    target.transport = std::make_shared<Fixed_Response>(response);
    client::Aws_Client aws(target, client::Retry_Policy([](std::chrono::milliseconds) {}));
    (void)aws.send({.service = "lambda"});
    (void)aws.json("lambda", "GET", "/");
    (void)aws.query("iam", "ListRoles", {});
    (void)aws.xml({.service = "s3", .method = "GET"}, {"Contents"});
    if (const auto body = client::parse_json_body(response)) (void)client::credentials_from(*body, "a container");
}
