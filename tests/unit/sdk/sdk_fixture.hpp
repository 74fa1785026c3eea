#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <osbot_aws/core/Session.hpp>

#include "base/files.hpp"
#include "client/transport.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::test {

/// "GET /2015-03-31/functions/f/configuration", "iam CreateRole", "logs DeleteLogGroup"
inline std::string title_of(const wire::Request& request) {
    const std::string& body = request.body.bytes;
    if (body.starts_with("Action=")) return "iam " + body.substr(7, body.find('&') - 7);
    if (const std::string target(request.headers["X-Amz-Target"]); !target.empty())
        return "logs " + target.substr(target.find('.') + 1);
    return request.method + " " + request.target;
}

/// Counts what a session sends to an engine in memory, and lets a test come between them.
struct Watched_Transport final : client::Transport {
    using Answer = Result<wire::Response>;

    explicit Watched_Transport(std::shared_ptr<client::Transport> to) : inner(std::move(to)) {}
    Answer send(const wire::Request& request, const client::Send_Options& options) override {
        titles.push_back(title_of(request));
        requests.push_back(request);
        if (instead) {
            if (auto answer = instead(request)) return std::move(*answer);
        }
        Answer answer = inner->send(request, options);
        return after ? after(request, std::move(answer)) : std::move(answer);
    }

    std::shared_ptr<client::Transport> inner;
    std::vector<std::string> titles;
    std::vector<wire::Request> requests;
    std::function<std::optional<Answer>(const wire::Request&)> instead;  ///< the engine never gets the request
    std::function<Answer(const wire::Request&, Answer)> after;           ///< it got it; its answer may get lost
};

inline wire::Response json_response(int status, const std::string& body, const std::string& code = "") {
    wire::Response response{.status = status};
    if (!code.empty()) response.headers.add("x-amzn-ErrorType", code);
    response.body.bytes = body;
    return response;
}

/// A session on an engine of its own, watched; each wait is as long as the engine needs.
struct Sdk_Fixture {
    Session session = Session::in_memory();
    std::shared_ptr<Watched_Transport> transport;
    std::chrono::milliseconds waited{0};
    base::Temporary_Folder folder;

    Sdk_Fixture() {
        session.impl().seams = {.sleep =
                                    [this](std::chrono::milliseconds wait) {
                                        waited += wait;
                                        std::this_thread::sleep_for(std::chrono::milliseconds(10));
                                    },
                                .transport =
                                    [this](std::shared_ptr<client::Transport> real) {
                                        transport = std::make_shared<Watched_Transport>(std::move(real));
                                        return transport;
                                    }};
        client_of(session);
    }

    std::filesystem::path file(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((folder.path() / name).parent_path());
        base::write_file(folder.path() / name, text).value();
        return folder.path() / name;
    }
    /// What `act` sent.
    std::vector<std::string> sent_by(const std::function<void()>& act) {
        transport->titles.clear();
        act();
        return std::exchange(transport->titles, {});
    }
};

}  // namespace osbot_aws::test
