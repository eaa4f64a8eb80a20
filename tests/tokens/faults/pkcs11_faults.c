/* A PKCS#11 module that stands in front of another one and makes it fail as told. How to use it: README.md.
 *
 * Every call goes the same way: count it, read the rules if they changed, choose what is to happen (enter), do the call
 * of the module behind unless a rule answers for it, count the answer (leave). What is shared by processes (a lock, the
 * counters) lies in two mapped files: the counters as text, the rest as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

/* ---- names ------------------------------------------------------------------------------------------------------ */

/* The order is that of CK_FUNCTION_LIST (PKCS #11 v2.40). */
#define FUNCTIONS(F) \
    F(C_Initialize) F(C_Finalize) F(C_GetInfo) F(C_GetFunctionList) F(C_GetSlotList) F(C_GetSlotInfo) \
    F(C_GetTokenInfo) F(C_GetMechanismList) F(C_GetMechanismInfo) F(C_InitToken) F(C_InitPIN) F(C_SetPIN) \
    F(C_OpenSession) F(C_CloseSession) F(C_CloseAllSessions) F(C_GetSessionInfo) F(C_GetOperationState) \
    F(C_SetOperationState) F(C_Login) F(C_Logout) F(C_CreateObject) F(C_CopyObject) F(C_DestroyObject) \
    F(C_GetObjectSize) F(C_GetAttributeValue) F(C_SetAttributeValue) F(C_FindObjectsInit) F(C_FindObjects) \
    F(C_FindObjectsFinal) F(C_EncryptInit) F(C_Encrypt) F(C_EncryptUpdate) F(C_EncryptFinal) F(C_DecryptInit) \
    F(C_Decrypt) F(C_DecryptUpdate) F(C_DecryptFinal) F(C_DigestInit) F(C_Digest) F(C_DigestUpdate) F(C_DigestKey) \
    F(C_DigestFinal) F(C_SignInit) F(C_Sign) F(C_SignUpdate) F(C_SignFinal) F(C_SignRecoverInit) F(C_SignRecover) \
    F(C_VerifyInit) F(C_Verify) F(C_VerifyUpdate) F(C_VerifyFinal) F(C_VerifyRecoverInit) F(C_VerifyRecover) \
    F(C_DigestEncryptUpdate) F(C_DecryptDigestUpdate) F(C_SignEncryptUpdate) F(C_DecryptVerifyUpdate) \
    F(C_GenerateKey) F(C_GenerateKeyPair) F(C_WrapKey) F(C_UnwrapKey) F(C_DeriveKey) F(C_SeedRandom) \
    F(C_GenerateRandom) F(C_GetFunctionStatus) F(C_CancelFunction) F(C_WaitForSlotEvent)
#define AS_NUMBER(name) N_##name,
#define AS_TEXT(name) #name,
#define AS_MEMBER(name) .name = name,
enum { FUNCTIONS(AS_NUMBER) FUNCTION_COUNT };
static const char *const function_names[] = {FUNCTIONS(AS_TEXT)};

#define R(name) {"CKR_" #name, CKR_##name},
static const struct { const char *name; CK_RV code; } answers[] = {
    R(OK) R(CANCEL) R(HOST_MEMORY) R(SLOT_ID_INVALID) R(GENERAL_ERROR) R(FUNCTION_FAILED) R(ARGUMENTS_BAD) R(NO_EVENT)
    R(NEED_TO_CREATE_THREADS) R(CANT_LOCK) R(ATTRIBUTE_READ_ONLY) R(ATTRIBUTE_SENSITIVE) R(ATTRIBUTE_TYPE_INVALID)
    R(ATTRIBUTE_VALUE_INVALID) R(ACTION_PROHIBITED) R(DATA_INVALID) R(DATA_LEN_RANGE) R(DEVICE_ERROR) R(DEVICE_MEMORY)
    R(DEVICE_REMOVED) R(ENCRYPTED_DATA_INVALID) R(ENCRYPTED_DATA_LEN_RANGE) R(FUNCTION_CANCELED)
    R(FUNCTION_NOT_PARALLEL) R(FUNCTION_NOT_SUPPORTED) R(KEY_HANDLE_INVALID) R(KEY_SIZE_RANGE) R(KEY_TYPE_INCONSISTENT)
    R(KEY_NOT_NEEDED) R(KEY_CHANGED) R(KEY_NEEDED) R(KEY_INDIGESTIBLE) R(KEY_FUNCTION_NOT_PERMITTED)
    R(KEY_NOT_WRAPPABLE) R(KEY_UNEXTRACTABLE) R(MECHANISM_INVALID) R(MECHANISM_PARAM_INVALID) R(OBJECT_HANDLE_INVALID)
    R(OPERATION_ACTIVE) R(OPERATION_NOT_INITIALIZED) R(PIN_INCORRECT) R(PIN_INVALID) R(PIN_LEN_RANGE) R(PIN_EXPIRED)
    R(PIN_LOCKED) R(SESSION_CLOSED) R(SESSION_COUNT) R(SESSION_HANDLE_INVALID) R(SESSION_PARALLEL_NOT_SUPPORTED)
    R(SESSION_READ_ONLY) R(SESSION_EXISTS) R(SESSION_READ_ONLY_EXISTS) R(SESSION_READ_WRITE_SO_EXISTS)
    R(SIGNATURE_INVALID) R(SIGNATURE_LEN_RANGE) R(TEMPLATE_INCOMPLETE) R(TEMPLATE_INCONSISTENT) R(TOKEN_NOT_PRESENT)
    R(TOKEN_NOT_RECOGNIZED) R(TOKEN_WRITE_PROTECTED) R(USER_ALREADY_LOGGED_IN) R(USER_NOT_LOGGED_IN)
    R(USER_PIN_NOT_INITIALIZED) R(USER_TYPE_INVALID) R(USER_ANOTHER_ALREADY_LOGGED_IN) R(USER_TOO_MANY_TYPES)
    R(DOMAIN_PARAMS_INVALID) R(CURVE_NOT_SUPPORTED) R(BUFFER_TOO_SMALL) R(INFORMATION_SENSITIVE)
    R(CRYPTOKI_NOT_INITIALIZED) R(CRYPTOKI_ALREADY_INITIALIZED) R(MUTEX_BAD) R(MUTEX_NOT_LOCKED) R(FUNCTION_REJECTED)
};

/* ---- rules ------------------------------------------------------------------------------------------------------ */

enum { AFTER, TIMES, CKR, LATE, HANG, MS, CRASH, ABORT, LENGTH, QUERY, CORRUPT, DELAY, CAPACITY, SESSIONS, FLAGS, WORDS };
enum kind { BARE, NUMBER, MILLISECONDS, ANSWER };
static const struct { const char *name; enum kind kind; } words[WORDS] = {
    [AFTER] = {"after", NUMBER},       [TIMES] = {"times", NUMBER},   [CKR] = {"ckr", ANSWER},
    [LATE] = {"late", BARE},           [HANG] = {"hang", BARE},       [MS] = {"ms", MILLISECONDS},
    [CRASH] = {"crash", BARE},         [ABORT] = {"abort", BARE},     [LENGTH] = {"length", NUMBER},
    [QUERY] = {"query", NUMBER},       [CORRUPT] = {"corrupt", BARE}, [DELAY] = {"delay", MILLISECONDS},
    [CAPACITY] = {"capacity", NUMBER}, [SESSIONS] = {"sessions", NUMBER}, [FLAGS] = {"flags", NUMBER},
};
#define RULES_MAX 64
#define RULES_TEXT_MAX 16384
#define SAYS(rule, word) ((rule)->said >> (word) & 1u)

struct rule {
    char pattern[32];
    unsigned said;              /* a bit for every word the line has */
    unsigned long value[WORDS]; /* milliseconds are kept as microseconds */
};
struct version { uint64_t device, file, size, seconds, nanoseconds; }; /* which writing of the rules file */

static bool parse_value(enum kind kind, const char *text, unsigned long *value) {
    char *end;
    errno = 0;
    if (kind == BARE) return text == NULL;
    if (text == NULL || *text == '\0' || *text == '-') return false;
    for (size_t i = 0; kind == ANSWER && i < sizeof answers / sizeof *answers; i++)
        if (strcmp(answers[i].name, text) == 0) return *value = answers[i].code, true;
    if (kind == MILLISECONDS) *value = (unsigned long)(strtod(text, &end) * 1000);
    else *value = strtoul(text, &end, 0);
    return *end == '\0' && errno == 0;
}

static bool parse_line(char *line, struct rule *rule) {
    char *rest, *pattern = strtok_r(line, " \t\r", &rest);
    int matching = 0;
    for (int i = 0; i < FUNCTION_COUNT; i++) matching += fnmatch(pattern, function_names[i], 0) == 0;
    if (!matching || strlen(pattern) >= sizeof rule->pattern) return false;
    *rule = (struct rule){0};
    strcpy(rule->pattern, pattern);
    for (char *word; (word = strtok_r(NULL, " \t\r", &rest)) != NULL;) {
        char *value = strchr(word, '=');
        int i = 0;
        if (value) *value++ = '\0';
        while (i < WORDS && strcmp(words[i].name, word) != 0) i++;
        if (i == WORDS || !parse_value(words[i].kind, value, &rule->value[i])) return false;
        rule->said |= 1u << i;
    }
    return true;
}

/* Returns how many rules the text has, or minus the number of the line that is not understood. */
static int parse(char *text, struct rule *into) {
    int count = 0, number = 1;
    for (char *line = text; line; number++) {
        char *end = strchr(line, '\n'), *comment;
        if (end) *end++ = '\0';
        if ((comment = strchr(line, '#')) != NULL) *comment = '\0';
        if (line[strspn(line, " \t\r")] != '\0' && (count == RULES_MAX || !parse_line(line, &into[count++]))) return -number;
        line = end;
    }
    return count;
}

/* For programs that write rules: 0, or the number of the line that is not understood. */
int pkcs11_faults_check(const char *text) {
    struct rule unused[RULES_MAX];
    char *copy = strdup(text);
    int count = copy && strlen(text) < RULES_TEXT_MAX ? parse(copy, unused) : -1;
    free(copy);
    return count < 0 ? -count : 0;
}

/* ---- what is shared and what is this process's ------------------------------------------------------------------- */

struct shared {
    uint64_t ready;
    pthread_mutex_t turn;   /* held for a moment in every call, never while waiting */
    struct version version; /* the rules the states below belong to */
    struct { uint64_t seen, done; uint32_t inside; } state[RULES_MAX];
};
/* One line of the counters: 8 digits each, written in one go, so that a reader never sees half a number. */
struct line { char name[24], calls[8], ok[8], ruled[8]; };
enum { OPEN_SESSIONS = FUNCTION_COUNT, LINES };

static CK_FUNCTION_LIST_PTR behind;
static struct shared *shared;
static struct line *lines;
static char rules_path[PATH_MAX];
static struct rule rules[RULES_MAX];
static int rule_count; /* negative: the rules are not understood */
static struct version version;
static struct { CK_SESSION_HANDLE session; CK_SLOT_ID slot; } *sessions; /* open in this process */
static size_t session_count, session_room, session_opening;

static void lock(void) {
    /* The one who held it may have been killed; what he left is usable. */
    if (pthread_mutex_lock(&shared->turn) == EOWNERDEAD) pthread_mutex_consistent(&shared->turn);
}
static void unlock(void) { pthread_mutex_unlock(&shared->turn); }

static void add(char *digits, long amount) {
    char text[9] = "", new[9];
    memcpy(text, digits, 8);
    snprintf(new, sizeof new, "%8lu", (unsigned long)(atol(text) + amount) % 100000000);
    memcpy(digits, new, 8);
}

static void *map(const char *path, size_t size, void (*first)(void *)) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat status;
    void *place = MAP_FAILED;
    if (file >= 0 && flock(file, LOCK_EX) == 0 && fstat(file, &status) == 0 &&
        ((size_t)status.st_size >= size || ftruncate(file, (off_t)size) == 0)) {
        place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (place != MAP_FAILED && (size_t)status.st_size < size) first(place);
    }
    if (place == MAP_FAILED) fprintf(stderr, "pkcs11_faults: %s: %s\n", path, strerror(errno));
    if (file >= 0) flock(file, LOCK_UN), close(file); /* the mapping keeps the file open, and with it the lock */
    return place == MAP_FAILED ? NULL : place;
}
static void first_lines(void *place) {
    struct line *line = place;
    for (int i = 0; i < LINES; i++, line++) {
        memset(line, ' ', sizeof *line);
        line->name[0] = '\n';
        const char *name = i == OPEN_SESSIONS ? "open-sessions" : function_names[i];
        memcpy(line->name + 1, name, strlen(name));
        line->calls[7] = line->ok[7] = line->ruled[7] = '0';
    }
}
static void first_shared(void *place) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&((struct shared *)place)->turn, &kind);
}

/* Under the lock: the rules as they are written now. A stat per call is what makes a change hold at once. */
static void refresh(void) {
    struct stat s;
    struct version now = {0};
    if (stat(rules_path, &s) == 0)
        now = (struct version){s.st_dev, s.st_ino, (uint64_t)s.st_size, (uint64_t)s.st_mtim.tv_sec, (uint64_t)s.st_mtim.tv_nsec};
    if (memcmp(&now, &version, sizeof now) != 0) {
        static char text[RULES_TEXT_MAX];
        FILE *file = fopen(rules_path, "r");
        size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
        if (file) fclose(file);
        text[size] = '\0';
        rule_count = parse(text, rules);
        if (rule_count < 0) fprintf(stderr, "pkcs11_faults: %s, line %d is not understood\n", rules_path, -rule_count);
        version = now;
    }
    if (memcmp(&now, &shared->version, sizeof now) != 0) {
        memset(shared->state, 0, sizeof shared->state);
        shared->version = now;
    }
}

static void load_once(void) {
    static CK_FUNCTION_LIST_PTR found;
    char self[PATH_MAX - 16], provider[PATH_MAX], calls[PATH_MAX + 8], state[PATH_MAX + 8];
    Dl_info here;
    const char *given = getenv("PKCS11_FAULTS_PROVIDER"), *told = getenv("PKCS11_FAULTS_RULES");
    if (!dladdr((void *)load_once, &here) || !realpath(here.dli_fname, self)) return;
    /* What lies beside the module comes before the environment: several may be at work in one process. */
    snprintf(provider, sizeof provider, "%s.provider", self);
    snprintf(rules_path, sizeof rules_path, "%s.rules", self);
    if (access(provider, R_OK) != 0) {
        if (!given || !told) {
            fprintf(stderr, "pkcs11_faults: PKCS11_FAULTS_PROVIDER and PKCS11_FAULTS_RULES are not both set\n");
            return;
        }
        snprintf(provider, sizeof provider, "%s", given);
        snprintf(rules_path, sizeof rules_path, "%s", told);
    }
    snprintf(calls, sizeof calls, "%s.calls", rules_path);
    snprintf(state, sizeof state, "%s.state", rules_path);
    lines = map(calls, LINES * sizeof *lines, first_lines);
    shared = map(state, sizeof *shared, first_shared);
    void *library = dlopen(provider, RTLD_NOW | RTLD_LOCAL);
    CK_C_GetFunctionList list = library ? (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList") : NULL;
    if (!list || list(&found) != CKR_OK) fprintf(stderr, "pkcs11_faults: %s: %s\n", provider, list ? "no list" : dlerror());
    else if (lines && shared) behind = found;
}
static bool load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return behind != NULL;
}

/* ---- one call ---------------------------------------------------------------------------------------------------- */

struct plan {
    bool forward, ruled; /* the module behind is asked; a rule had its say */
    struct rule all;     /* the words of all rules that hold for this call */
    struct version version;
    int gate;            /* the rule whose capacity holds, or -1 */
};

static void nap(unsigned long microseconds) {
    struct timespec time = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR) continue;
}
/* Under the lock. */
static bool still_holds(const struct plan *plan) {
    refresh();
    return memcmp(&plan->version, &version, sizeof version) == 0;
}
static void wait_at_gate(struct plan *plan) {
    for (;;) {
        lock();
        if (!still_holds(plan)) plan->gate = -1;
        uint32_t *place = plan->gate < 0 ? NULL : &shared->state[plan->gate].inside, inside = place ? *place : 0;
        bool mine = place && inside < plan->all.value[CAPACITY];
        if (mine) ++*place;
        unlock();
        if (!place || mine) return;
        syscall(SYS_futex, place, FUTEX_WAIT, inside, &(struct timespec){0, 50000000}, NULL, 0);
    }
}
static void hang(const struct plan *plan) {
    for (unsigned long waited = 0; !SAYS(&plan->all, MS) || waited < plan->all.value[MS]; waited += 2000) {
        lock();
        bool goes_on = still_holds(plan);
        unlock();
        if (!goes_on) return;
        nap(2000);
    }
}

/* Returns the answer where the module behind is not to be asked. */
static CK_RV enter(int function, struct plan *plan) {
    *plan = (struct plan){.gate = -1};
    if (!load()) return CKR_GENERAL_ERROR;
    lock();
    refresh();
    add(lines[function].calls, 1);
    plan->version = version;
    for (int i = 0; i < rule_count && !SAYS(&plan->all, CKR); i++) {
        const struct rule *rule = &rules[i];
        if (fnmatch(rule->pattern, function_names[function], 0) != 0) continue;
        if (SAYS(rule, SESSIONS) && session_count + session_opening < rule->value[SESSIONS]) continue;
        if (++shared->state[i].seen <= rule->value[AFTER]) continue;
        if (SAYS(rule, TIMES) && shared->state[i].done >= rule->value[TIMES]) continue;
        shared->state[i].done++;
        plan->ruled = true;
        for (int word = 0; word < WORDS; word++)
            if (SAYS(rule, word)) plan->all.value[word] = rule->value[word];
        plan->all.said |= rule->said;
        if (SAYS(rule, CAPACITY)) plan->gate = i;
        if (SAYS(rule, SESSIONS) && !SAYS(rule, CKR)) {
            plan->all.said |= 1u << CKR;
            plan->all.value[CKR] = CKR_SESSION_COUNT;
        }
    }
    bool understood = rule_count >= 0;
    plan->forward = understood && (!SAYS(&plan->all, CKR) || SAYS(&plan->all, LATE));
    session_opening += plan->forward && function == N_C_OpenSession;
    unlock();
    if (!understood) return CKR_GENERAL_ERROR;
    if (plan->gate >= 0) wait_at_gate(plan);
    if (SAYS(&plan->all, DELAY)) nap(plan->all.value[DELAY]);
    if (SAYS(&plan->all, HANG)) hang(plan);
    if (SAYS(&plan->all, CRASH)) raise(SIGSEGV);
    if (SAYS(&plan->all, ABORT)) abort();
    return plan->all.value[CKR];
}

static CK_RV leave(int function, struct plan *plan, CK_RV answer) {
    if (!behind) return answer;
    if (plan->forward && SAYS(&plan->all, CKR)) answer = plan->all.value[CKR];
    lock();
    session_opening -= plan->forward && function == N_C_OpenSession;
    if (answer == CKR_OK) add(lines[function].ok, 1);
    if (plan->ruled) add(lines[function].ruled, 1);
    if (plan->gate >= 0 && still_holds(plan)) {
        shared->state[plan->gate].inside--;
        syscall(SYS_futex, &shared->state[plan->gate].inside, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    unlock();
    return answer;
}

/* ---- calls with more to them ------------------------------------------------------------------------------------- */

static void opened(CK_SESSION_HANDLE session, CK_SLOT_ID slot) {
    lock();
    if (session_count == session_room) {
        void *more = realloc(sessions, (session_room += 64) * sizeof *sessions);
        if (!more) abort();
        sessions = more;
    }
    sessions[session_count].session = session;
    sessions[session_count++].slot = slot;
    add(lines[OPEN_SESSIONS].calls, 1);
    unlock();
}
/* One session, or all of one slot, or all there are. */
static void closed(const CK_SESSION_HANDLE *session, const CK_SLOT_ID *slot) {
    lock();
    for (size_t i = session_count; i-- > 0;)
        if ((!session || sessions[i].session == *session) && (!slot || sessions[i].slot == *slot)) {
            sessions[i] = sessions[--session_count];
            add(lines[OPEN_SESSIONS].calls, -1);
        }
    unlock();
}

/* `room`: what the caller had for the signature. */
static void spoil(const struct plan *plan, CK_BYTE_PTR signature, CK_ULONG room, CK_ULONG_PTR length) {
    if (!length) return;
    if (!signature) {
        if (SAYS(&plan->all, QUERY)) *length = plan->all.value[QUERY];
        return;
    }
    if (SAYS(&plan->all, CORRUPT) && *length) signature[*length / 2] ^= 0x10;
    if (SAYS(&plan->all, LENGTH)) {
        CK_ULONG wanted = plan->all.value[LENGTH];
        if (wanted > *length && wanted <= room) memset(signature + *length, 0xA5, wanted - *length);
        *length = wanted;
    }
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
    static CK_FUNCTION_LIST functions = {.version = {2, 40}, FUNCTIONS(AS_MEMBER)};
    if (!list) return CKR_ARGUMENTS_BAD;
    if (!load()) return CKR_GENERAL_ERROR;
    *list = &functions;
    return CKR_OK;
}

#define CALL_THEN(name, parameters, arguments, then) \
    CK_RV name parameters { \
        struct plan plan; \
        CK_RV answer = enter(N_##name, &plan); \
        if (plan.forward && (answer = behind->name arguments) == CKR_OK) { then; } \
        return leave(N_##name, &plan, answer); \
    }
#define CALL(name, parameters, arguments) CALL_THEN(name, parameters, arguments, )
typedef CK_SESSION_HANDLE S;
typedef CK_SLOT_ID I;
typedef CK_OBJECT_HANDLE O;
typedef CK_MECHANISM M;
typedef CK_ATTRIBUTE A;
typedef CK_BYTE B;
typedef CK_ULONG L;

CALL_THEN(C_Finalize, (void *reserved), (reserved), closed(NULL, NULL))
CALL_THEN(C_GetTokenInfo, (I slot, CK_TOKEN_INFO *info), (slot, info), info->flags |= plan.all.value[FLAGS])
CALL_THEN(C_OpenSession, (I slot, CK_FLAGS flags, void *own, CK_NOTIFY notify, S *session),
          (slot, flags, own, notify, session), opened(*session, slot))
CALL_THEN(C_CloseSession, (S session), (session), closed(&session, NULL))
CALL_THEN(C_CloseAllSessions, (I slot), (slot), closed(NULL, &slot))
#define ROOM (length ? *length : 0)
CK_RV C_Sign(S session, B *data, L size, B *signature, L *length) {
    struct plan plan;
    CK_ULONG room = ROOM;
    CK_RV answer = enter(N_C_Sign, &plan);
    if (plan.forward && (answer = behind->C_Sign(session, data, size, signature, length)) == CKR_OK)
        spoil(&plan, signature, room, length);
    return leave(N_C_Sign, &plan, answer);
}
CK_RV C_SignFinal(S session, B *signature, L *length) {
    struct plan plan;
    CK_ULONG room = ROOM;
    CK_RV answer = enter(N_C_SignFinal, &plan);
    if (plan.forward && (answer = behind->C_SignFinal(session, signature, length)) == CKR_OK)
        spoil(&plan, signature, room, length);
    return leave(N_C_SignFinal, &plan, answer);
}

/* ---- calls that are passed on as they are ------------------------------------------------------------------------ */

CALL(C_Initialize, (void *arguments), (arguments))
CALL(C_GetInfo, (CK_INFO *info), (info))
CALL(C_GetSlotList, (CK_BBOOL present, I *slots, L *count), (present, slots, count))
CALL(C_GetSlotInfo, (I slot, CK_SLOT_INFO *info), (slot, info))
CALL(C_GetMechanismList, (I slot, CK_MECHANISM_TYPE *list, L *count), (slot, list, count))
CALL(C_GetMechanismInfo, (I slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info), (slot, type, info))
CALL(C_InitToken, (I slot, B *pin, L size, B *label), (slot, pin, size, label))
CALL(C_InitPIN, (S s, B *pin, L size), (s, pin, size))
CALL(C_SetPIN, (S s, B *old, L old_size, B *new, L new_size), (s, old, old_size, new, new_size))
CALL(C_GetSessionInfo, (S s, CK_SESSION_INFO *info), (s, info))
CALL(C_GetOperationState, (S s, B *state, L *size), (s, state, size))
CALL(C_SetOperationState, (S s, B *state, L size, O one, O other), (s, state, size, one, other))
CALL(C_Login, (S s, CK_USER_TYPE user, B *pin, L size), (s, user, pin, size))
CALL(C_Logout, (S s), (s))
CALL(C_CreateObject, (S s, A *a, L n, O *object), (s, a, n, object))
CALL(C_CopyObject, (S s, O object, A *a, L n, O *copy), (s, object, a, n, copy))
CALL(C_DestroyObject, (S s, O object), (s, object))
CALL(C_GetObjectSize, (S s, O object, L *size), (s, object, size))
CALL(C_GetAttributeValue, (S s, O object, A *a, L n), (s, object, a, n))
CALL(C_SetAttributeValue, (S s, O object, A *a, L n), (s, object, a, n))
CALL(C_FindObjectsInit, (S s, A *a, L n), (s, a, n))
CALL(C_FindObjects, (S s, O *objects, L most, L *count), (s, objects, most, count))
CALL(C_FindObjectsFinal, (S s), (s))
CALL(C_EncryptInit, (S s, M *m, O key), (s, m, key))
CALL(C_Encrypt, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_EncryptUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_EncryptFinal, (S s, B *out, L *size), (s, out, size))
CALL(C_DecryptInit, (S s, M *m, O key), (s, m, key))
CALL(C_Decrypt, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_DecryptUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_DecryptFinal, (S s, B *out, L *size), (s, out, size))
CALL(C_DigestInit, (S s, M *m), (s, m))
CALL(C_Digest, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_DigestUpdate, (S s, B *in, L n), (s, in, n))
CALL(C_DigestKey, (S s, O key), (s, key))
CALL(C_DigestFinal, (S s, B *out, L *size), (s, out, size))
CALL(C_SignInit, (S s, M *m, O key), (s, m, key))
CALL(C_SignUpdate, (S s, B *in, L n), (s, in, n))
CALL(C_SignRecoverInit, (S s, M *m, O key), (s, m, key))
CALL(C_SignRecover, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_VerifyInit, (S s, M *m, O key), (s, m, key))
CALL(C_Verify, (S s, B *in, L n, B *signature, L size), (s, in, n, signature, size))
CALL(C_VerifyUpdate, (S s, B *in, L n), (s, in, n))
CALL(C_VerifyFinal, (S s, B *signature, L size), (s, signature, size))
CALL(C_VerifyRecoverInit, (S s, M *m, O key), (s, m, key))
CALL(C_VerifyRecover, (S s, B *signature, L n, B *out, L *size), (s, signature, n, out, size))
CALL(C_DigestEncryptUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_DecryptDigestUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_SignEncryptUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_DecryptVerifyUpdate, (S s, B *in, L n, B *out, L *size), (s, in, n, out, size))
CALL(C_GenerateKey, (S s, M *m, A *a, L n, O *key), (s, m, a, n, key))
CALL(C_GenerateKeyPair, (S s, M *m, A *a, L n, A *b, L k, O *open, O *secret), (s, m, a, n, b, k, open, secret))
CALL(C_WrapKey, (S s, M *m, O with, O key, B *out, L *size), (s, m, with, key, out, size))
CALL(C_UnwrapKey, (S s, M *m, O with, B *in, L n, A *a, L k, O *key), (s, m, with, in, n, a, k, key))
CALL(C_DeriveKey, (S s, M *m, O from, A *a, L n, O *key), (s, m, from, a, n, key))
CALL(C_SeedRandom, (S s, B *seed, L n), (s, seed, n))
CALL(C_GenerateRandom, (S s, B *out, L n), (s, out, n))
CALL(C_GetFunctionStatus, (S s), (s))
CALL(C_CancelFunction, (S s), (s))
CALL(C_WaitForSlotEvent, (CK_FLAGS flags, I *slot, void *reserved), (flags, slot, reserved))
