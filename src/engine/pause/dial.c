/*
 * pause dial PORT [NAMESPACE]: a TCP connection to a port on the loopback of a Pod, by way of stdin and stdout.
 *
 * The agent runs this for a port that is forwarded: in the sandbox by Docker's exec, or on Docker's host as a child of its
 * own, which first enters the network namespace at the path NAMESPACE. It tries 127.0.0.1, then ::1.
 *
 * stdin and stdout are made of frames: a kind, the length of what follows in three bytes, the highest first, and that.
 *
 *   c  out      connected; always the first
 *   d  in, out  data
 *   e  in, out  the end of the data in this direction; the other one goes on
 *
 * Frames, because the end of stdin has to mean something else than the end of the client's data: that nobody is there any
 * more (the client, the agent or Docker has gone), and this is to end. Docker has no call that ends an exec.
 *
 * Ends with 0 when all is said, 1 when there is no connection or it broke, 2 when it was asked wrongly, 3 when the
 * namespace can't be entered; but for 0 there is a text on stderr.
 */
#include "network.h"

enum { O_CLOEXEC = 02000000, AT_FDCWD = -100, CLONE_NEWNET = 0x40000000, F_GETFL = 3, F_SETFL = 4, O_NONBLOCK = 04000 };
enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };
enum { EINTR = 4, EAGAIN = 11, EAFNOSUPPORT = 97, EADDRNOTAVAIL = 99, ENETUNREACH = 101, ECONNRESET = 104 };
enum { ETIMEDOUT = 110, ECONNREFUSED = 111, EALREADY = 114, EINPROGRESS = 115 };
enum { BUFFER = 65536, HEADER = 4 };

enum end { SAID = 0, BROKEN = 1, MISUSED = 2, NO_NAMESPACE = 3, GOES_ON = -1 };

struct poll {
  int file;
  short wanted, seen;
};

/* One direction: what was read and has not been written yet lies from `start` to `end`. */
struct direction {
  int start, end, is_over;
  byte bytes[BUFFER];
};

/* On the stack: a binary without data that it writes to stays one segment that nobody may write to. */
struct line {
  int socket;
  struct direction to_pod, from_pod;
  /* Of the frame that comes in on stdin: what there is of its header, and how much of its data is still to be written. */
  byte header[HEADER];
  int of_header, of_data;
  /* The peer takes nothing more. */
  int is_refused;
};

static const char *text_of(long failure) {
  switch (-failure) {
    case EAFNOSUPPORT: return "address family not supported by protocol";
    case EADDRNOTAVAIL: return "cannot assign requested address";
    case ENETUNREACH: return "network is unreachable";
    case ECONNRESET: return "connection reset by peer";
    case ETIMEDOUT: return "connection timed out";
    case ECONNREFUSED: return "connection refused";
    default: return "failed";
  }
}

static enum end broken(const char *what, long failure) {
  print(STDERR, what);
  print(STDERR, ": ");
  print(STDERR, text_of(failure));
  print(STDERR, "\n");
  return BROKEN;
}

/* Waits, at most so many milliseconds (-1: for ever). */
static void wait(struct poll *polls, int count, int ms) {
  long time[2] = {ms / 1000, ms % 1000 * 1000000l};
  for (int at = 0; at < count; at++) polls[at].seen = 0;
  call(SYS_ppoll, (word)polls, count, ms < 0 ? 0 : (word)time, 0);
}

/* A connected socket, or -errno. The kernel may let us wait: for a listener whose queue is full. */
static long connect(const struct address *address) {
  long file = call(SYS_socket, address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 0);
  if (file < 0) return file;
  struct poll polls[2] = {{.file = STDIN}, {.file = (int)file, .wanted = POLLOUT}};
  long failed = call(SYS_connect, file, (word)address, length_of(address), 0);
  while (failed == -EINPROGRESS || failed == -EALREADY) {
    wait(polls, 2, -1);
    if (polls[0].seen) call(SYS_exit_group, BROKEN, 0, 0, 0);
    failed = call(SYS_connect, file, (word)address, length_of(address), 0);
  }
  if (!failed) return file;
  call(SYS_close, file, 0, 0, 0);
  return failed;
}

static int is_empty(const struct direction *direction) { return direction->start == direction->end; }

/* Writes what is taken of a direction's bytes, up to `limit`, and returns how many were; -errno when that fails. */
static long flush(int file, struct direction *direction, int limit) {
  long written = call(SYS_write, file, (word)(direction->bytes + direction->start), limit, 0);
  if (written == -EAGAIN || written == -EINTR) return 0;
  if (written > 0) direction->start += (int)written;
  return written;
}

/* Takes the headers of frames, until there is data to be written or nothing left. */
static enum end read_headers(struct line *line) {
  while (line->of_data == 0 && !is_empty(&line->to_pod)) {
    if (line->to_pod.is_over) return MISUSED;
    line->header[line->of_header++] = line->to_pod.bytes[line->to_pod.start++];
    if (line->of_header < HEADER) continue;
    line->of_header = 0;
    line->of_data = line->header[1] << 16 | line->header[2] << 8 | line->header[3];
    if (line->header[0] == 'e' && line->of_data == 0) {
      line->to_pod.is_over = 1;
      call(SYS_shutdown, line->socket, SHUT_WR, 0, 0);
    } else if (line->header[0] != 'd') {
      return MISUSED;
    }
  }
  return GOES_ON;
}

static enum end read_input(struct line *line) {
  long got = call(SYS_read, STDIN, (word)line->to_pod.bytes, BUFFER, 0);
  if (got == -EAGAIN || got == -EINTR) return GOES_ON;
  if (got <= 0) return BROKEN;
  line->to_pod.start = 0;
  line->to_pod.end = (int)got;
  return read_headers(line);
}

/* Sends data of the client's. A peer that takes nothing more may have said something before, which is read first. */
static enum end write_socket(struct line *line) {
  int there = line->to_pod.end - line->to_pod.start;
  long written = flush(line->socket, &line->to_pod, there < line->of_data ? there : line->of_data);
  if (written < 0) {
    if (line->from_pod.is_over) return SAID;
    line->is_refused = 1;
    return GOES_ON;
  }
  line->of_data -= (int)written;
  return read_headers(line);
}

/* Makes a frame for stdout of the data that lies behind the place of the header. */
static void frame(struct line *line, byte kind, int length) {
  byte *at = line->from_pod.bytes;
  at[0] = kind, at[1] = (byte)(length >> 16), at[2] = (byte)(length >> 8), at[3] = (byte)length;
  line->from_pod.start = 0;
  line->from_pod.end = HEADER + length;
}

static enum end read_socket(struct line *line) {
  long got = call(SYS_read, line->socket, (word)(line->from_pod.bytes + HEADER), BUFFER - HEADER, 0);
  if (got == -EAGAIN || got == -EINTR) return GOES_ON;
  if (got < 0 || (got == 0 && line->is_refused)) return broken("read", got < 0 ? got : -ECONNRESET);
  line->from_pod.is_over = got == 0;
  frame(line, got == 0 ? 'e' : 'd', (int)got);
  return GOES_ON;
}

/*
 * Copies both ways until all is said. A peer that sends no more may still read, or be gone, of which there is no sign as
 * long as we send nothing: so it is looked at, soon at first, because it says its end a moment before it is closed.
 */
static enum end copy(int socket, const struct address *peer) {
  struct line space, *line = &space;
  line->socket = socket;
  line->to_pod.start = line->to_pod.end = line->to_pod.is_over = line->from_pod.is_over = 0;
  line->of_header = line->of_data = line->is_refused = 0;
  struct address own;
  quad length = sizeof own;
  call(SYS_getsockname, line->socket, (word)&own, (word)&length, 0);
  int look_ms = 1;
  enum end end = GOES_ON;
  frame(line, 'c', 0);
  while (end == GOES_ON) {
    int has_input = !is_empty(&line->to_pod), has_output = !is_empty(&line->from_pod);
    int listens = !has_output && !line->from_pod.is_over;
    if (line->from_pod.is_over && !has_output && (line->to_pod.is_over || peer_is_closed(peer, &own))) return SAID;
    short wanted = (has_input && !line->is_refused ? POLLOUT : 0) | (listens ? POLLIN : 0);
    struct poll polls[3] = {
        {.file = STDIN, .wanted = has_input ? 0 : POLLIN},
        {.file = has_output ? STDOUT : -1, .wanted = POLLOUT},
        {.file = wanted ? line->socket : -1, .wanted = wanted},
    };
    wait(polls, 3, line->from_pod.is_over && !has_output ? look_ms : -1);
    if (line->from_pod.is_over && look_ms < 1000) look_ms *= 2;
    if (polls[0].seen & (POLLHUP | POLLERR)) return BROKEN;
    if (polls[1].seen && flush(STDOUT, &line->from_pod, line->from_pod.end - line->from_pod.start) < 0) return BROKEN;
    if (polls[2].seen && listens) end = read_socket(line);
    if (polls[2].seen && wanted & POLLOUT && end == GOES_ON) end = write_socket(line);
    if (polls[0].seen & POLLIN && end == GOES_ON) end = read_input(line);
  }
  return end;
}

/* A port, or 0. */
static half port_of(const char *text) {
  int port = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return 0;
    port = port * 10 + *text - '0';
    if (port > 65535) return 0;
  }
  return (half)port;
}

static int enter(const char *path) {
  long file = call(SYS_openat, AT_FDCWD, (word)path, O_CLOEXEC, 0);
  return file >= 0 && call(SYS_setns, file, CLONE_NEWNET, 0, 0) == 0;
}

int dial(int count, char **words) {
  half port = count >= 3 && count <= 4 ? port_of(words[2]) : 0;
  if (port == 0) return print(STDERR, "usage: pause dial PORT [NAMESPACE]\n"), MISUSED;
  if (count == 4 && !enter(words[3])) return print(STDERR, "cannot enter the network namespace\n"), NO_NAMESPACE;
  /* A write that fails is to say so. */
  block(bit(SIGPIPE));
  for (int file = STDIN; file <= STDOUT; file++)
    call(SYS_fcntl, file, F_SETFL, call(SYS_fcntl, file, F_GETFL, 0, 0) | O_NONBLOCK, 0);

  struct address four = loopback(AF_INET, port), six = loopback(AF_INET6, port);
  long socket = connect(&four);
  if (socket >= 0) return copy((int)socket, &four);
  long failed = socket;
  socket = connect(&six);
  if (socket >= 0) return copy((int)socket, &six);
  print(STDERR, "IPv4: 127.0.0.1: ");
  print(STDERR, text_of(failed));
  print(STDERR, ", IPv6: [::1]: ");
  print(STDERR, text_of(socket));
  print(STDERR, "\n");
  return BROKEN;
}
