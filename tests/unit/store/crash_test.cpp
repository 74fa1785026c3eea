// Durability of the store when the process is killed while writing, and when the disk is full.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>

#include "base/files.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/printers.hpp"
#include "unit/store/wait.hpp"

namespace osbot_aws::store {
namespace {

using test_support::Fails_with;
using test_support::Succeeds;
using testing::HasSubstr;

/// Writes records and blobs until it is killed. Writes each number to the pipe `acknowledged` once it is durable.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int acknowledged) {
    const auto store = Store::open(folder).value();
    for (int i = 0;; ++i) {
        const auto blob = store->blobs().put("blob " + std::to_string(i)).value();
        store->put("number", std::to_string(i), blob->sha256());
        store->append_log("g", "s", {{.timestamp_ms = i, .message = std::to_string(i)}});
        // Several writes in flight, so that the kill may interrupt a shared commit.
        store->when_durable(store->last_change(), [i, acknowledged](Result<void> outcome) {
            if (!outcome || ::write(acknowledged, &i, sizeof(i)) != sizeof(i)) ::_exit(1);
        });
        if (i % 8 == 7) durable(*store).value();
    }
}

TEST(Store_Crash_Test, acknowledged_writes_survive_kill_9) {
    const base::Temporary_Folder folder;
    for (const std::size_t kill_after : {1U, 37U, 90U}) {
        int pipe_fds[2];
        ASSERT_EQ(::pipe(pipe_fds), 0);
        const pid_t child = ::fork();
        if (child == 0) write_until_killed(folder.path(), pipe_fds[1]);
        ::close(pipe_fds[1]);

        std::vector<int> acknowledged;
        for (int i = 0;
             ::read(pipe_fds[0], &i, sizeof(i)) == sizeof(i);) {  // until closed, including writes after the kill
            acknowledged.push_back(i);
            if (acknowledged.size() == kill_after) ::kill(child, SIGKILL);
        }
        ::close(pipe_fds[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child was not killed";
        ASSERT_GE(acknowledged.size(), kill_after);

        const auto store = Store::open(folder.path()).value();  // the kill released the lock
        std::map<std::string, std::string> found;
        for (auto& record : store->load("number")) found[record.key] = record.value;
        const auto logged = store->find_logs({.group = "g"}).size();
        for (const int i : acknowledged) {
            ASSERT_TRUE(found.contains(std::to_string(i))) << i;
            EXPECT_EQ(store->blobs().read(*store->blobs().hold(found[std::to_string(i)], 0)).value(),
                      "blob " + std::to_string(i));
        }
        EXPECT_GE(logged, acknowledged.size());
        EXPECT_TRUE(std::filesystem::is_empty(store->temporary_folder())) << "incomplete files must be removed";
    }
}

/// Checks that writes fail after `fill` has made them impossible, and succeed after `free` has made them possible
/// again.
template <class Fill, class Free>
void expect_store_survives_full_disk(Store& store, Fill fill, Free free) {
    store.put("x", "before", "1");
    ASSERT_THAT(durable(store), Succeeds());

    fill();
    store.put("x", "rejected", std::string(2 << 20, 'r'));
    const auto failed = store.last_change();
    const auto outcome = durable(store);
    ASSERT_THAT(outcome, Fails_with("ServiceException"));
    EXPECT_EQ(outcome.error().http_status, 500);
    EXPECT_THAT(outcome.error().message, HasSubstr("could not be written"));
    EXPECT_THAT(store.blobs().put(std::string(2 << 20, 'b')), Fails_with("ServiceException"));

    free();
    Result<void> late = Result<void>();
    store.when_durable(failed, [&](Result<void> result) { late = std::move(result); });
    EXPECT_THAT(late, Fails_with("ServiceException")) << "the failure is reported to later callers, too";
    store.put("x", "after", "3");
    EXPECT_THAT(durable(store), Succeeds());
    EXPECT_THAT(store.blobs().put("small"), Succeeds());

    std::vector<std::string> keys;
    for (const auto& record : store.load("x")) keys.push_back(record.key);
    EXPECT_THAT(keys, testing::ElementsAre("after", "before"));
}

TEST(Store_Crash_Test, file_size_limit_fails_the_write_and_keeps_old_data) {
    const base::Temporary_Folder folder;
    const auto store = Store::open(folder.path()).value();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);

    expect_store_survives_full_disk(
        *store,
        [&] {
            const rlimit small{1 << 20, before.rlim_max};
            ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
        },
        [&] { ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0); });
    ::signal(SIGXFSZ, handler);
}

TEST(Store_Crash_Test, full_disk_fails_the_write_and_keeps_old_data) {
    const base::Temporary_Folder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4m") != 0)
        GTEST_SKIP() << "this host refuses mounts: " << std::strerror(errno);
    {
        const auto store = Store::open(folder.path() / "state").value();
        const auto ballast = folder.path() / "ballast";
        expect_store_survives_full_disk(
            *store, [&] { std::ofstream(ballast) << std::string(8 << 20, 'x'); },
            [&] { std::filesystem::remove(ballast); });
    }
    EXPECT_EQ(::umount(folder.path().c_str()), 0);
}

}  // namespace
}  // namespace osbot_aws::store
