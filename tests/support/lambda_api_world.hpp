#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "services/lambda/api/api.hpp"
#include "support/lambda_world.hpp"
#include "support/routed.hpp"

namespace osbot_aws::test_support {

inline Json json_of(const wire::Response& response) { return Json::parse(response.body.bytes()); }

/// Lambda's API on a Lambda_World.
struct Lambda_Api_World : Lambda_World {
    services::Sqs sqs{context};
    services::Event_Sources event_sources{context, sqs, functions.registry, invocations};
    std::map<std::string, std::vector<store::Blob_Ptr>> objects;  ///< "bucket/key", or "bucket/key?version"
    services::Lambda_Api api{context, functions, invocations, event_sources,
                             [this](const services::Account&, const std::string& bucket, const std::string& key,
                                    const std::string& version) { return object(bucket + "/" + key, version); }};

    Result<std::vector<store::Blob_Ptr>> object(const std::string& path, const std::string& version) const {
        const auto found = objects.find(version.empty() ? path : path + "?" + version);
        if (found != objects.end()) return found->second;
        if (!version.empty()) return Error{"NoSuchVersion", "The specified version does not exist.", 404};
        return Error{"NoSuchKey", "The specified key does not exist.", 404};
    }

    wire::Response send(wire::Request request) {
        const std::string name = request.method + " " + request.target;
        std::optional<wire::Response> result;
        send_to(api.operations_api(), account, std::move(request),
                [&](wire::Response response) { result = std::move(response); });
        loop.run();
        EXPECT_TRUE(result.has_value()) << name << " has no response";
        return result.value_or(wire::Response{});
    }
    wire::Response send(const std::string& method, const std::string& target, std::string body = {},
                        wire::Headers headers = {}) {
        wire::Request request{.method = method, .target = target, .headers = std::move(headers), .body = {}};
        request.body = std::move(body);
        return send(std::move(request));
    }
    /// Creates the function "hello".
    wire::Response create(const Json& changes = Json::object()) {
        Json body = {{"FunctionName", "hello"},
                     {"Runtime", "python3.11"},
                     {"Handler", "app.handler"},
                     {"Role", role},
                     {"Code", {{"ZipFile", base::base64_encode(zip_of({{"app.py", "x"}}))}}}};
        body.update(changes);
        return send("POST", "/2015-03-31/functions", body.dump());
    }
};

}  // namespace osbot_aws::test_support
