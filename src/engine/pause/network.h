/* TCP on the loopback, as dial.c needs it. */
#include "kernel.h"

enum { AF_INET = 2, AF_INET6 = 10, AF_NETLINK = 16 };
enum { SOCK_STREAM = 1, SOCK_RAW = 3, SOCK_NONBLOCK = 04000, SOCK_CLOEXEC = 02000000, SHUT_WR = 1 };

/* struct sockaddr_in and sockaddr_in6 in one; the kernel wants to be told which length is meant. */
struct address {
  half family;
  half port; /* in the network's order, as all that follows */
  union {
    byte four[4];
    struct {
      quad flow;
      byte six[16];
      quad scope;
    };
  };
};

/* The same port on 127.0.0.1 or ::1. */
struct address loopback(half family, half port);
word length_of(const struct address *address);
half swapped(half value);

/*
 * Whether the socket at the other end of a connection on this host's loopback has been closed, and not only for sending.
 * Both look the same to whoever reads: the end of what is sent. 0 where the kernel can't tell.
 */
int peer_is_closed(const struct address *peer, const struct address *own);
