#include "network.h"

half swapped(half value) { return (half)(value << 8 | value >> 8); }

word length_of(const struct address *address) { return address->family == AF_INET ? 16 : 28; }

struct address loopback(half family, half port) {
  struct address address = {.family = family, .port = swapped(port)};
  if (family == AF_INET) {
    address.four[0] = 127;
    address.four[3] = 1;
  } else {
    address.six[15] = 1;
  }
  return address;
}

/* linux/netlink.h, linux/sock_diag.h and linux/inet_diag.h: one socket, asked for by its two addresses. */
enum { NETLINK_SOCK_DIAG = 4, SOCK_DIAG_BY_FAMILY = 20, NLM_F_REQUEST = 1, IPPROTO_TCP = 6, TCP_LISTEN = 10 };

struct header {
  quad length;
  half type, flags;
  quad sequence, sender;
};

struct socket_id {
  half own_port, peer_port;
  byte own[16], peer[16];
  quad interface, cookie[2];
};

struct request {
  struct header header;
  byte family, protocol, extensions, padding;
  quad states;
  struct socket_id id;
};

struct answer {
  struct header header;
  byte family, state, timer, retransmits;
  struct socket_id id;
  quad expires, received, sent, user, inode;
};

static void put_address(byte *into, const struct address *from) {
  const byte *bytes = from->family == AF_INET ? from->four : from->six;
  for (int at = 0; at < (from->family == AF_INET ? 4 : 16); at++) into[at] = bytes[at];
}

int peer_is_closed(const struct address *peer, const struct address *own) {
  long netlink = call(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG, 0);
  if (netlink < 0) return 0;
  struct request request = {
      .header = {.length = sizeof request, .type = SOCK_DIAG_BY_FAMILY, .flags = NLM_F_REQUEST},
      .family = (byte)own->family,
      .protocol = IPPROTO_TCP,
      .states = ~0u,
      .id = {.own_port = peer->port, .peer_port = own->port, .cookie = {~0u, ~0u}},
  };
  put_address(request.id.own, peer);
  put_address(request.id.peer, own);
  struct answer answer;
  long sent = call(SYS_write, netlink, (word)&request, sizeof request, 0);
  long got = sent < 0 ? sent : call(SYS_read, netlink, (word)&answer, sizeof answer, 0);
  call(SYS_close, netlink, 0, 0, 0);
  /* Where the connection isn't there any more, the answer is whoever listens on the port. An inode is a file of a process. */
  return got >= (long)sizeof answer && answer.header.type == SOCK_DIAG_BY_FAMILY && answer.state != TCP_LISTEN &&
         answer.inode == 0;
}
