#include "server/local_engine.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/files.hpp"
#include "support/printers.hpp"

namespace osbot_aws::server {
namespace {

using testing::HasSubstr;

struct Local_Engine_Test : testing::Test {
    const base::Temporary_Folder folder{"osbot_local_engine_test"};

    std::unique_ptr<Local_Engine> start(bool in_memory = false) const {
        return Local_Engine::start({.state_folder = in_memory ? "" : folder.path(), .port = 0}).value();
    }
    static wire::Response ask(Local_Engine& engine, const std::string& service, std::string method, std::string target,
                              std::string body = "") {
        wire::Request request{std::move(method), std::move(target), {}, {.bytes = std::move(body)}};
        request.headers.set("Host", "localhost");
        request.headers.set("Authorization",
                            "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/" + service + "/aws4_request");
        return engine.handle(std::move(request));
    }
};

TEST_F(Local_Engine_Test, what_was_answered_is_there_after_a_restart) {
    auto engine = start();
    ASSERT_EQ(ask(*engine, "s3", "PUT", "/kept").status, 200);
    engine.reset();
    engine = start();
    EXPECT_EQ(ask(*engine, "s3", "HEAD", "/kept").status, 200);
    EXPECT_EQ(ask(*engine, "s3", "HEAD", "/never").status, 404);
}

TEST_F(Local_Engine_Test, in_memory_nothing_is_kept) {
    ASSERT_EQ(ask(*start(true), "s3", "PUT", "/gone").status, 200);
    EXPECT_EQ(ask(*start(true), "s3", "HEAD", "/gone").status, 404);
}

TEST_F(Local_Engine_Test, a_state_folder_has_one_owner_who_is_named) {
    auto owner = start();
    const auto second = Local_Engine::start({.state_folder = folder.path(), .port = 0});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "StateFolderError");
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
    EXPECT_EQ(ask(*owner, "s3", "GET", "/").status, 200) << "the owner goes on";
    owner.reset();
    EXPECT_TRUE(Local_Engine::start({.state_folder = folder.path(), .port = 0})) << "and leaves it free";
}

TEST_F(Local_Engine_Test, a_port_that_is_taken_is_refused_or_if_only_a_wish_replaced) {
    const auto first = start(true);
    const auto refused = Local_Engine::start({.port = first->port()});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "PortInUse");
    EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(first->port())));

    const auto other = Local_Engine::start({.port = first->port(), .port_is_a_wish = true});
    ASSERT_TRUE(other);
    EXPECT_NE((*other)->port(), first->port());
}

TEST_F(Local_Engine_Test, what_it_does_not_have_is_501_and_names_it) {
    const auto engine = start(true);
    const wire::Response service = ask(*engine, "dynamodb", "POST", "/");
    EXPECT_EQ(service.status, 501);
    EXPECT_THAT(service.body.bytes, HasSubstr("dynamodb"));
    EXPECT_EQ(ask(*engine, "lambda", "GET", "/2099-01-01/nothing").status, 501);
    EXPECT_EQ(ask(*engine, "iam", "POST", "/", "Action=CreateNothing&Version=2010-05-08").status, 501);
    EXPECT_EQ(ask(*engine, "sts", "POST", "/", "Action=CreateNothing&Version=2011-06-15").status, 501);
}

}  // namespace
}  // namespace osbot_aws::server
