/* NVIDIA's management library with made-up answers, for pynvml to load. The file that FAKE_NVML names has a line
 * "key value" per answer and is read again at each call, so that a test may change it meanwhile. Keys:
 *
 *   init CODE              what nvmlInit returns; 0 without the key
 *   driver TEXT, count N
 *   0.name, 0.uuid, 0.total, 0.free, 0.clock, 0.throttle, 0.mig     of GPU 0; 0.1.name ... of its part 1
 *   0.processes PID:BYTES ...      SELF is the caller's id; BYTES is - where they are not told
 *   0.samples PID:PERCENT:SECONDS ...      SECONDS after (before: negative) the caller's last-seen moment
 *   0.error.FUNCTION CODE, error.FUNCTION CODE
 *
 * 0.throttle may be a list: one value per reading since the first nvmlInit, the last value for ever. What has no key is
 * NVML_ERROR_NOT_SUPPORTED. Compiled with -DOLD, it lacks the functions that drivers before 510 lack.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7 };
enum { GPUS = 16, PARTS = 8, TEXT = 4096 };

typedef struct { int gpu, part; } Device; /* part: 0 is the whole GPU, n + 1 its part n */
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned pid; unsigned long long bytes; unsigned gpu_instance, compute_instance; } Process;
typedef struct { unsigned pid; unsigned long long moment; unsigned sm, memory, encoder, decoder; } Sample;

static Device devices[GPUS][PARTS + 1];
static int open_count, readings;

static int look_up(const char *key, char *found) {
    const char *path = getenv("FAKE_NVML");
    FILE *scene = path ? fopen(path, "r") : NULL;
    char line[TEXT];
    int hit = 0;
    size_t length = strlen(key);
    while (scene && !hit && fgets(line, sizeof line, scene)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, key, length) && line[length] == ' ') {
            strcpy(found, line + length + 1);
            hit = 1;
        }
    }
    if (scene) fclose(scene);
    return hit;
}

static void key_of(const Device *device, const char *field, char *key) {
    if (device->part) sprintf(key, "%d.%d.%s", device->gpu, device->part - 1, field);
    else sprintf(key, "%d.%s", device->gpu, field);
}

/* The error of a function, or the answer of `field` in `found`; a NULL field asks for the error alone. */
static int answer(const Device *device, const char *function, const char *field, char *found) {
    char key[256], name[256], value[TEXT];
    sprintf(name, "error.%s", function);
    if (look_up(name, value)) return atoi(value);
    if (device) {
        key_of(device, name, key);
        if (look_up(key, value)) return atoi(value);
    }
    if (!field) return OK;
    if (device) key_of(device, field, key);
    else strcpy(key, field);
    return look_up(key, found) ? OK : NOT_SUPPORTED;
}

static int text(const Device *device, const char *function, const char *field, char *out, unsigned size) {
    char found[TEXT];
    int code = answer(device, function, field, found);
    if (code == OK) snprintf(out, size, "%s", found);
    return code;
}

static int number(const Device *device, const char *function, const char *field, unsigned long long *out) {
    char found[TEXT];
    int code = answer(device, function, field, found);
    if (code == OK) *out = strtoull(found, NULL, 0);
    return code;
}

static unsigned process_of(const char *entry) {
    return strncmp(entry, "SELF", 4) ? (unsigned)atoi(entry) : (unsigned)getpid();
}

int nvmlInitWithFlags(unsigned flags) {
    char found[TEXT];
    int code = look_up("init", found) ? atoi(found) : OK;
    if (code == OK && !open_count++) readings = 0;
    return code;
}

int nvmlShutdown(void) {
    open_count--;
    return answer(NULL, "nvmlShutdown", NULL, NULL);
}

const char *nvmlErrorString(int code) { return "made-up error"; }

int nvmlSystemGetDriverVersion(char *out, unsigned size) {
    return text(NULL, "nvmlSystemGetDriverVersion", "driver", out, size);
}

int nvmlDeviceGetCount_v2(unsigned *out) {
    unsigned long long count = 0;
    int code = number(NULL, "nvmlDeviceGetCount", "count", &count);
    *out = (unsigned)count;
    return code;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **out) {
    *out = &devices[index][0];
    (*out)->gpu = index;
    return answer(*out, "nvmlDeviceGetHandleByIndex", NULL, NULL);
}

static int part_of(unsigned gpu, unsigned part, Device **out) {
    char found[TEXT];
    *out = &devices[gpu][part + 1];
    (*out)->gpu = gpu;
    (*out)->part = part + 1;
    return answer(*out, "nvmlDeviceGetMigDeviceHandleByIndex", "uuid", found) == OK ? OK : NOT_FOUND;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, Device **out) {
    char found[TEXT];
    for (unsigned gpu = 0; gpu < GPUS; gpu++)
        for (unsigned part = 0; part < PARTS; part++)
            if (part_of(gpu, part, out) == OK && answer(*out, "", "uuid", found) == OK && !strcmp(found, uuid))
                return OK;
    return NOT_FOUND;
}

int nvmlDeviceGetUUID(Device *device, char *out, unsigned size) {
    return text(device, "nvmlDeviceGetUUID", "uuid", out, size);
}

int nvmlDeviceGetName(Device *device, char *out, unsigned size) {
    return text(device, "nvmlDeviceGetName", "name", out, size);
}

int nvmlDeviceGetMemoryInfo(Device *device, Memory *out) {
    int code = number(device, "nvmlDeviceGetMemoryInfo", "total", &out->total);
    if (code == OK) code = number(device, "nvmlDeviceGetMemoryInfo", "free", &out->free);
    out->used = out->total - out->free;
    return code;
}

int nvmlDeviceGetClockInfo(Device *device, int kind, unsigned *out) {
    unsigned long long clock = 0;
    int code = number(device, "nvmlDeviceGetClockInfo", "clock", &clock);
    *out = (unsigned)clock;
    return code;
}

static int reasons(Device *device, const char *function, unsigned long long *out) {
    char found[TEXT], *entry, *next;
    int code = answer(device, function, "throttle", found);
    if (code != OK) return code;
    entry = strtok(found, " ");
    for (int place = readings++; place > 0 && (next = strtok(NULL, " ")); place--) entry = next;
    *out = strtoull(entry, NULL, 0);
    return OK;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(Device *device, unsigned long long *out) {
    return reasons(device, "nvmlDeviceGetCurrentClocksThrottleReasons", out);
}

static int running(Device *device, unsigned *count, Process *out) {
    char found[TEXT];
    unsigned room = *count, seen = 0;
    int code = answer(device, "nvmlDeviceGetComputeRunningProcesses", "processes", found);
    if (code != OK) return code;
    for (char *entry = strtok(found, " "); entry; entry = strtok(NULL, " "), seen++)
        if (out && seen < room) {
            const char *bytes = strchr(entry, ':') + 1;
            out[seen].pid = process_of(entry);
            out[seen].bytes = *bytes == '-' ? ~0ULL : strtoull(bytes, NULL, 0);
        }
    *count = seen;
    return seen > room || (seen && !out) ? TOO_SMALL : OK;
}

int nvmlDeviceGetComputeRunningProcesses_v2(Device *device, unsigned *count, Process *out) {
    return running(device, count, out);
}

#ifndef OLD
int nvmlDeviceGetComputeRunningProcesses_v3(Device *device, unsigned *count, Process *out) {
    return running(device, count, out);
}

int nvmlDeviceGetCurrentClocksEventReasons(Device *device, unsigned long long *out) {
    return reasons(device, "nvmlDeviceGetCurrentClocksEventReasons", out);
}

int nvmlDeviceIsMigDeviceHandle(Device *device, unsigned *out) {
    *out = device->part != 0;
    return OK;
}
#endif

int nvmlDeviceGetProcessUtilization(Device *device, Sample *out, unsigned *count, unsigned long long since) {
    char found[TEXT];
    unsigned room = *count, seen = 0;
    int code = answer(device, "nvmlDeviceGetProcessUtilization", "samples", found);
    if (code != OK) return code;
    for (char *entry = strtok(found, " "); entry; entry = strtok(NULL, " "), seen++)
        if (out && seen < room) {
            char *percent = strchr(entry, ':') + 1;
            memset(&out[seen], 0, sizeof *out);
            out[seen].pid = process_of(entry);
            out[seen].sm = atoi(percent);
            out[seen].moment = since + (long long)(atof(strchr(percent, ':') + 1) * 1e6);
        }
    *count = seen;
    return !seen ? NOT_FOUND : out ? OK : TOO_SMALL;
}

int nvmlDeviceGetMigMode(Device *device, unsigned *current, unsigned *pending) {
    unsigned long long mode = 0;
    int code = device->part ? NOT_SUPPORTED : number(device, "nvmlDeviceGetMigMode", "mig", &mode);
    *current = *pending = (unsigned)mode;
    return code;
}

int nvmlDeviceGetMaxMigDeviceCount(Device *device, unsigned *out) {
    *out = 7;
    return answer(device, "nvmlDeviceGetMaxMigDeviceCount", NULL, NULL);
}

int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned index, Device **out) {
    return part_of(device->gpu, index, out);
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device *device, Device **out) {
    *out = &devices[device->gpu][0];
    return device->part ? OK : INVALID;
}
