#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/iam/iam.hpp"
#include "engine/images/images.hpp"
#include "engine/lambda/code_folders.hpp"
#include "engine/lambda/event_sources.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/logs/logs.hpp"
#include "engine/s3/s3.hpp"
#include "engine/sqs/sqs.hpp"
#include "engine/sts/sts.hpp"
#include "memory_store.hpp"
#include "request_steps.hpp"
#include "aws/models/models.hpp"
#include "server/dispatcher.hpp"
#include "server/iam_api.hpp"
#include "server/images_api.hpp"
#include "server/lambda_api.hpp"
#include "server/logs_api.hpp"
#include "server/s3_api.hpp"
#include "server/sqs_api.hpp"
#include "server/sts_api.hpp"
#include "support/fake_loop.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::fuzz {

/// Returns the body, also of a response that is streamed.
inline std::string bytes_of(wire::Response& response) {
    if (!response.body.stream) return wire::take_bytes(response.body).value();
    std::string all;
    response.body.stream->read([&](std::string_view piece) { all += piece; }, [](const wire::Body_Stream::End&) {});
    return all;
}

/// All services behind the dispatcher, on one thread and without sockets and processes: a function returns its event.
struct Engine_World {
    static inline const base::Time first_start = test_support::Fake_Clock().time;

    struct Echo final : engine::Invocations {
        void invoke(engine::Invoke_Request request, Done done) override {
            engine::Invoke_Result result;
            result.payload = request.payload.empty() ? "{}" : std::move(request.payload);
            result.request_id = "id-1";
            done(std::move(result));
        }
        bool reservation_is_used(const engine::Function&) const override { return false; }
        std::string enqueue(engine::Invoke_Request) override { return "queued-1"; }
        void retire(const engine::Account&, const std::string&, const std::string&) override {}
        void stop_all() override {}
        std::vector<Count> counts() const override { return {}; }
        std::size_t environments() const override { return 0; }
        std::size_t queued() const override { return 0; }
    };

    /// Reads the records of the store, as an engine does when it starts. `folder` is for unpacked code.
    Engine_World(Memory_Store& memory_store, const std::filesystem::path& folder, base::Time start = first_start)
        : store(memory_store),
          context{.loop = loop_at(start), .store = memory_store},
          code(context, folder / "code"),
          images(context, folder / "images", nullptr) {
        images.load();
        functions.load();
        event_sources.load();
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

    test_support::Fake_Loop loop;
    Memory_Store& store;
    engine::Context context;
    engine::Logs logs{context};
    engine::Iam iam{context};
    engine::Sts sts{context, iam};
    engine::S3 s3{context};
    engine::Sqs sqs{context};
    engine::Code_Folders code;
    engine::Images images;
    Echo invocations;
    engine::Functions functions{
        context,
        code,
        invocations,
        {.role_exists = [this](const engine::Account&,
                               std::string_view arn) { return iam.role_by_arn(std::string(arn)) != nullptr; },
         .image = [this](std::string_view uri) { return images.find(uri); }}};
    engine::Event_Sources event_sources{context, sqs, functions, invocations};
    server::Lambda_Api lambda_api{context, functions, invocations, event_sources,
                                  [this](const engine::Account& account, const std::string& bucket,
                                         const std::string& key) { return s3.object_blobs(account, bucket, key); }};
    server::Model_Api logs_api{context.loop, aws::logs_model(), server::logs_operations(logs)};
    server::Model_Api iam_api{context.loop, aws::iam_model(), server::iam_operations(iam)};
    server::Model_Api sts_api{context.loop, aws::sts_model(), server::sts_operations(sts)};
    server::Sqs_Front sqs_front{context, sqs};
    server::Model_Api sqs_api{context.loop, aws::sqs_model(), server::sqs_operations(sqs_front)};
    server::S3_Api s3_api{context, s3};
    server::Images_Api images_api{images};
    server::Dispatcher dispatcher{context,
                                  {lambda_api,
                                   {{"lambda", &lambda_api},
                                    {"logs", &logs_api},
                                    {"iam", &iam_api},
                                    {"sts", &sts_api},
                                    {"sqs", &sqs_api},
                                    {"s3", &s3_api}}},
                                  {.health = [] { return std::string("{}"); },
                                   .reset = [] {},
                                   .images = [this](const wire::Request& request,
                                                    const server::Reply& reply) { images_api.handle(request, reply); },
                                   .status = [](const server::Reply& reply) { reply({}); },
                                   .prune = [](const wire::Request&, const server::Reply& reply) { reply({}); }}};

private:
    test_support::Fake_Loop& loop_at(base::Time start) {
        loop.fake_clock.time = start;
        return loop;
    }
    void create_role() {
        iam.create_role({}, {.name = "lambda",
                             .trust_policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
                                             R"({"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
                             .description = ""})
            .value();
    }
};

}  // namespace osbot_aws::fuzz
