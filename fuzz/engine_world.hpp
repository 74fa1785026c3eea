#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/models/models.hpp"
#include "engine/dispatcher.hpp"
#include "engine/images_api.hpp"
#include "memory_store.hpp"
#include "request_steps.hpp"
#include "services/iam/iam.hpp"
#include "services/iam/iam_api.hpp"
#include "services/images/images.hpp"
#include "services/lambda/api/api.hpp"
#include "services/lambda/event_sources.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/logs/insights/log_queries.hpp"
#include "services/logs/log_exports.hpp"
#include "services/logs/logs.hpp"
#include "services/logs/logs_api.hpp"
#include "services/s3/s3.hpp"
#include "services/s3/s3_api.hpp"
#include "services/sqs/sqs.hpp"
#include "services/sqs/sqs_api.hpp"
#include "services/sqs/sqs_query.hpp"
#include "services/sts/sts.hpp"
#include "services/sts/sts_api.hpp"
#include "support/fake_loop.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::fuzz {

/// Returns the body, also of a response that is streamed.
inline std::string bytes_of(wire::Response& response) {
    if (!response.body.stream()) return wire::take_bytes(response.body).value();
    std::string all;
    response.body.stream()->read([&](std::string_view piece) { all += piece; }, [](const wire::Body_Stream::End&) {});
    return all;
}

/// All services behind the dispatcher, on one thread and without sockets and processes: a function returns its event.
struct Engine_World {
    static inline const base::Time first_start = test_support::Fake_Clock().time;

    struct Echo final : services::Invocations {
        void invoke(services::Invoke_Request request, Done done) override {
            services::Invoke_Result result;
            result.payload = request.payload.empty() ? "{}" : std::move(request.payload);
            result.request_id = "id-1";
            done(std::move(result));
        }
        bool reservation_is_used(const services::Function&) const override { return false; }
        std::string enqueue(services::Invoke_Request) override { return "queued-1"; }
        void provision(const services::Function_Ptr&, std::size_t) override {}
        Provisioned provisioned(const services::Function&) const override { return {}; }
        void take_snapshot(const services::Function_Ptr&, std::function<void(const std::string&)> done) override {
            done("");
        }
        void retire(const services::Account&, const std::string&, const std::string&) override {}
        void load() override {}
        void clear() override {}
        std::vector<Count> counts() const override { return {}; }
        void prepare(const std::string&, std::function<void()> done) override { done(); }
        std::size_t environments() const override { return 0; }
        std::size_t queued() const override { return 0; }
    };

    /// Reads the records of the store, as an engine does when it starts. `folder` is for unpacked code.
    Engine_World(Memory_Store& memory_store, const std::filesystem::path& folder, base::Time start = first_start)
        : store(memory_store),
          context{.loop = loop_at(start), .store = memory_store},
          code(context, folder / "code"),
          images(context, folder / "images", nullptr) {
        for (services::State* state :
             std::initializer_list<services::State*>{&logs, &iam, &s3, &sqs, &images, &functions, &event_sources})
            state->load();
        loop.run();
    }
    ~Engine_World() { event_sources.clear(); }

    /// Returns the response; nullopt for a request that waits, such as a long poll.
    std::optional<wire::Response> send(wire::Request request) {
        std::optional<wire::Response> result;
        dispatcher.handle(std::move(request), [&](wire::Response response) { result = std::move(response); });
        loop.run();
        return result;
    }

    /// Creates the role that the requests use, sends them, one in each second, and passes the responses to `check`.
    void run(std::vector<Step> steps, void (*check)(const wire::Response&, const std::string& bytes)) {
        create_role();
        std::vector<std::pair<std::string, std::string>> values{{"now_ms", "1734480000000"}};
        for (Step& step : steps) {
            substitute(step.request, values);
            auto response = send(std::move(step.request));
            loop.advance(std::chrono::seconds(1));
            if (!response) continue;
            const std::string bytes = bytes_of(*response);
            loop.run();
            check(*response, bytes);
            for (const auto& [name, element] : step.variables) values.emplace_back(name, value_in(bytes, element));
        }
    }

    services::Operations all_logs_operations() {
        logs.subscriptions().connect(functions.registry, invocations);
        services::Operations all = services::logs_operations(logs);
        all.add(services::log_query_operations(log_queries));
        all.add(services::log_export_operations(log_exports));
        return all;
    }

    test_support::Fake_Loop loop;
    Memory_Store& store;
    services::Context context;
    services::Logs logs{context};
    services::Iam iam{context};
    services::Sts sts{context, iam};
    services::S3 s3{context};
    services::Sqs sqs{context};
    services::Code_Folders code;
    services::Images images;
    Echo invocations;
    services::Functions functions{
        context,
        code,
        invocations,
        {.role_exists = [this](const services::Account&,
                               std::string_view arn) { return iam.role_by_arn(std::string(arn)) != nullptr; },
         .image = [this](std::string_view uri) { return images.find(uri); }}};
    services::Event_Sources event_sources{context, sqs, functions.registry, invocations};
    services::Lambda_Api lambda_api{
        context, functions, invocations, event_sources,
        [this](const services::Account& account, const std::string& bucket, const std::string& key,
               const std::string& version) { return s3.object_blobs(account, bucket, key, version); }};
    services::Log_Queries log_queries{logs};
    services::Log_Exports log_exports{logs, s3};
    services::Model_Api logs_api{context.loop, aws::logs_model(), all_logs_operations()};
    services::Model_Api iam_api{context.loop, aws::iam_model(), services::iam_operations(iam)};
    services::Model_Api sts_api{context.loop, aws::sts_model(), services::sts_operations(sts)};
    services::Sqs_Front sqs_front{context, sqs};
    services::Model_Api sqs_api{context.loop, aws::sqs_model(), services::sqs_operations(sqs_front)};
    services::Sqs_Query_Api sqs_query_api{context.loop, sqs_front};
    services::S3_Api s3_api{context, s3};
    engine::Images_Api images_api{images};
    engine::Dispatcher dispatcher{
        context,
        {lambda_api, {&lambda_api.operations_api(), &logs_api, &iam_api, &sts_api, &sqs_api, &sqs_query_api, &s3_api}},
        {.health = [] { return std::string("{}"); },
         .reset = [] {},
         .images = [this](const wire::Request& request,
                          const services::Reply& reply) { images_api.handle(request, reply); },
         .status = [](const services::Reply& reply) { reply({}); },
         .prune = [](const wire::Request&, const services::Reply& reply) { reply({}); }}};

private:
    test_support::Fake_Loop& loop_at(base::Time start) {
        loop.fake_clock.time = start;
        return loop;
    }
    void create_role() {
        services::Role role;
        role.account = services::Account{}.id;
        role.name = "lambda";
        role.arn = "arn:aws:iam::" + role.account + ":role/lambda";
        role.trust_policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
                            R"({"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
        iam.all<services::Role>().put(std::move(role));
    }
};

}  // namespace osbot_aws::fuzz
