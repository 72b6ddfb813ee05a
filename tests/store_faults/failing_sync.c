/* Loaded before libc: the n-th sync of the process, whichever thread comes to it, fails with EIO, and nothing is synced.
 * The others take their time, as a disk's do, so that commands run on top of what is being synced. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static atomic_int syncs;

static int sync_with(const char *name, int fd) {
    int nth = atomic_fetch_add(&syncs, 1) + 1;
    const char *failing = getenv("GONGHUI_TEST_FAILING_SYNC");
    usleep(4000);
    if (failing && nth == atoi(failing)) {
        char thread[17] = "", line[80];
        prctl(PR_GET_NAME, thread, 0, 0, 0);
        int length = snprintf(line, sizeof line, "\n> failed %s in %s\n", name, thread);
        if (write(STDOUT_FILENO, line, (size_t)length) != length) abort();
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fdatasync(int fd) { return sync_with("fdatasync", fd); }
int fsync(int fd) { return sync_with("fsync", fd); }
