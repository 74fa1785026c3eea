// without_namespaces PROGRAM [ARGUMENT...]
// Runs a program, and its child processes, under a filter like Docker's default one: clone and unshare with CLONE_NEW*,
// setns, the system calls of mounting, and others that a container rarely needs fail with EPERM, clone3 with ENOSYS.
// Needs no privileges. Source: https://github.com/moby/profiles/blob/main/seccomp/default.json
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <initializer_list>

namespace {

bool refuse_namespaces() {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const auto refuse = static_cast<unsigned>(SCMP_ACT_ERRNO(EPERM));
    bool done = filter != nullptr && seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) == 0;
    for (const int flag :
         {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
        const auto bits = static_cast<scmp_datum_t>(flag);
        const scmp_arg_cmp has_flag = {0, SCMP_CMP_MASKED_EQ, bits, bits};
        done = done && seccomp_rule_add(filter, refuse, SCMP_SYS(clone), 1, has_flag) == 0 &&
               seccomp_rule_add(filter, refuse, SCMP_SYS(unshare), 1, has_flag) == 0;
    }
    for (const int number :
         {SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(open_tree),
          SCMP_SYS(move_mount), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(mount_setattr), SCMP_SYS(io_uring_setup),
          SCMP_SYS(keyctl), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd)})
        done = done && seccomp_rule_add(filter, refuse, number, 0) == 0;
    // clone3 hides its flags from filters. Docker returns ENOSYS as well, and libc then uses clone.
    done = done && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    return done && seccomp_load(filter) == 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: without_namespaces PROGRAM [ARGUMENT...]\n");
        return 64;
    }
    if (!refuse_namespaces()) {
        fprintf(stderr, "without_namespaces: the filter could not be installed\n");
        return 70;
    }
    execvp(arguments[1], arguments + 1);
    fprintf(stderr, "without_namespaces: %s: %s\n", arguments[1], strerror(errno));
    return 71;
}
