#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <osbot_aws/core/Session.hpp>

#include "base/files.hpp"
#include "client/transport.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::test {

/// Describes a request: "GET /2015-03-31/functions/f/configuration", "iam CreateRole", "logs DeleteLogGroup".
inline std::string title_of(const wire::Request& request) {
    const std::string& body = request.body.bytes();
    if (body.starts_with("Action=")) return "iam " + body.substr(7, body.find('&') - 7);
    if (const std::string target(request.headers["X-Amz-Target"]); !target.empty())
        return "logs " + target.substr(target.find('.') + 1);
    return request.method + " " + request.target;
}

/// Records the requests of a session to an in-memory engine. A test can replace or change responses.
struct Recording_Transport final : client::Transport {
    using Response_Result = Result<wire::Response>;

    explicit Recording_Transport(std::shared_ptr<client::Transport> target_transport)
        : inner(std::move(target_transport)) {}
    Response_Result send(const wire::Request& request, const client::Send_Options& options) override {
        {
            const std::lock_guard lock(mutex);
            titles.push_back(title_of(request));
            requests.push_back(request);
        }
        if (instead) {
            if (auto response = instead(request)) return std::move(*response);
        }
        Response_Result response = inner->send(request, options);
        return after ? after(request, std::move(response)) : std::move(response);
    }

    std::shared_ptr<client::Transport> inner;
    std::mutex mutex;  ///< guards the next two
    std::vector<std::string> titles;
    std::vector<wire::Request> requests;
    std::function<std::optional<Response_Result>(const wire::Request&)>
        instead;  ///< if it returns a result, the request is not sent
    std::function<Response_Result(const wire::Request&, Response_Result)> after;  ///< may replace the engine's response
};

inline wire::Response json_response(int status, const std::string& body, const std::string& code = "") {
    wire::Response response{.status = status};
    if (!code.empty()) response.headers.add("x-amzn-ErrorType", code);
    response.body = body;
    return response;
}

/// A session with its own in-memory engine. Records all requests. Every wait takes 10 ms instead of its requested time.
struct Sdk_Fixture {
    Session session = Session::in_memory();
    std::shared_ptr<Recording_Transport> transport;
    std::chrono::milliseconds total_wait{0};
    base::Temporary_Folder folder;

    Sdk_Fixture() {
        impl_of(session).seams = {.sleep =
                                      [this](std::chrono::milliseconds wait) {
                                          total_wait += wait;
                                          std::this_thread::sleep_for(std::chrono::milliseconds(10));
                                      },
                                  .transport =
                                      [this](std::shared_ptr<client::Transport> real) {
                                          transport = std::make_shared<Recording_Transport>(std::move(real));
                                          return transport;
                                      }};
        client_of(session);
    }

    std::filesystem::path file(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((folder.path() / name).parent_path());
        base::write_file(folder.path() / name, text).value();
        return folder.path() / name;
    }
    /// Returns the titles of the requests that `act` sends.
    std::vector<std::string> sent_by(const std::function<void()>& act) {
        transport->titles.clear();
        act();
        return std::exchange(transport->titles, {});
    }
};

}  // namespace osbot_aws::test
