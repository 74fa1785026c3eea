#include "engine/local_engine.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.hpp"
#include "store/store.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

using testing::HasSubstr;

struct Local_Engine_Test : testing::Test {
    const base::Temporary_Folder folder{"osbot_local_engine_test"};

    std::unique_ptr<Local_Engine> start(bool in_memory = false) const {
        return Local_Engine::start({.state_folder = in_memory ? "" : folder.path(), .port = 0}).value();
    }
    static wire::Response send(Local_Engine& engine, const std::string& service, std::string method, std::string target,
                               std::string body = "") {
        return try_send(engine, service, std::move(method), std::move(target), std::move(body)).value();
    }
    static Result<wire::Response> try_send(Local_Engine& engine, const std::string& service, std::string method,
                                           std::string target, std::string body = "") {
        wire::Request request{std::move(method), std::move(target), {}, std::move(body)};
        request.headers.set("Host", "localhost");
        request.headers.set("Authorization",
                            "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/" + service + "/aws4_request");
        return engine.handle(std::move(request));
    }
};

TEST_F(Local_Engine_Test, confirmed_changes_survive_a_restart) {
    auto engine = start();
    ASSERT_EQ(send(*engine, "s3", "PUT", "/stored").status, 200);
    engine.reset();
    engine = start();
    EXPECT_EQ(send(*engine, "s3", "HEAD", "/stored").status, 200);
    EXPECT_EQ(send(*engine, "s3", "HEAD", "/never").status, 404);
}

TEST_F(Local_Engine_Test, body_that_cannot_be_read_to_its_end_is_an_error) {
    auto engine = start();
    const std::string body(2 << 20, 'x');  // so that it is streamed
    send(*engine, "s3", "PUT", "/bucket");
    ASSERT_EQ(send(*engine, "s3", "PUT", "/bucket/key", body).status, 200);
    ASSERT_EQ(send(*engine, "s3", "GET", "/bucket/key").body.bytes().size(), body.size());
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path() / "blobs"))
        if (file.is_regular_file() && file.file_size() == body.size()) std::filesystem::remove(file);
    const auto response = try_send(*engine, "s3", "GET", "/bucket/key");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, "ConnectionClosedError");
}

TEST_F(Local_Engine_Test, engine_in_memory_retains_no_state) {
    ASSERT_EQ(send(*start(true), "s3", "PUT", "/bucket").status, 200);
    EXPECT_EQ(send(*start(true), "s3", "HEAD", "/bucket").status, 404);
}

TEST_F(Local_Engine_Test, second_engine_fails_and_names_the_owner_of_the_state) {
    auto owner = start();
    const auto second = Local_Engine::start({.state_folder = folder.path(), .port = 0});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "StateFolderError");
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
    EXPECT_EQ(send(*owner, "s3", "GET", "/").status, 200) << "the first engine still works";
    owner.reset();
    EXPECT_TRUE(Local_Engine::start({.state_folder = folder.path(), .port = 0})) << "the folder is free again";
}

TEST_F(Local_Engine_Test, starts_on_the_state_of_an_older_version) {
    std::filesystem::copy(TEST_DATA "/state_d8372fb", folder.path(), std::filesystem::copy_options::recursive);
    auto engine = start();
    const auto check = [&] {
        EXPECT_EQ(send(*engine, "s3", "GET", "/bucket/in/parts").body.bytes(), "firstsecond");
        EXPECT_THAT(send(*engine, "lambda", "GET", "/2015-03-31/functions").body.bytes(), HasSubstr("\"hello\""));
        const auto status = Json::parse(send(*engine, "", "GET", "/_osbot/status").body.bytes());
        EXPECT_EQ(status.at("unreadable_records"), 0);
    };
    check();
    engine.reset();
    engine = start();
    check();
}

TEST_F(Local_Engine_Test, record_of_a_newer_version_prevents_the_start) {
    store::Store::open(folder.path()).value()->put("sqs.queue", "jobs", "{}", 99);
    const auto refused = Local_Engine::start({.state_folder = folder.path(), .port = 0});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "StateFolderError");
    EXPECT_THAT(refused.error().message, HasSubstr("sqs.queue jobs has version 99"));
    EXPECT_THAT(refused.error().message, HasSubstr(folder.path().string()));
}

TEST_F(Local_Engine_Test, state_folder_remembers_forwards_until_an_explicit_list) {
    const auto health = [](Local_Engine& engine) { return send(engine, "", "GET", "/_osbot/health").body.bytes(); };
    const auto start_with = [this](std::optional<Forwards> forwards) {
        return Local_Engine::start({.state_folder = folder.path(), .port = 0, .forwards = std::move(forwards)}).value();
    };
    EXPECT_THAT(health(*start_with(parse_forwards({"sns=http://localhost:1"}).value())),
                HasSubstr("http://localhost:1"));
    EXPECT_THAT(health(*start_with(std::nullopt)), HasSubstr("http://localhost:1"));
    EXPECT_THAT(health(*start_with(Forwards{})), HasSubstr(R"("forwards":{})"));
    EXPECT_THAT(health(*start_with(std::nullopt)), HasSubstr(R"("forwards":{})"));
}

TEST_F(Local_Engine_Test, port_in_use_fails_or_falls_back_to_a_free_port) {
    const auto first = start(true);
    const auto rejected = Local_Engine::start({.port = first->port()});
    ASSERT_FALSE(rejected);
    EXPECT_EQ(rejected.error().code, "PortInUse");
    EXPECT_THAT(rejected.error().message, HasSubstr(std::to_string(first->port())));
    EXPECT_THAT(rejected.error().message, HasSubstr(fmt::format("(process {})", ::getpid())));

    const auto other = Local_Engine::start({.port = first->port(), .fall_back_to_free_port = true});
    ASSERT_TRUE(other);
    EXPECT_NE((*other)->port(), first->port());
}

TEST_F(Local_Engine_Test, unsupported_operation_is_501_and_named) {
    const auto engine = start(true);
    const wire::Response service = send(*engine, "dynamodb", "POST", "/");
    EXPECT_EQ(service.status, 501);
    EXPECT_THAT(service.body.bytes(), HasSubstr("dynamodb"));
    EXPECT_EQ(send(*engine, "lambda", "GET", "/2099-01-01/nothing").status, 501);
    EXPECT_EQ(send(*engine, "iam", "POST", "/", "Action=ListOrganizationsFeatures&Version=2010-05-08").status, 501);
    const wire::Response action = send(*engine, "iam", "POST", "/", "Action=CreateNothing&Version=2010-05-08");
    EXPECT_EQ(action.status, 400) << "AWS does not have this action";
    EXPECT_THAT(action.body.bytes(), HasSubstr("InvalidAction"));
}

}  // namespace
}  // namespace osbot_aws::engine
