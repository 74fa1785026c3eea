#include "services/lambda/running/runtime_preparation.hpp"

#include <gmock/gmock.h>
#include <poll.h>

#include <stdexcept>

#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

/// Packages that are installed as soon as install() was called for them, unless `fails`.
struct Fake_Support final : Runtime_Support {
    fs::path find(const std::string& runtime) override {
        return std::ranges::find(installed, runtime) != installed.end() ? fs::path("/packages") : fs::path();
    }
    Result<void> install(const std::string& runtime, const fs::path&) override {
        pollfd event{base::cancellation_fd, POLLIN, 0};
        cancelled.push_back(::poll(&event, 1, 0) > 0);
        attempts.push_back(runtime);
        if (throws) throw std::runtime_error("no space left on device");
        if (fails) return Error{"InstallFailed", "no network", 0};
        installed.push_back(runtime);
        return {};
    }
    std::string problem(const std::string&) override { return "no network"; }

    bool fails = false, throws = false;
    std::vector<std::string> installed, attempts;
    std::vector<bool> cancelled;
};

/// A Loop whose workers wait until the test runs them.
struct Slow_Workers final : base::Loop {
    test_support::Fake_Loop loop;
    std::deque<std::pair<std::function<void()>, std::function<void()>>> waiting;

    const base::Clock& clock() const override { return loop.clock(); }
    void post(std::function<void()> task) override { loop.post(std::move(task)); }
    base::Subscription_Ptr after(std::chrono::nanoseconds delay, std::function<void()> task) override {
        return loop.after(delay, std::move(task));
    }
    base::Subscription_Ptr when_readable(int fd, std::function<void()> task) override {
        return loop.when_readable(fd, std::move(task));
    }
    void run_blocking(std::function<void()> work, std::function<void()> done) override {
        waiting.emplace_back(std::move(work), std::move(done));
    }
    /// Runs the oldest task of a worker, and its result on the loop.
    void work() {
        auto [work, done] = std::move(waiting.front());
        waiting.pop_front();
        work();
        done();
        loop.run();
    }
};

/// A host with two interpreters of Python.
struct Runtime_Preparation_Test : testing::Test {
    Runtime_Preparation_Test() {
        for (const char* name : {"python3.41", "python3.42"}) {
            base::write_file(folder.path() / name, "").value();
            fs::permissions(folder.path() / name, fs::perms::owner_all);
        }
        ::setenv("PATH", folder.path().c_str(), 1);
    }
    ~Runtime_Preparation_Test() override { ::setenv("PATH", path_before.c_str(), 1); }

    void prepare(const std::string& runtime) {
        preparation.prepare(runtime, [this, runtime] { ready.push_back(runtime); });
    }

    std::string path_before = base::variable("PATH");
    base::Temporary_Folder folder;
    Slow_Workers loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    std::shared_ptr<Fake_Support> support = std::make_shared<Fake_Support>();
    Runtimes runtimes{folder.path() / "clients", false, support};
    Runtime_Preparation preparation{context, runtimes};
    std::vector<std::string> ready;
};

TEST_F(Runtime_Preparation_Test, function_waits_until_packages_are_installed) {
    prepare("python3.41");
    loop.work();  // finds that they are missing
    EXPECT_THAT(ready, IsEmpty());
    loop.work();
    EXPECT_THAT(ready, ElementsAre("python3.41"));
    EXPECT_THAT(support->attempts, ElementsAre("python3.41"));

    prepare("python3.41");
    loop.work();
    EXPECT_THAT(ready, ElementsAre("python3.41", "python3.41"));
    EXPECT_EQ(support->attempts.size(), 1);
}

TEST_F(Runtime_Preparation_Test, functions_of_one_runtime_share_an_installation) {
    prepare("python3.41");
    prepare("python3.41");
    prepare("python3.42");
    for (int i = 0; i < 3; ++i) loop.work();
    EXPECT_EQ(loop.waiting.size(), 1);  // one installation at a time
    loop.work();
    EXPECT_THAT(ready, ElementsAre("python3.41", "python3.41"));
    loop.work();
    EXPECT_THAT(support->attempts, ElementsAre("python3.41", "python3.42"));
}

TEST_F(Runtime_Preparation_Test, nearest_interpreter_decides_the_packages) {
    prepare("python3.99");
    loop.work();
    loop.work();
    EXPECT_THAT(support->attempts, ElementsAre("python3.42"));
    EXPECT_THAT(ready, ElementsAre("python3.99"));
}

TEST_F(Runtime_Preparation_Test, failed_installation_lets_function_become_active) {
    support->fails = true;
    prepare("python3.41");
    loop.work();
    loop.work();
    EXPECT_THAT(ready, ElementsAre("python3.41"));
}

TEST_F(Runtime_Preparation_Test, exception_of_a_worker_is_a_failed_installation) {
    support->throws = true;
    prepare("python3.41");
    loop.work();
    loop.work();
    EXPECT_THAT(ready, ElementsAre("python3.41"));
    EXPECT_EQ(base::cancellation_fd, -1);
}

TEST_F(Runtime_Preparation_Test, slow_installation_is_not_repeated_beside_itself) {
    prepare("python3.41");
    loop.work();
    loop.loop.advance(preparation_time_max);
    prepare("python3.41");
    std::swap(loop.waiting[0], loop.waiting[1]);
    loop.work();  // finds that the packages are missing, while another worker installs them
    loop.work();
    EXPECT_THAT(loop.waiting, IsEmpty());
    EXPECT_THAT(support->attempts, ElementsAre("python3.41"));
    EXPECT_THAT(ready, ElementsAre("python3.41", "python3.41"));
}

TEST_F(Runtime_Preparation_Test, no_installation_starts_after_the_stop) {
    prepare("python3.41");
    preparation.stop();
    loop.work();
    prepare("python3.42");
    EXPECT_THAT(loop.waiting, IsEmpty());
    EXPECT_THAT(ready, IsEmpty());
}

TEST_F(Runtime_Preparation_Test, slow_installation_does_not_hold_function_forever) {
    prepare("python3.41");
    loop.work();
    loop.loop.advance(preparation_time_max - std::chrono::seconds(1));
    EXPECT_THAT(ready, IsEmpty());
    loop.loop.advance(std::chrono::seconds(1));
    EXPECT_THAT(ready, ElementsAre("python3.41"));
    loop.work();  // the installation ends later
    EXPECT_EQ(ready.size(), 1);
    EXPECT_EQ(support->installed.size(), 1);
}

TEST_F(Runtime_Preparation_Test, other_runtimes_are_ready_immediately) {
    prepare("provided.al2023");
    Runtimes without{folder.path() / "clients", false};
    Runtime_Preparation(context, without).prepare("python3.41", [this] { ready.push_back("without support"); });
    EXPECT_THAT(ready, ElementsAre("provided.al2023", "without support"));
    EXPECT_THAT(loop.waiting, IsEmpty());
}

TEST_F(Runtime_Preparation_Test, cancel_ends_the_installation_and_drops_callbacks) {
    prepare("python3.41");
    loop.work();
    preparation.cancel();
    loop.work();
    EXPECT_THAT(support->cancelled, ElementsAre(true));
    EXPECT_THAT(ready, IsEmpty());
    EXPECT_EQ(base::cancellation_fd, -1);
}

}  // namespace
}  // namespace osbot_aws::services
