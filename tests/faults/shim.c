/* Preloaded into the program under test: makes chosen calls fail, as told by a page of memory shared with the test.
 *
 * The page holds RULES structs. A rule applies to a call of its name on a path that contains its pattern; the path of a
 * descriptor is what /proc says. It counts each call that it spoils. Limit: calls that bypass the C library's symbols.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RULES 16

struct rule {
    char call[16];     /* empty: unused */
    int32_t error;     /* errno to fail with */
    int32_t times;     /* so many calls more; below 0 without end. Of a clock: seconds to add */
    uint64_t spoiled;  /* calls that have failed */
    char pattern[224]; /* what the path must contain */
};

static struct rule *rules;

__attribute__((constructor)) static void attach(void) {
    const char *page = getenv("FAULTS_PAGE");
    int descriptor = page ? (int)syscall(SYS_openat, AT_FDCWD, page, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void *at = mmap(NULL, RULES * sizeof(struct rule), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    rules = at == MAP_FAILED ? NULL : at;
    syscall(SYS_close, descriptor);
}

static int takes_one(struct rule *rule) {
    int32_t left = __atomic_load_n(&rule->times, __ATOMIC_SEQ_CST);
    while (left > 0)
        if (__atomic_compare_exchange_n(&rule->times, &left, left - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return 1;
    return left < 0;
}

static struct rule *rule_of(const char *call) {
    for (struct rule *rule = rules; rule && rule < rules + RULES; rule++)
        if (rule->call[0] && strcmp(rule->call, call) == 0)
            return rule;
    return NULL;
}

/* Whether the call is to fail; then errno is set. */
static int fails(const char *call, const char *path) {
    for (struct rule *rule = rules; path && rule && rule < rules + RULES; rule++) {
        if (!rule->call[0] || strcmp(rule->call, call) != 0 || !strstr(path, rule->pattern) || !takes_one(rule))
            continue;
        __atomic_add_fetch(&rule->spoiled, 1, __ATOMIC_SEQ_CST);
        errno = rule->error;
        return 1;
    }
    return 0;
}

static int fails_on(const char *call, int descriptor) {
    char link[64], path[PATH_MAX];
    if (!rule_of(call))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return fails(call, path);
}

#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define MODE(flags, mode)                                                                                              \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                                           \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode = va_arg(more, mode_t);                                                                                   \
        va_end(more);                                                                                                  \
    }

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        MODE(flags, mode)                                                                                              \
        return fails("open", path) ? -1 : NEXT(int, #name, const char *, int, mode_t)(path, flags, mode);              \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                   \
    int name(int directory, const char *path, int flags, ...) {                                                        \
        MODE(flags, mode)                                                                                              \
        return fails("open", path) ? -1 : NEXT(int, #name, int, const char *, int, mode_t)(directory, path, flags, mode);\
    }
OPENAT(openat)
OPENAT(openat64)

#define PREAD(name, offset_type)                                                                                       \
    ssize_t name(int fd, void *data, size_t size, offset_type offset) {                                                \
        return fails_on("pread", fd) ? -1 : NEXT(ssize_t, #name, int, void *, size_t, offset_type)(fd, data, size, offset);\
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

ssize_t read(int fd, void *data, size_t size) {
    return fails_on("read", fd) ? -1 : NEXT(ssize_t, "read", int, void *, size_t)(fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size) {
    return fails_on("write", fd) ? -1 : NEXT(ssize_t, "write", int, const void *, size_t)(fd, data, size);
}

int fsync(int fd) { return fails_on("fsync", fd) ? -1 : NEXT(int, "fsync", int)(fd); }

int flock(int fd, int how) { return fails_on("flock", fd) ? -1 : NEXT(int, "flock", int, int)(fd, how); }

int rename(const char *from, const char *to) {
    return fails("rename", to) ? -1 : NEXT(int, "rename", const char *, const char *)(from, to);
}

int renameat(int in, const char *from, int there, const char *to) {
    return fails("rename", to) ? -1 : NEXT(int, "renameat", int, const char *, int, const char *)(in, from, there, to);
}

int link(const char *from, const char *to) {
    return fails("link", to) ? -1 : NEXT(int, "link", const char *, const char *)(from, to);
}

int linkat(int in, const char *from, int there, const char *to, int flags) {
    if (fails("link", to))
        return -1;
    return NEXT(int, "linkat", int, const char *, int, const char *, int)(in, from, there, to, flags);
}

int mkdir(const char *path, mode_t mode) {
    return fails("mkdir", path) ? -1 : NEXT(int, "mkdir", const char *, mode_t)(path, mode);
}

int stat64(const char *path, struct stat64 *found) {
    return fails("stat", path) ? -1 : NEXT(int, "stat64", const char *, struct stat64 *)(path, found);
}

int stat(const char *path, struct stat *found) {
    return fails("stat", path) ? -1 : NEXT(int, "stat", const char *, struct stat *)(path, found);
}

/* The rule's error is one of EAI_…, its pattern stands in the name that is looked up. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *wanted, struct addrinfo **found) {
    if (fails("getaddrinfo", name))
        return errno;
    return NEXT(int, "getaddrinfo", const char *, const char *, const struct addrinfo *, struct addrinfo **)(
        name, service, wanted, found);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int result = NEXT(int, "clock_gettime", clockid_t, struct timespec *)(which, now);
    struct rule *rule = rules ? rule_of(which == CLOCK_REALTIME ? "wall" : which == CLOCK_MONOTONIC ? "steady" : "-") : NULL;
    if (rule && result == 0)
        now->tv_sec += rule->times;
    return result;
}
