/*
 * PID 1 of a Pod's sandbox.
 *
 * A Pod's namespaces live as long as some process is in them. This is that process: it holds the network, IPC and UTS
 * namespaces (and the PID namespace, where the Pod shares one) while the Pod's containers come and go. It does nothing,
 * with two duties of a PID 1:
 *
 *   - reap: a process that loses its parent becomes a child of PID 1, and stays a zombie until PID 1 waits for it. In a
 *     shared PID namespace nobody else would, and the Pod would run out of pids.
 *   - end at once when told to: the kernel gives PID 1 no default action for a signal, so a PID 1 that doesn't care
 *     about SIGTERM makes each Pod's end last until Docker's SIGKILL.
 *
 * It is run from an image that holds nothing else, so it is static; and it needs a few system calls and no C library, so
 * it talks to the kernel itself and stays at a few KB (the image is made in memory for each Docker that has none).
 *
 *   pause             what is said above
 *   pause dial PORT   a connection to a port of the Pod's, see dial.c
 *   pause -v          prints its version
 *
 * Build: hack/build-pause.sh. The binaries beside this file are committed, because most machines that run the agent
 * have no compiler.
 */

#define VERSION "minikubelet pause 2\n"

#include "kernel.h"

enum { WNOHANG = 1 };

int dial(int count, char **words);

static int equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/*
 * Waits for signals instead of handling them: the three that matter are blocked, so the kernel keeps them for us (also
 * for PID 1, whose unblocked and unhandled signals it drops), and none can arrive between a look and a wait.
 */
static int hold(void) {
  const word signals = bit(SIGINT) | bit(SIGTERM) | bit(SIGCHLD);
  if (block(signals)) return print(STDERR, "pause: cannot block signals\n"), 1;

  for (;;) {
    long signal = call(SYS_rt_sigtimedwait, (word)&signals, 0, 0, sizeof signals);
    if (signal == SIGTERM || signal == SIGINT) return 0;
    /* SIGCHLDs that come close together are delivered as one: take every child there is. After EINTR (a debugger
     * stopped us, say) there may be none, which is as good. */
    while (call(SYS_wait4, -1ul, 0, WNOHANG, 0) > 0) continue;
  }
}

static int version(void) {
  print(STDOUT, VERSION);
  return 0;
}

/* One verb for each thing that can be asked of this binary; without any it holds the sandbox. */
static int run(int count, char **words) {
  if (count < 2) return hold();
  if (equal(words[1], "-v")) return version();
  if (equal(words[1], "dial")) return dial(count, words);
  print(STDERR, "pause: unknown argument; usage: pause [-v | dial PORT [NAMESPACE]]\n");
  return 2;
}

/* The kernel starts a process with the argument count and the arguments on the stack and no return address. */
__attribute__((used)) static void begin(word *stack) {
  int code = run((int)stack[0], (char **)(stack + 1));
  for (;;) call(SYS_exit_group, code, 0, 0, 0);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#else
__asm__(".globl _start\n_start: mov x29, xzr\n mov x0, sp\n bl begin\n");
#endif
