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
 * It is run from an image that holds nothing else, so it is static; and it needs ten system calls and no C library, so
 * it talks to the kernel itself and stays at a few KB (the image is made in memory for each Docker that has none).
 *
 *   pause        what is said above
 *   pause -v     prints its version
 *
 * Build: hack/build-pause.sh. The binaries beside this file are committed, because most machines that run the agent
 * have no compiler.
 */

#define VERSION "minikubelet pause 1\n"

typedef unsigned long word;

/* The kernel's numbers and values, for the few things used here (asm/unistd.h isn't there without a C library). */
#if defined(__x86_64__)
enum { SYS_write = 1, SYS_rt_sigprocmask = 14, SYS_wait4 = 61, SYS_rt_sigtimedwait = 128, SYS_exit_group = 231 };
#elif defined(__aarch64__)
enum { SYS_write = 64, SYS_rt_sigprocmask = 135, SYS_wait4 = 260, SYS_rt_sigtimedwait = 137, SYS_exit_group = 94 };
#else
#error "no system call numbers for this processor: add them here"
#endif
enum { SIGINT = 2, SIGTERM = 15, SIGCHLD = 17, SIG_BLOCK = 0, WNOHANG = 1, STDOUT = 1, STDERR = 2 };

/* A system call with four arguments; what is not needed is 0. Returns the kernel's answer: -errno when it failed. */
static long call(long number, word a, word b, word c, word d) {
#if defined(__x86_64__)
  long answer;
  register word r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(answer)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return answer;
#else
  register word x8 __asm__("x8") = (word)number;
  register word x0 __asm__("x0") = a;
  register word x1 __asm__("x1") = b;
  register word x2 __asm__("x2") = c;
  register word x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return (long)x0;
#endif
}

static void print(int where, const char *text) {
  word length = 0;
  while (text[length]) length++;
  call(SYS_write, where, (word)text, length, 0);
}

static int equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/*
 * Waits for signals instead of handling them: the three that matter are blocked, so the kernel keeps them for us (also
 * for PID 1, whose unblocked and unhandled signals it drops), and none can arrive between a look and a wait.
 */
static int hold(void) {
  const word signals = 1ul << (SIGINT - 1) | 1ul << (SIGTERM - 1) | 1ul << (SIGCHLD - 1);
  long failed = call(SYS_rt_sigprocmask, SIG_BLOCK, (word)&signals, 0, sizeof signals);
  if (failed) return print(STDERR, "pause: cannot block signals\n"), 1;

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
  print(STDERR, "pause: unknown argument; usage: pause [-v]\n");
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
