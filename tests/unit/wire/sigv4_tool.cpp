// Signs requests for sigv4_against_botocore.py: reads a JSON object per line from stdin and writes one per line.
#include <cstdio>
#include <iostream>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "wire/sigv4.hpp"

using namespace osbot_aws;

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const Json params = Json::parse(line);
        wire::Request request{.method = params.at("method"), .target = params.at("target")};
        for (const auto& [name, value] : params.at("headers").items()) request.headers.add(name, value);
        request.body = base::base64_decode(params.at("body").get<std::string>()).value();
        const wire::Signing as{params.at("key"),    params.at("secret"),  params.at("token"),
                               params.at("region"), params.at("service"), base::from_unix_ms(params.at("time_ms"))};
        const wire::Secret_Of secret_of = [&](std::string_view key) -> std::optional<std::string> {
            return key == as.access_key_id ? std::optional(as.secret_access_key) : std::nullopt;
        };
        if (const int expires = params.at("expires"); expires > 0)
            wire::presign(request, as, std::chrono::seconds(expires));
        else
            wire::sign(request, as);
        const auto verified = wire::verify(request, as.service, secret_of, as.time);
        const Json result{{"authorization", std::string(request.headers["Authorization"])},
                          {"target", request.target},
                          {"verified", verified ? *verified : verified.error().message}};
        std::puts(result.dump().c_str());
    }
}
