/*
 * The physical limit: C_SignInit and C_Sign in a loop, one session per thread, the module initialised for threads.
 *
 *   sign_loop MODULE TOKEN KEY-ID MECHANISM DATA THREADS
 *
 * TOKEN: the token's label. KEY-ID: CKA_ID of the private key, in hexadecimal. MECHANISM: CKM_ number, without a
 * parameter (1 = CKM_RSA_PKCS, 0x1041 = CKM_ECDSA). DATA: what is signed, in hexadecimal.
 *
 * The first line of standard input is the PIN. "ready" is answered once every session is open and has signed once. Then
 * each line "go SECONDS" is answered by "SIGNATURES SECONDS CPU-SECONDS"; the threads stay, so that slices can take
 * turns with another candidate's without the cost of a start. End of input ends it.
 *
 * Nothing is verified here and no fault is recovered from: the first one ends the program with status 1.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <p11-kit/pkcs11.h>

#define THREADS_MAX 256
#define SIGNATURE_ROOM 1024

static CK_FUNCTION_LIST_PTR p11;
static CK_MECHANISM mechanism;
static CK_BYTE data[512];
static CK_ULONG data_length;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned long slice;   /* counts the slices begun */
static int running;           /* threads that have not finished the present one */
static struct timespec until; /* when it ends */

struct worker {
    pthread_t thread;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    unsigned long signatures;
};

static void fail(const char *what, unsigned long code)
{
    fprintf(stderr, "sign_loop: %s: 0x%08lx\n", what, code);
    exit(1);
}

static void check(const char *call, CK_RV code)
{
    if (code != CKR_OK)
        fail(call, code);
}

static struct timespec now(clockid_t clock)
{
    struct timespec at;
    clock_gettime(clock, &at);
    return at;
}

static double between(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static CK_ULONG from_hex(const char *text, CK_BYTE *room, CK_ULONG size)
{
    CK_ULONG length = strlen(text) / 2;
    if (length > size || strlen(text) % 2)
        fail("hexadecimal of this length", strlen(text));
    for (CK_ULONG i = 0; i < length; i++) {
        unsigned int value;
        if (sscanf(text + 2 * i, "%2x", &value) != 1)
            fail("not hexadecimal, at", 2 * i);
        room[i] = (CK_BYTE)value;
    }
    return length;
}

static void sign(struct worker *self)
{
    CK_BYTE signature[SIGNATURE_ROOM];
    CK_ULONG length = sizeof signature;
    check("C_SignInit", p11->C_SignInit(self->session, &mechanism, self->key));
    check("C_Sign", p11->C_Sign(self->session, data, data_length, signature, &length));
}

static void *work(void *argument)
{
    struct worker *self = argument;
    unsigned long seen = 0;
    for (;;) {
        pthread_mutex_lock(&turn);
        while (slice == seen)
            pthread_cond_wait(&changed, &turn);
        seen = slice;
        pthread_mutex_unlock(&turn);
        unsigned long count = 0;
        do {
            sign(self);
            count++;
        } while (between(now(CLOCK_MONOTONIC), until) > 0);
        pthread_mutex_lock(&turn);
        self->signatures = count;
        if (--running == 0)
            pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&turn);
    }
    return NULL;
}

static CK_SLOT_ID find_token(const char *label)
{
    CK_SLOT_ID slots[256];
    CK_ULONG count = sizeof slots / sizeof *slots;
    char padded[33];
    snprintf(padded, sizeof padded, "%-32s", label);
    check("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK && memcmp(info.label, padded, 32) == 0)
            return slots[i];
    }
    fail("no such token among", count);
    return 0;
}

static CK_OBJECT_HANDLE find_key(CK_SESSION_HANDLE session, CK_BYTE *id, CK_ULONG id_length)
{
    CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &private_key, sizeof private_key}, {CKA_ID, id, id_length}};
    CK_OBJECT_HANDLE found[2];
    CK_ULONG count = 0;
    check("C_FindObjectsInit", p11->C_FindObjectsInit(session, template, 2));
    check("C_FindObjects", p11->C_FindObjects(session, found, 2, &count));
    check("C_FindObjectsFinal", p11->C_FindObjectsFinal(session));
    if (count != 1)
        fail("private keys of that id", count);
    return found[0];
}

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList get = NULL;
    if (library != NULL)
        *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL) {
        fprintf(stderr, "sign_loop: %s\n", dlerror());
        exit(1);
    }
    check("C_GetFunctionList", get(&p11));
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    check("C_Initialize", p11->C_Initialize(&arguments));
}

static void begin(struct worker *workers, int threads, const char *token, const char *key_id)
{
    CK_BYTE id[64];
    CK_ULONG id_length = from_hex(key_id, id, sizeof id);
    CK_SLOT_ID slot = find_token(token);
    char pin[256];
    if (fgets(pin, sizeof pin, stdin) == NULL)
        fail("no PIN on standard input", 0);
    pin[strcspn(pin, "\n")] = '\0';
    for (int i = 0; i < threads; i++) {
        struct worker *worker = &workers[i];
        check("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &worker->session));
        if (i == 0)
            check("C_Login", p11->C_Login(worker->session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)));
        worker->key = find_key(worker->session, id, id_length);
        sign(worker);
    }
    explicit_bzero(pin, sizeof pin);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            fail("threads made", (unsigned long)i);
}

static void measure(struct worker *workers, int threads, double seconds)
{
    unsigned long signatures = 0;
    struct timespec wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    pthread_mutex_lock(&turn);
    until = wall;
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    running = threads;
    slice++;
    pthread_cond_broadcast(&changed);
    while (running > 0)
        pthread_cond_wait(&changed, &turn);
    for (int i = 0; i < threads; i++)
        signatures += workers[i].signatures;
    pthread_mutex_unlock(&turn);
    printf("%lu %.6f %.6f\n", signatures, between(wall, now(CLOCK_MONOTONIC)),
           between(cpu, now(CLOCK_PROCESS_CPUTIME_ID)));
}

int main(int count, char **arguments)
{
    static struct worker workers[THREADS_MAX];
    char line[64];
    if (count != 7) {
        fprintf(stderr, "usage: sign_loop MODULE TOKEN KEY-ID MECHANISM DATA THREADS   (PIN on standard input)\n");
        return 2;
    }
    int threads = atoi(arguments[6]);
    if (threads < 1 || threads > THREADS_MAX)
        fail("threads", (unsigned long)threads);
    mechanism.mechanism = strtoul(arguments[4], NULL, 0);
    data_length = from_hex(arguments[5], data, sizeof data);
    load(arguments[1]);
    begin(workers, threads, arguments[2], arguments[3]);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        double seconds;
        if (sscanf(line, "go %lf", &seconds) != 1 || seconds <= 0)
            fail("not a line 'go SECONDS'", 0);
        measure(workers, threads, seconds);
        fflush(stdout);
    }
    /* The threads sleep, holding nothing: the process may end with them. */
    return 0;
}
