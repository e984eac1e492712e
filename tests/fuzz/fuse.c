/* Requests of the kernel, and images that they are about: each gets at most one answer, whose
 * length is right. The input: how long the requests are (two bytes), the requests, the image. */
#include "fuse/answer.h"
#include "fuse/directory.h"

#include "fuzz.h"

static void check_reply(int device, uint64_t unique) {
    struct fuse_out_header out;
    off_t length = lseek(device, 0, SEEK_CUR);
    if (!length)
        return;
    never(pread(device, &out, sizeof out, 0) != sizeof out || out.len != length);
    never(out.unique != unique || out.error > 0 || out.error < -4095);
    never(out.error && out.len != sizeof out);
    never(ftruncate(device, 0) < 0 || lseek(device, 0, SEEK_SET) != 0);
}

static void answer_all(struct fuse_worker *w, const uint8_t *data, size_t size) {
    struct fuse_in_header in;
    while (size >= sizeof in) {
        memcpy(&in, data, sizeof in);
        size_t length = in.len < sizeof in ? sizeof in : in.len > size ? size : in.len;
        w->request = malloc(length);
        memcpy(w->request, data, length);
        fuse_answer(w, length);
        check_reply(w->serving->device, in.unique);
        free(w->request);
        data += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct squashfs image;
    static uint8_t *reply;
    size_t requests = size < 2 ? 0 : data[0] | (size_t)data[1] << 8;
    if (size < 2 || requests > size - 2)
        return 0;
    if (!reply)
        reply = malloc(MOST_READ);
    int fd = file_of(data + 2 + requests, size - 2 - requests), device = file_of(NULL, 0);
    if (!squashfs_open(&image, fd, 0)) {
        struct fuse_serving serving = {
            .image = &image, .root = image.root, .device = device, .owners = true};
        struct fuse_worker w = {.serving = &serving, .stops = fuse_stops(), .reply = reply};
        answer_all(&w, data + 2, requests);
        fuse_stops_free(w.stops);
        squashfs_close(&image);
    }
    close(fd);
    close(device);
    return 0;
}
