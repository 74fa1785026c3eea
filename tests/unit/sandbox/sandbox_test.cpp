#include "sandbox/sandbox.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <thread>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "running.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/mounts.hpp"
#include "sandbox/process_tree.hpp"
#include "support/printers.hpp"
#include "support/refusal.hpp"

namespace osbot_aws::sandbox {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Part;
using test_support::refusal_of;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

pid_t parent_of(pid_t pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string word; status >> word;)
        if (word == "PPid:") {
            status >> pid;
            return pid;
        }
    return -1;
}

pid_t ended_process() {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    ::waitpid(pid, nullptr, 0);
    return pid;
}

std::string own_pid_namespace() {  // "pid:[4026531836]"
    const std::string target = fs::read_symlink("/proc/self/ns/pid").string();
    return target.substr(5, target.size() - 6);
}

struct Sandbox_Test : testing::Test {
    void SetUp() override {
        sandbox = Sandbox::create(Mode::automatic).value();
        if (const auto reason = refusal_of(sandbox->capabilities(), Part::namespaces)) GTEST_SKIP() << *reason;
    }

    Outcome run_shell(const std::string& script) { return run(*sandbox, shell(script)).value(); }

    std::unique_ptr<Sandbox> sandbox;
    Scratch scratch;
};

TEST_F(Sandbox_Test, program_runs_and_returns_its_status) {
    const Outcome outcome = run_shell("echo hello; exit 7");

    EXPECT_EQ(outcome.output, "hello\n");
    EXPECT_EQ(outcome.exit.status, 7);
    EXPECT_EQ(outcome.exit.signal, 0);
}

TEST_F(Sandbox_Test, returns_the_signal_that_killed_the_process) {
    EXPECT_EQ(run_shell("kill -SEGV $$").exit.signal, SIGSEGV);
}

TEST_F(Sandbox_Test, inherits_no_environment_variables) {
    ::setenv("SECRET_OF_THE_ENGINE", "1", 1);
    Process_Spec spec = shell("");
    spec.argv = {"/usr/bin/env"};
    spec.environment = {"A=1", "B=2"};

    EXPECT_EQ(run(*sandbox, spec).value().output, "A=1\nB=2\n");
}

TEST_F(Sandbox_Test, code_is_mounted_read_only) {
    scratch.file("code/handler.py", "code of the function");
    Process_Spec spec = shell("cat handler.py; echo x > handler.py; echo x > other; rm -f handler.py");
    spec.mounts = {{.source = scratch.folder("code"), .target = "/var/task"}};
    spec.working_directory = "/var/task";

    const std::string output = run(*sandbox, spec).value().output;

    EXPECT_THAT(output, HasSubstr("code of the function"));
    EXPECT_THAT(output, HasSubstr("Read-only file system"));
    EXPECT_TRUE(fs::exists(scratch.folder("code") / "handler.py"));
    EXPECT_FALSE(fs::exists(scratch.folder("code") / "other"));
}

TEST_F(Sandbox_Test, host_files_are_read_only) {
    const Outcome outcome = run_shell(
        "for f in / /usr /etc /dev /opt /var /proc/sys/kernel; do (echo x > $f/core_pattern) 2>/dev/null && echo wrote "
        "$f; done; true");

    EXPECT_EQ(outcome.output, "");
}

TEST_F(Sandbox_Test, tmp_is_private_and_limited_in_size) {
    Process_Spec spec =
        shell("ls /tmp; head -c 3000000 /dev/zero > /tmp/fits && echo fits; head -c 3000000 /dev/zero > /tmp/too_much");
    spec.tmp_bytes_max = 4u << 20;

    const std::string output = run(*sandbox, spec).value().output;

    EXPECT_THAT(output, AllOf(testing::StartsWith("fits\n"), HasSubstr("No space left on device")));
}

TEST_F(Sandbox_Test, homes_and_secrets_of_the_host_are_hidden) {
    EXPECT_EQ(
        run_shell("ls -d /home/* /root /etc/shadow /etc/machine-id /sys/* /mnt/* /run/* /.host 2>/dev/null").output,
        "");
}

TEST_F(Sandbox_Test, runs_as_unprivileged_user_named_as_on_lambda) {
    EXPECT_EQ(run_shell("id -un; id -u; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status").output,
              "sbx_user1051\n993\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
}

TEST_F(Sandbox_Test, processes_of_the_host_are_hidden) {
    EXPECT_EQ(run_shell("cat /proc/[0-9]*/comm; true").output, "osbot_init\nsh\n");
}

TEST_F(Sandbox_Test, has_few_devices_and_descriptors_and_no_core_dumps) {
    EXPECT_EQ(run_shell("echo $(ls /dev); ulimit -H -n; ulimit -H -c").output,
              "fd full null random stderr stdin stdout tty urandom zero\n1024\n0\n");
}

TEST_F(Sandbox_Test, has_small_shared_memory_only_if_requested) {
    Process_Spec spec = shell("df -k /dev/shm | awk 'END { print $2 }'; echo x > /dev/shm/x && echo written");
    spec.shared_memory = true;
    EXPECT_EQ(run(*sandbox, spec).value().output, "16384\nwritten\n");
    spec.shared_memory = false;
    EXPECT_THAT(run(*sandbox, spec).value().output, HasSubstr("No such file or directory"));
}

// The function prints when it receives SIGTERM, which it does only while it runs.
TEST_F(Sandbox_Test, frozen_process_runs_after_the_thaw_and_can_be_killed) {
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::freezer)) GTEST_SKIP() << *reason;
    Pipe pipe;
    Process_Spec spec = shell("trap 'echo received' TERM; echo ready; while :; do sleep 0.01; done");
    spec.stdout_fd = pipe.ends[1];
    const auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    ASSERT_TRUE(process->set_frozen(true));
    process->terminate();
    EXPECT_FALSE(wait_for(pipe.ends[0], 100));
    ASSERT_TRUE(process->set_frozen(false));
    EXPECT_EQ(pipe.read("received\n"), "received\n");

    ASSERT_TRUE(process->set_frozen(true));
    process->kill();
    EXPECT_EQ(wait_for_exit(*process).signal, SIGKILL);
}

TEST_F(Sandbox_Test, kernel_files_are_read_only_or_empty) {
    EXPECT_EQ(run_shell("cat /proc/kcore /proc/keys 2>/dev/null | wc -c;"
                        "for f in sysrq-trigger sys/kernel/hostname sys/vm/drop_caches; do"
                        "  (echo 0 > /proc/$f) 2>/dev/null && echo wrote $f; done; true")
                  .output,
              "0\n");
}

TEST_F(Sandbox_Test, dangerous_system_calls_are_denied) {
    const std::string output = run_shell("unshare -U true; unshare -m true; mount -t tmpfs none /tmp; dmesg").output;

    EXPECT_THAT(output, HasSubstr("unshare: unshare failed: Operation not permitted"));
    EXPECT_THAT(output, Not(HasSubstr("Linux version")));
}

TEST_F(Sandbox_Test, missing_program_fails_and_is_named) {
    Process_Spec spec;
    spec.argv = {"/var/task/bootstrap"};
    const auto started = sandbox->start(spec);

    EXPECT_THAT(started, Fails_with("SandboxExecFailed"));
    EXPECT_EQ(started.error().message, "executing /var/task/bootstrap: No such file or directory");
}

TEST_F(Sandbox_Test, missing_working_directory_fails_and_is_named) {
    Process_Spec spec = shell("true");
    spec.working_directory = "/nowhere";

    const auto started = sandbox->start(spec);

    EXPECT_THAT(started, Fails_with("SandboxDirectoryFailed"));
    EXPECT_THAT(started.error().message, HasSubstr("/nowhere: No such file"));
}

TEST_F(Sandbox_Test, missing_mount_source_fails_and_is_named) {
    Process_Spec spec = shell("true");
    spec.mounts = {{.source = "/no/such/code", .target = "/var/task"}};

    const auto started = sandbox->start(spec);

    EXPECT_THAT(started, Fails_with("SandboxMountFailed"));
    EXPECT_THAT(started.error().message, AllOf(HasSubstr("/no/such/code"), HasSubstr("/var/task")));
}

TEST_F(Sandbox_Test, layer_is_mounted_at_opt) {
    scratch.file("one/bin/tool", "the tool");
    Process_Spec spec = shell("cat /opt/bin/tool");
    spec.layers = {scratch.folder("one")};

    EXPECT_EQ(run(*sandbox, spec).value().output, "the tool");
}

TEST_F(Sandbox_Test, layers_merge_at_opt_and_later_ones_override) {
    scratch.file("one, with: odd name/python/both.py", "from one ");
    scratch.file("one, with: odd name/python/only_one.py", "only one ");
    scratch.file("two/python/both.py", "from two ");
    scratch.file("two/python/only_two.py", "only two ");
    Process_Spec spec =
        shell("cat /opt/python/both.py /opt/python/only_one.py /opt/python/only_two.py; echo x > /opt/x");
    spec.layers = {scratch.folder("one, with: odd name"), scratch.folder("two")};

    EXPECT_THAT(run(*sandbox, spec).value().output,
                AllOf(testing::StartsWith("from two only one only two "), HasSubstr("Read-only")));
}

TEST_F(Sandbox_Test, descriptors_of_the_engine_are_closed) {
    const int secret = ::open(scratch.file("secret", "s").c_str(), O_RDONLY);  // without O_CLOEXEC, as a library might

    const Outcome outcome = run_shell("ls /proc/self/fd");

    ::close(secret);
    EXPECT_EQ(outcome.output, "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

// Process 1 is a copy of the engine, with its secrets.
TEST_F(Sandbox_Test, process_1_cannot_be_inspected) {
    const Outcome outcome =
        run_shell("cd /proc/1; cat environ maps auxv; head -c 1 mem; ls -l fd/ | grep socket; readlink exe cwd root");

    EXPECT_THAT(outcome.output, Not(HasSubstr("PATH")));
    for (const char* name : {"environ", "maps", "auxv", "'mem'"})
        EXPECT_THAT(outcome.output, testing::ContainsRegex(std::string(name) + ".*: Permission denied"));
    EXPECT_THAT(outcome.output, Not(HasSubstr("socket:")));
}

TEST_F(Sandbox_Test, exited_processes_leave_no_descriptors_open) {
    run_shell("true");
    const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{}); };
    const auto before = count();
    for (int i = 0; i < 5; ++i) run_shell("true");

    EXPECT_EQ(count(), before);
}

TEST_F(Sandbox_Test, terminate_reaches_the_main_process) {
    Pipe pipe;
    Process_Spec spec = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.02; done");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");
    EXPECT_EQ(process->exit(), std::nullopt);

    process->terminate();

    EXPECT_EQ(pipe.read("bye\n"), "bye\n");
    EXPECT_EQ(wait_for_exit(*process).status, 3);
}

// Every process inherits the write end of the pipe: reading ends when the last of them has exited.
TEST_F(Sandbox_Test, kill_includes_grandchildren) {
    Pipe pipe;
    Process_Spec spec =
        shell("setsid sh -c 'trap \"\" TERM HUP; sleep 1000' & (sleep 1000 &) ; echo ready; sleep 1000");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    pipe.close_write_end();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    process->kill();

    EXPECT_EQ(wait_for_exit(*process).signal, SIGKILL);
    EXPECT_EQ(pipe.read(), "");
}

TEST_F(Sandbox_Test, exit_of_the_main_process_kills_its_children) {
    const Outcome outcome = run_shell("sleep 1000 & echo done");  // reads until sleep has closed the pipe, too

    EXPECT_EQ(outcome.output, "done\n");
}

TEST_F(Sandbox_Test, destructor_kills_the_process) {
    Pipe pipe;
    Process_Spec spec = shell("echo ready; sleep 1000 & sleep 1000");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    pipe.close_write_end();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    process.reset();

    EXPECT_EQ(pipe.read(), "");
}

TEST_F(Sandbox_Test, memory_bytes_excludes_tmp) {
    Pipe pipe;
    Process_Spec spec = shell("head -c 60000000 /dev/zero > /tmp/big; echo ready; sleep 1000");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    EXPECT_GT(process->memory_bytes(), 100'000u);
    EXPECT_LT(process->memory_bytes(), 30'000'000u);
    EXPECT_GE(process->memory_bytes_peak(), process->memory_bytes());
}

TEST(Plain_Sandbox_Test, names_the_descriptor_that_cannot_be_duplicated) {
    Process_Spec spec = shell("");
    spec.stdout_fd = 1'000'000;  // above the limit of descriptors, so never open

    EXPECT_THAT(Sandbox::create(Mode::off).value()->start(spec),
                Fails_with_message("SandboxOutputFailed", "duplicating descriptor 1000000: Bad file descriptor"));
}

TEST_F(Sandbox_Test, peak_of_an_exited_process_needs_no_earlier_sample) {
    const auto plain = Sandbox::create(Mode::off).value();
    Process_Spec spec = shell("");
    spec.argv = {"/usr/bin/python3", "-c", "len(b'x' * 400_000_000)"};
    spec.memory_bytes_max = 1 << 30;
    for (Sandbox* mode : {sandbox.get(), plain.get()}) {
        auto process = mode->start(spec).value();
        pollfd exited = {process->exit_fd(), POLLIN, 0};
        ::poll(&exited, 1, -1);
        ASSERT_TRUE(process->exit());
        EXPECT_GT(process->memory_bytes_peak(), 400'000'000u);
        EXPECT_LT(process->memory_bytes_peak(), 500'000'000u);
    }
}

struct Shared_Case {
    const char* name;
    const char* python;  ///< allocates 40 MB of shared memory
};

struct Sandbox_Shared_Memory_Test : Sandbox_Test, testing::WithParamInterface<Shared_Case> {};

TEST_P(Sandbox_Shared_Memory_Test, memory_bytes_counts_shared_memory_once) {
    Pipe pipe;
    const std::string script =
        std::string("import mmap, os, time\n") + GetParam().python + "\nos.write(1, b'ready\\n')\ntime.sleep(1000)";
    Process_Spec spec = shell("");
    spec.argv = {"/usr/bin/python3", "-c", script};
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    EXPECT_GT(process->memory_bytes(), 40'000'000u);
    EXPECT_LT(process->memory_bytes(), 75'000'000u);
    EXPECT_GE(process->memory_bytes_peak(), process->memory_bytes());
}

INSTANTIATE_TEST_SUITE_P(
    kinds, Sandbox_Shared_Memory_Test,
    testing::Values(
        Shared_Case{"written_memfd", "f = os.memfd_create('x')\nfor _ in range(40): os.write(f, bytes(1000000))"},
        Shared_Case{"mapped_memfd",
                    "f = os.memfd_create('x')\nos.truncate(f, 40000000)\nm = mmap.mmap(f, 40000000)\nos.close(f)\n"
                    "m[:] = bytes(40000000)"},
        Shared_Case{"anonymous_of_two_processes",
                    "m = mmap.mmap(-1, 40000000)\nm[:] = bytes(40000000)\n"
                    "if os.fork() == 0:\n    sum(m[::4096])\n    time.sleep(1000)\ntime.sleep(0.3)"}),
    [](const auto& test) { return test.param.name; });

TEST_F(Sandbox_Test, memory_bytes_excludes_mapped_files_of_tmp) {
    Pipe pipe;
    Process_Spec spec = shell("");
    spec.argv = {
        "/usr/bin/python3", "-c",
        "import mmap, os, time\nf = open('/tmp/x', 'wb+')\nf.truncate(40000000)\n"
        "m = mmap.mmap(f.fileno(), 40000000)\nm[:] = bytes(40000000)\nos.write(1, b'ready\\n')\ntime.sleep(1000)"};
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");
    EXPECT_LT(process->memory_bytes(), 40'000'000u);
}

TEST_F(Sandbox_Test, number_of_files_in_tmp_is_limited) {
    Process_Spec spec = shell("cd /tmp && i=0; while [ $i -lt 1100 ]; do : > $i || break; i=$((i+1)); done; echo $i");
    spec.tmp_bytes_max = 16u << 20;
    const std::string output = run(*sandbox, spec).value().output;
    EXPECT_THAT(output, HasSubstr("cannot create 1023: No space left on device")) << "the root folder is one inode";
}

TEST_F(Sandbox_Test, cgroup_kills_a_process_above_the_memory_limit) {
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::cgroup)) GTEST_SKIP() << *reason;
    Process_Spec spec = shell("head -c 200000000 /dev/zero | tail | wc -c; exec tail /dev/zero");
    spec.memory_bytes_max = 32u << 20;
    spec.tmp_bytes_max = 1u << 20;

    const Outcome outcome = run(*sandbox, spec).value();

    EXPECT_EQ(outcome.exit.signal, SIGKILL);
    EXPECT_TRUE(outcome.exit.out_of_memory);
}

TEST_F(Sandbox_Test, kernel_limits_processes_of_root_and_of_users) {
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::processes)) GTEST_SKIP() << *reason;
    const Outcome outcome = run_shell("i=0; while [ $i -lt 1500 ]; do sleep 60 & i=$((i+1)); done; echo created $i");
    EXPECT_THAT(outcome.output, testing::HasSubstr("Cannot fork"));  // sh exits then
    EXPECT_THAT(outcome.output, testing::Not(testing::HasSubstr("created")));
}

TEST_F(Sandbox_Test, tasks_counts_processes_and_threads) {
    Pipe pipe;
    Process_Spec spec = shell("sleep 60 & sleep 60 & echo started; wait");
    spec.stdout_fd = pipe.ends[1];
    const auto process = sandbox->start(spec).value();
    pipe.read("started");

    EXPECT_GE(process->tasks(), 2u);
    EXPECT_LE(process->tasks(), 4u);
}

TEST_F(Sandbox_Test, cgroups_of_killed_engines_are_removed) {
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::cgroup)) GTEST_SKIP() << *reason;
    const fs::path folder = Cgroup_Parent::find().value().folder();
    const pid_t dead = ended_process();
    const fs::path abandoned = folder / fmt::format("osbot_aws.{}.7.{}", dead, own_pid_namespace());
    ASSERT_TRUE(fs::create_directory(abandoned));
    std::vector<fs::path> existing;  // left by an engine that had the process id of this process
    for (int i = 0; i < 300; ++i) {
        const fs::path group = folder / fmt::format("osbot_aws.{}.{}.{}", ::getpid(), i, own_pid_namespace());
        if (::mkdir(group.c_str(), 0755) == 0) existing.push_back(group);
    }

    const auto parent = Cgroup_Parent::find();
    EXPECT_TRUE(parent.has_value());
    EXPECT_FALSE(fs::exists(abandoned));
    for (const fs::path& group : existing) ::rmdir(group.c_str());
}

// Containers can share the host's cgroups. Their engines are in other PID namespaces, where this process cannot see
// them.
TEST_F(Sandbox_Test, cgroups_of_engines_in_other_containers_are_kept) {
    // Without cgroups, as in most containers, engines create none that another could remove.
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::cgroup)) GTEST_SKIP() << *reason;
    const fs::path folder = Cgroup_Parent::find().value().folder();
    const fs::path group = folder / fmt::format("osbot_aws.{}.7.1{}", ended_process(), own_pid_namespace());
    ASSERT_TRUE(fs::create_directory(group));

    EXPECT_TRUE(Cgroup_Parent::find().has_value());
    EXPECT_TRUE(fs::exists(group));

    const auto minute_ago = fs::file_time_type::clock::now() - std::chrono::seconds(61);
    fs::last_write_time(group, minute_ago);
    EXPECT_TRUE(Cgroup_Parent::find().has_value());
    EXPECT_FALSE(fs::exists(group));
}

TEST_F(Sandbox_Test, kill_signal_is_not_reported_as_out_of_memory) {
    EXPECT_FALSE(run_shell("kill -KILL $$").exit.out_of_memory);
}

TEST_F(Sandbox_Test, own_network_is_isolated_except_for_its_listeners) {
    if (const auto reason = refusal_of(sandbox->capabilities(), Part::network)) GTEST_SKIP() << *reason;
    Pipe pipe;
    // bash can open sockets and is available on every host
    Process_Spec spec;
    spec.argv = {"/bin/bash", "-c",
                 "grep -c : /proc/net/dev; (echo > /dev/tcp/192.0.2.1/80) 2>&1 | grep -m 1 -o 'Network is unreachable';"
                 "exec 3<>/dev/tcp/127.0.0.1/9001; read word <&3; echo $word"};
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.own_network = true;
    spec.listen_ports = {9001, 9002};
    spec.stdout_fd = spec.stderr_fd = pipe.ends[1];

    auto process = sandbox->start(spec).value();
    pipe.close_write_end();
    const std::vector<int> listeners = process->take_listeners();
    ASSERT_EQ(listeners.size(), 2u);
    ASSERT_TRUE(wait_for(listeners[0]));
    const int connection = ::accept(listeners[0], nullptr, nullptr);
    ASSERT_EQ(::send(connection, "welcome\n", 8, 0), 8);

    EXPECT_EQ(pipe.read(), "1\nNetwork is unreachable\nwelcome\n");
    EXPECT_TRUE(process->take_listeners().empty());
    for (const int fd : {connection, listeners[0], listeners[1]}) ::close(fd);
}

/// A TCP listener on the host, for a process that connects with /dev/tcp of bash.
struct Host_Listener {
    Host_Listener() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t bytes = sizeof address;
        EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), bytes), 0);
        EXPECT_EQ(::listen(fd, 8), 0);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bytes);
        port = ntohs(address.sin_port);
    }
    Host_Listener(const Host_Listener&) = delete;
    Host_Listener& operator=(const Host_Listener&) = delete;
    ~Host_Listener() { ::close(fd); }

    base::Unique_Fd accept() const {
        EXPECT_TRUE(wait_for(fd)) << "no process has connected";
        return base::Unique_Fd(::accept(fd, nullptr, nullptr));
    }
    std::unique_ptr<Process> start_client(Sandbox& sandbox, const std::string& before = "") const {
        Process_Spec spec;
        spec.argv = {"/bin/bash", "-c", fmt::format("{} exec 3<>/dev/tcp/127.0.0.1/{}; read -u 3", before, port)};
        return sandbox.start(spec).value();
    }

    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port = 0;
};

TEST_F(Sandbox_Test, peer_check_accepts_only_its_own_processes) {
    ASSERT_TRUE(sandbox->capabilities().peers);
    const Host_Listener listener;
    const auto process = listener.start_client(*sandbox);
    const base::Unique_Fd own = listener.accept();
    const auto other_process = listener.start_client(*sandbox);
    const base::Unique_Fd of_other = listener.accept();
    const Peer_Check check = process->peer_check(), check_of_other = other_process->peer_check();

    EXPECT_TRUE(check(own.fd()));
    EXPECT_FALSE(check(of_other.fd()));
    EXPECT_TRUE(check_of_other(of_other.fd()));

    sockaddr_in address{};
    socklen_t bytes = sizeof address;
    ::getsockname(listener.fd, reinterpret_cast<sockaddr*>(&address), &bytes);
    const base::Unique_Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(client.fd(), reinterpret_cast<sockaddr*>(&address), bytes), 0);
    EXPECT_FALSE(check(listener.accept().fd())) << "a process of the host";
    EXPECT_FALSE(check(-1));
}

TEST_F(Sandbox_Test, peer_check_accepts_grandchildren_with_many_descriptors) {
    const Host_Listener listener;
    const std::string before =
        "for n in {10..900}; do eval \"exec $n</dev/null\"; done; setsid -f true; (sleep 60 &) ;";
    const auto process = listener.start_client(*sandbox, before);

    EXPECT_TRUE(process->peer_check()(listener.accept().fd()));
}

TEST_F(Sandbox_Test, peer_check_rejects_a_closed_peer) {
    const Host_Listener listener;
    const auto process = listener.start_client(*sandbox);
    const base::Unique_Fd connection = listener.accept();
    process->kill();
    wait_for_exit(*process);

    EXPECT_FALSE(process->peer_check()(connection.fd()));
}

TEST_F(Sandbox_Test, process_1_discards_the_engines_memory) {
    std::vector<std::string> small(100'000, std::string(500, 's'));  // on the heap
    const std::string large(64u << 20, 'l');                         // in a separate mapping
    Pipe pipe;
    Process_Spec spec = shell("echo ready; exec sleep 1000");
    spec.stdout_fd = pipe.ends[1];
    auto process = sandbox->start(spec).value();
    ASSERT_EQ(pipe.read("ready\n"), "ready\n");

    const pid_t first = parent_of(process->pid());
    ASSERT_NE(first, ::getpid());
    std::uint64_t resident = 0;
    for (int attempt = 0; attempt < 500; ++attempt) {  // process 1 discards it shortly after the function has started
        resident = memory_of({first}).now;
        if (resident < (20u << 20)) break;
        ::usleep(2000);
    }
    EXPECT_LT(resident, 20u << 20);
    EXPECT_EQ(process->exit(), std::nullopt);
    process->kill();
    EXPECT_EQ(wait_for_exit(*process).signal, SIGKILL);
}

// Another thread may hold a lock during the clone, which the child must not need.
TEST_F(Sandbox_Test, several_threads_can_start_processes_concurrently) {
    std::atomic<bool> stop = false;
    std::thread allocating([&] {
        while (!stop) std::string(100'000, 'x').append(std::to_string(std::rand()));
    });
    std::vector<std::thread> starting;
    std::atomic<int> succeeded = 0;
    for (int i = 0; i < 8; ++i)
        starting.emplace_back([&, i] {
            for (int j = 0; j < 5; ++j)
                if (run_shell(fmt::format("echo {}", i)).output == fmt::format("{}\n", i)) ++succeeded;
        });
    for (std::thread& thread : starting) thread.join();
    stop = true;
    allocating.join();

    EXPECT_EQ(succeeded, 40);
}

TEST_F(Sandbox_Test, strict_requires_the_complete_sandbox) {
    const auto strict = Sandbox::create(Mode::strict);

    if (const Capabilities& found = sandbox->capabilities(); found.network && found.cgroup && found.processes) {
        ASSERT_TRUE(strict.has_value());
        Process_Spec spec = shell("grep -c : /proc/net/dev");
        spec.own_network = true;
        EXPECT_EQ(run(**strict, spec).value().output, "1\n");
    } else {
        ASSERT_THAT(strict, Fails_with("SandboxUnavailable"));
        const std::string& missing = sandbox->capabilities().missing.front();
        EXPECT_THAT(strict.error().message, HasSubstr(missing.substr(0, missing.find(" ("))));
    }
}

TEST_F(Sandbox_Test, node_runs) {
    const char* node = "/usr/bin/node";
    if (!fs::exists(node)) GTEST_SKIP() << "no node in /usr/bin";
    Process_Spec spec;
    spec.argv = {node, "-e", "setTimeout(() => console.log(require('os').userInfo().username), 1)"};

    EXPECT_EQ(run(*sandbox, spec).value().output, "sbx_user1051\n");
}

TEST_F(Sandbox_Test, python_runs_with_threads_tls_and_temporary_files) {
    if (!fs::exists("/usr/bin/python3")) GTEST_SKIP() << "no python3 in /usr/bin";
    Process_Spec spec = shell("");
    spec.argv = {"/usr/bin/python3", "-c",
                 "import ssl, json, tempfile, threading, subprocess, getpass\n"
                 "t = threading.Thread(target=lambda: print('thread')); t.start(); t.join()\n"
                 "tempfile.NamedTemporaryFile().write(b'x')\n"
                 "print(subprocess.check_output(['/bin/echo', 'child']).decode().strip(), getpass.getuser())\n"
                 "print(ssl.create_default_context().cert_store_stats()['x509'] > 0)"};

    EXPECT_THAT(run(*sandbox, spec).value().output, testing::StartsWith("thread\nchild sbx_user1051\n"));
}

TEST_F(Sandbox_Test, writable_mount_changes_the_source) {
    Process_Spec spec = shell("echo from inside > /mnt/efs/file");
    spec.mounts = {{.source = scratch.folder("shared"), .target = "/mnt/efs", .read_only = false}};

    EXPECT_EQ(run(*sandbox, spec).value().output, "");
    EXPECT_EQ(fs::file_size(scratch.folder("shared") / "file"), 12u);
}

TEST_F(Sandbox_Test, file_can_be_mounted) {
    Process_Spec spec = shell("cat /var/runtime/bootstrap");
    spec.mounts = {{.source = scratch.file("here/boot", "the bootstrap"), .target = "/var/runtime/bootstrap"}};

    EXPECT_EQ(run(*sandbox, spec).value().output, "the bootstrap");
}

// An interpreter outside /usr is mounted at its own path, even one in a folder that the sandbox replaces.
TEST_F(Sandbox_Test, folder_can_be_mounted_at_its_host_path) {
    const fs::path tool = scratch.file("interpreter/bin/tool", "tool");
    Process_Spec spec = shell("cat " + tool.string());
    spec.mounts = {{.source = scratch.folder("interpreter"), .target = scratch.folder("interpreter")},
                   {.source = "/usr/lib", .target = "/usr/lib"}};

    EXPECT_EQ(run(*sandbox, spec).value().output, "tool");
}

TEST(Any_Host_Test, mode_off_starts_a_plain_child_process) {
    auto plain = Sandbox::create(Mode::off).value();
    const std::string directory = fs::current_path().string();
    Process_Spec spec = shell("pwd; grep NoNewPrivs /proc/self/status; exit 5");
    spec.working_directory = directory;

    const Outcome outcome = run(*plain, spec).value();

    EXPECT_FALSE(plain->mounts_apply());
    EXPECT_EQ(outcome.output,
              fmt::format("{}\nNoNewPrivs:\t{}\n", directory, ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)));
    EXPECT_EQ(outcome.exit.status, 5);
}

struct Sandbox_Root_Test : Sandbox_Test {
    /// Creates a small image with /bin/sh and the libraries that it needs.
    void SetUp() override {
        Sandbox_Test::SetUp();
        if (IsSkipped()) return;
        root = scratch.folder("root");
        for (const char* folder : {"usr/bin", "etc", "tmp", "srv"}) fs::create_directories(root / folder);
        fs::create_directory_symlink("usr/bin", root / "bin");
        for (const char* program : {"sh", "cat", "ls"}) copy("/bin/" + std::string(program), "usr/bin");
        std::ofstream(root / "srv/file") << "of the image";
        std::ofstream(root / "hello") << "at the top";
        std::ofstream(root / "tmp/hidden") << "by its own /tmp";
        std::ofstream(root / "etc/resolv.conf");
    }
    void copy(const fs::path& program, const fs::path& to) const {
        fs::copy_file(fs::canonical(program), root / to / program.filename());
        const auto shared = base::run_program({.argv = {"ldd", program.string()}}).value();
        for (std::size_t at = 0; (at = shared.output.find('/', at)) != std::string::npos;) {
            const std::string library = shared.output.substr(at, shared.output.find_first_of(" \n", at) - at);
            at += library.size();
            fs::create_directories((root.string() + library).substr(0, (root.string() + library).rfind('/')));
            std::error_code exists;
            fs::copy_file(library, root.string() + library, exists);
        }
    }
    Process_Spec in_root(const std::string& script) {
        Process_Spec spec = shell(script);
        spec.root = root;
        return spec;
    }

    fs::path root;
};

TEST_F(Sandbox_Root_Test, process_sees_the_image_and_not_the_host) {
    const Outcome outcome = run(*sandbox, in_root("cat /hello /srv/file; ls /; ls /usr")).value();

    EXPECT_THAT(outcome.output, HasSubstr("at the topof the image"));
    EXPECT_THAT(outcome.output, HasSubstr("bin\ndev\netc\nhello\n"));
    EXPECT_THAT(outcome.output,
                Not(AnyOf(HasSubstr("home"), HasSubstr("root"), HasSubstr("share"), HasSubstr(".host"))));
}

TEST_F(Sandbox_Root_Test, only_tmp_is_writable) {
    const Outcome outcome =
        run(*sandbox, in_root("ls /tmp; echo 1 > /tmp/x && cat /tmp/x; echo 2 > /srv/file; echo 3 > /new; "
                              "cat /srv/file"))
            .value();

    EXPECT_THAT(outcome.output, AllOf(HasSubstr("1\n"), HasSubstr("Read-only file system"), HasSubstr("of the image"),
                                      Not(HasSubstr("hidden"))));
    EXPECT_FALSE(fs::exists(root / "new"));
}

TEST_F(Sandbox_Root_Test, image_gets_devices_processes_and_resolv_conf) {
    const Outcome outcome = run(*sandbox, in_root("echo x > /dev/null && cat /proc/1/comm /etc/resolv.conf")).value();
    std::ifstream host("/etc/resolv.conf");
    const std::string names((std::istreambuf_iterator<char>(host)), {});
    EXPECT_EQ(outcome.output, "osbot_init\n" + names);
}

TEST(Any_Host_Test, root_file_system_needs_namespaces) {
    auto plain = Sandbox::create(Mode::off).value();
    Process_Spec spec = shell("true");
    spec.root = "/";
    EXPECT_THAT(plain->start(spec), Fails_with("SandboxRootFailed"));
}

}  // namespace
}  // namespace osbot_aws::sandbox
