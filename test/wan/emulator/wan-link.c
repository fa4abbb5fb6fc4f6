/*
 * wan-link - a user-space WAN emulator between two network namespaces.
 *
 * It creates one TUN device in each of two namespaces and forwards raw IP
 * packets between them, so it needs neither the netem qdisc nor a bridge: only
 * /dev/net/tun and root. Nothing leaves the two namespaces.
 *
 * The model, for each direction on its own:
 *
 *   TUN read -> [filters: block-udp, mtu] -> droptail queue of `queue` bytes
 *            -> serialised at `rate` -> random loss (a lost packet has used up
 *               link time, as on a real path) -> delay + jitter -> TUN write
 *
 * The queue is virtual: `busy_until` is when the link will have sent all it
 * accepted, so (busy_until - now) * rate is the backlog. Packets on their way
 * lie in a binary heap ordered by delivery time.
 *
 * Every number may be given as one value, or as two: LEFT>RIGHT,RIGHT>LEFT.
 *   --left NS --right NS  names under /run/netns (both needed)
 *   --delay MS            one-way delay (default 10)
 *   --jitter MS           extra delay, uniform in 0..MS (default 0)
 *   --reorder             let jitter change the order (default: order kept)
 *   --loss PCT            random loss in per cent (default 0)
 *   --burst N             mean number of packets lost in a row (default 1 =
 *                         independent losses; more: Gilbert model, same PCT)
 *   --dup PCT             packets delivered twice, in per cent (default 0)
 *   --rate MBIT           link rate in Mbit/s of IP bytes (default 100)
 *   --queue BYTES         droptail limit (default: one bandwidth-delay product
 *                         of the round trip, at least 64 KiB)
 *   --max-size BYTES      drop IP packets above this silently, as a path with a
 *                         broken path-MTU discovery does (default 0 = off)
 *   --block-udp           drop all UDP, as some firewalls do (0, 1 or 0,1)
 *   --udp-rate MBIT       police UDP to this rate, as some providers do (0=off)
 *   --seed N              seed of the random numbers (default 1)
 *   --max-seconds S       stop by itself after this time (default 3600)
 *   --max-gbytes G        ... or after this much traffic (default 64)
 * SIGUSR1 prints the counters; SIGTERM and SIGINT print them and end it. Each
 * line on stdout is one JSON object for one direction.
 *
 * Build: gcc -O2 -Wall -o wan-link wan-link.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

typedef struct { int64_t at; uint64_t no; int len; uint8_t *data; } Pkt;

typedef struct {
	const char *name;
	int in, out;                    /* TUN read from, TUN written to */
	double delay, jitter, loss, burst, dup, rate, queue, maxsize, blockudp, udprate;
	uint64_t rng;
	int losing;                     /* Gilbert model: in the losing state */
	int64_t busy_until, last_at;    /* ns */
	double udptok; int64_t udptok_at;
	Pkt *heap; int n, cap; uint64_t no;
	uint64_t pk_in, by_in, pk_out, by_out, d_loss, d_queue, d_filter, d_police, dups, q_max, w_err;
} Dir;

static Dir dir[2];
static int reorder;
static volatile sig_atomic_t stop, show;

static void on_signal(int s) { if (s == SIGUSR1) show = 1; else stop = 1; }
static void die(const char *what) { fprintf(stderr, "wan-link: %s: %s\n", what, strerror(errno)); exit(1); }

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* splitmix64, as a double in [0,1); one stream a direction, so that what one
 * direction carries does not change the losses of the other. */
static double rnd(Dir *d)
{
	uint64_t z = (d->rng += 0x9e3779b97f4a7c15ULL);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static int is_lost(Dir *d)
{
	if (d->loss <= 0) return 0;
	if (d->burst <= 1) return rnd(d) < d->loss;
	if (d->losing) d->losing = rnd(d) >= 1 / d->burst;
	else d->losing = rnd(d) < d->loss / (d->burst * (1 - d->loss));
	return d->losing;
}

static int before(const Pkt *a, const Pkt *b) { return a->at != b->at ? a->at < b->at : a->no < b->no; }

static void heap_push(Dir *d, int64_t at, const uint8_t *data, int len)
{
	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 4096;
		if (!(d->heap = realloc(d->heap, d->cap * sizeof(Pkt)))) die("realloc");
	}
	Pkt p = { at, d->no++, len, malloc(len) };
	if (!p.data) die("malloc");
	memcpy(p.data, data, len);
	int i = d->n++;
	for (; i > 0 && before(&p, &d->heap[(i - 1) / 2]); i = (i - 1) / 2) d->heap[i] = d->heap[(i - 1) / 2];
	d->heap[i] = p;
}

static Pkt heap_pop(Dir *d)
{
	Pkt top = d->heap[0], last = d->heap[--d->n];
	int i = 0, c;
	while ((c = 2 * i + 1) < d->n) {
		if (c + 1 < d->n && before(&d->heap[c + 1], &d->heap[c])) c++;
		if (!before(&d->heap[c], &last)) break;
		d->heap[i] = d->heap[c];
		i = c;
	}
	d->heap[i] = last;
	return top;
}

static int is_udp(const uint8_t *p, int len)
{
	return (len > 9 && p[0] >> 4 == 4 && p[9] == 17) || (len > 6 && p[0] >> 4 == 6 && p[6] == 17);
}

/* One packet has come in: let it pass the filters, the queue, the link and the loss. */
static void accept_packet(Dir *d, const uint8_t *p, int len, int64_t now)
{
	d->pk_in++; d->by_in += len;
	if ((d->maxsize > 0 && len > d->maxsize) || (d->blockudp > 0 && is_udp(p, len))) { d->d_filter++; return; }
	if (d->udprate > 0 && is_udp(p, len)) {         /* token bucket of 50 ms, no queue */
		double depth = d->udprate * 1e6 / 8 * 0.05;
		d->udptok += (now - d->udptok_at) / 1e9 * d->udprate * 1e6 / 8;
		if (d->udptok > depth) d->udptok = depth;
		d->udptok_at = now;
		if (d->udptok < len) { d->d_police++; return; }
		d->udptok -= len;
	}
	double byte_ns = 8000.0 / d->rate;              /* ns a byte at rate Mbit/s */
	int64_t start = d->busy_until > now ? d->busy_until : now;
	double backlog = (start - now) / byte_ns;
	if (backlog + len > d->queue) { d->d_queue++; return; }
	if (backlog + len > d->q_max) d->q_max = backlog + len;
	d->busy_until = start + (int64_t)(len * byte_ns);
	if (is_lost(d)) { d->d_loss++; return; }
	int64_t at = d->busy_until + (int64_t)((d->delay + (d->jitter > 0 ? rnd(d) * d->jitter : 0)) * 1e6);
	if (!reorder && at < d->last_at) at = d->last_at;
	d->last_at = at;
	heap_push(d, at, p, len);
	if (d->dup > 0 && rnd(d) < d->dup) { d->dups++; heap_push(d, at, p, len); }
}

static void deliver_due(Dir *d, int64_t now)
{
	while (d->n && d->heap[0].at <= now) {
		Pkt p = heap_pop(d);
		if (write(d->out, p.data, p.len) == p.len) { d->pk_out++; d->by_out += p.len; } else d->w_err++;
		free(p.data);
	}
}

static void print_counters(void)
{
	for (int i = 0; i < 2; i++) {
		Dir *d = &dir[i];
		printf("{\"dir\":\"%s\",\"packetsIn\":%lu,\"bytesIn\":%lu,\"packetsOut\":%lu,\"bytesOut\":%lu,"
		       "\"lost\":%lu,\"queueDrops\":%lu,\"filtered\":%lu,\"policed\":%lu,\"duplicated\":%lu,"
		       "\"maxQueueBytes\":%lu,\"inFlight\":%d,\"writeErrors\":%lu}\n",
		       d->name, d->pk_in, d->by_in, d->pk_out, d->by_out, d->d_loss, d->d_queue, d->d_filter,
		       d->d_police, d->dups, d->q_max, d->n, d->w_err);
	}
	fflush(stdout);
}

/* Creates (and thereby opens) the TUN device `dev` inside the namespace `ns`. */
static int open_tun(const char *ns, const char *dev)
{
	char path[256];
	snprintf(path, sizeof path, "/run/netns/%s", ns);
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), nsfd = open(path, O_RDONLY | O_CLOEXEC), fd;
	if (home < 0 || nsfd < 0 || setns(nsfd, CLONE_NEWNET) < 0) die(path);
	/* a TUN belongs to the namespace in which it is opened */
	if ((fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0) die("/dev/net/tun");
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };  /* no offloads: packets stay MTU-sized */
	strncpy(r.ifr_name, dev, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &r) < 0) die("TUNSETIFF");
	if (setns(home, CLONE_NEWNET) < 0) die("setns back");
	close(nsfd); close(home);
	return fd;
}

static void pair(const char *v, double *a, double *b, double scale)
{
	char *e;
	*a = *b = strtod(v, &e) * scale;
	if (*e == ',') *b = strtod(e + 1, &e) * scale;
	if (e == v || *e) { fprintf(stderr, "wan-link: not a number or pair: %s\n", v); exit(2); }
}

int main(int argc, char **argv)
{
	const char *left = NULL, *right = NULL, *dev = "wan0";
	double max_s = 3600, max_gb = 64, seed = 1, unused;
	Dir *a = &dir[0], *b = &dir[1];
	a->name = "left>right"; b->name = "right>left";
	a->rate = b->rate = 100; a->delay = b->delay = 10; a->burst = b->burst = 1; a->queue = b->queue = -1;
	for (int i = 1; i < argc; i++) {
		const char *o = argv[i];
		if (!strcmp(o, "--reorder")) { reorder = 1; continue; }
		if (i + 1 >= argc) { fprintf(stderr, "wan-link: no value for, or unknown: %s\n", o); return 2; }
		const char *v = argv[++i];
		if (!strcmp(o, "--left")) left = v;
		else if (!strcmp(o, "--right")) right = v;
		else if (!strcmp(o, "--delay")) pair(v, &a->delay, &b->delay, 1);
		else if (!strcmp(o, "--jitter")) pair(v, &a->jitter, &b->jitter, 1);
		else if (!strcmp(o, "--loss")) pair(v, &a->loss, &b->loss, 0.01);
		else if (!strcmp(o, "--burst")) pair(v, &a->burst, &b->burst, 1);
		else if (!strcmp(o, "--dup")) pair(v, &a->dup, &b->dup, 0.01);
		else if (!strcmp(o, "--rate")) pair(v, &a->rate, &b->rate, 1);
		else if (!strcmp(o, "--queue")) pair(v, &a->queue, &b->queue, 1);
		else if (!strcmp(o, "--max-size")) pair(v, &a->maxsize, &b->maxsize, 1);
		else if (!strcmp(o, "--block-udp")) pair(v, &a->blockudp, &b->blockudp, 1);
		else if (!strcmp(o, "--udp-rate")) pair(v, &a->udprate, &b->udprate, 1);
		else if (!strcmp(o, "--seed")) pair(v, &seed, &unused, 1);
		else if (!strcmp(o, "--max-seconds")) pair(v, &max_s, &unused, 1);
		else if (!strcmp(o, "--max-gbytes")) pair(v, &max_gb, &unused, 1);
		else { fprintf(stderr, "wan-link: unknown option: %s\n", o); return 2; }
	}
	if (!left || !right) { fprintf(stderr, "wan-link: --left NS and --right NS are needed\n"); return 2; }
	int l = open_tun(left, dev), r = open_tun(right, dev);
	a->in = l; a->out = r; b->in = r; b->out = l;
	for (int i = 0; i < 2; i++) {
		Dir *d = &dir[i];
		d->rng = (uint64_t)seed * 2 + i;
		if (d->queue < 0) d->queue = d->rate * 1e6 / 8 * (a->delay + b->delay) / 1e3;
		if (d->queue < 65536) d->queue = 65536;
	}
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGTERM, &sa, NULL); sigaction(SIGINT, &sa, NULL); sigaction(SIGUSR1, &sa, NULL);
	prctl(PR_SET_TIMERSLACK, 1000);                 /* 1 us instead of 50 us */
	/* Before all ordinary processes, so that a busy machine does not stall the link:
	 * what waits in the TUN meanwhile would come in as one burst and overflow the queue. */
	struct sched_param prio = { .sched_priority = 1 };
	if (sched_setscheduler(0, SCHED_FIFO, &prio) < 0) perror("wan-link: no real-time priority");
	fprintf(stderr, "wan-link: ready\n");
	int64_t end = now_ns() + (int64_t)(max_s * 1e9);
	static uint8_t buf[65536];
	while (!stop) {
		int64_t now = now_ns(), next = end;
		if (now >= end || a->by_in + b->by_in > max_gb * 1e9) break;
		for (int i = 0; i < 2; i++) {
			Dir *d = &dir[i];
			/* at most 64 packets before deliveries get their turn again */
			for (int k = 0, len; k < 64 && (len = read(d->in, buf, sizeof buf)) > 0; k++)
				accept_packet(d, buf, len, now_ns());
			deliver_due(d, now_ns());
			if (d->n && d->heap[0].at < next) next = d->heap[0].at;
		}
		if (show) { show = 0; print_counters(); }
		struct pollfd p[2] = { { .fd = l, .events = POLLIN }, { .fd = r, .events = POLLIN } };
		int64_t wait = next - now_ns();
		if (wait < 0) wait = 0;
		struct timespec ts = { wait / 1000000000, wait % 1000000000 };
		if (ppoll(p, 2, &ts, NULL) < 0 && errno != EINTR) die("ppoll");
	}
	print_counters();
	return 0;
}
