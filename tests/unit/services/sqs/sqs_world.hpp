#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/sqs/sqs.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {

using Strings = std::vector<std::string>;

/// SQS with a store in memory and a clock that the test advances.
struct Sqs_World : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    std::optional<Sqs> sqs{std::in_place, context};
    Account account;

    const Queue& make(const std::string& name, const std::map<std::string, std::string>& attributes = {}) {
        return *sqs->create(account, name, attributes, {}).value();
    }
    const Queue& make_fifo(const std::string& name, std::map<std::string, std::string> attributes = {}) {
        attributes.emplace("FifoQueue", "true");
        attributes.emplace("ContentBasedDeduplication", "true");
        return make(name, attributes);
    }
    const Queue& queue(const std::string& name) { return *sqs->find(account, name).value(); }
    void restart() { sqs.emplace(context).load(); }

    Result<Message> try_send(const std::string& to, const std::string& body, std::optional<std::string> group = {},
                             std::optional<std::string> deduplication_id = {}) {
        return sqs->send(queue(to), {.body = body,
                                     .attributes = {},
                                     .trace_header = {},
                                     .group_id = std::move(group),
                                     .delay = {},
                                     .deduplication_id = std::move(deduplication_id)});
    }
    std::string error_of(const Result<Message>& sent) {
        return sent ? "" : sent.error().code + ": " + sent.error().message;
    }
    std::vector<Received_Message> receive(const std::string& from, const Receive_Message& request = {.max = 10}) {
        return sqs->receive(queue(from), request).value();
    }
    static Strings bodies_of(const std::vector<Received_Message>& received) {
        Strings bodies;
        for (const auto& each : received) bodies.push_back(each.message.body);
        return bodies;
    }
    Strings bodies(const std::string& from, const Receive_Message& request = {.max = 10}) {
        return bodies_of(receive(from, request));
    }
    std::string attribute(const std::string& of, const std::string& name) {
        return sqs->attributes(queue(of), {name}).value().at(name);
    }
};

}  // namespace osbot_aws::services
